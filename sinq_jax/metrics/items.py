"""``held_out.jsonl``: which held-out pairs were solved at each measurement, for paired tests.

The first line names the exam; each other line is one measurement with a count for each pair.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from sinq_jax.metrics.log import MetricsError

FILE_NAME = "held_out.jsonl"

T = TypeVar("T")


@dataclass(frozen=True)
class Exam:
    """The held-out pairs of a run: ``digest`` is equal for equal pairs in the same order,
    ``programs`` has the name of each pair's original, ``samples`` counts the answers to a pair.
    """

    digest: str
    programs: tuple[str, ...]
    samples: int


@dataclass(frozen=True)
class Items:
    """One measurement after ``step`` in ``round``: of each pair how many of the sampled answers
    diverge, and how many (0 or 1) of the greedy ones.
    """

    round: int
    step: int
    sampled: tuple[int, ...]
    greedy: tuple[int, ...]


class ItemLog:
    """Appends measurements to ``held_out.jsonl`` in a workdir; each is on disk when `write`
    returns. Every method raises MetricsError when the disk refuses or the file is damaged.
    """

    def __init__(self, workdir: str | Path) -> None:
        self._path = Path(workdir) / FILE_NAME

    def write(self, exam: Exam, items: Items) -> None:
        """Append a measurement; MetricsError when the file holds another exam."""
        before = read_items(self._path) if self._path.exists() else None
        if before is not None and before[0] != exam:
            raise MetricsError(
                f"{self._path}: expected the held-out pairs of this run, got others; remove the "
                "file or choose another --workdir"
            )
        with self._refusals():
            if before is None:
                self._replace(exam, [])
            with open(self._path, "ab") as file:
                file.write(_line(items))
                file.flush()
                os.fsync(file.fileno())

    def truncate_after(self, number: int, step: int) -> None:
        """Drop the measurements later than this (round, step), as a resume needs."""
        if self._path.exists():
            exam, rows = read_items(self._path)
            kept = [each for each in rows if (each.round, each.step) <= (number, step)]
            with self._refusals():
                self._replace(exam, kept)

    def _replace(self, exam: Exam, rows: Sequence[Items]) -> None:
        """The file with these rows, in one step."""
        draft = self._path.with_suffix(".part")
        with open(draft, "wb") as file:
            file.writelines([_line(exam), *map(_line, rows)])
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise MetricsError(
                f"{self._path}: cannot be written ({error.strerror}); free the disk or mend its "
                "permissions and run the same command again"
            ) from error


def read_items(path: str | Path) -> tuple[Exam, list[Items]]:
    """Return the exam and the measurements, in order, of the file or of the one in a workdir.

    A last line that a killed run left half-written is no measurement. Raises MetricsError for a
    file that cannot be read or is damaged.
    """
    path = Path(path)
    path = path / FILE_NAME if path.is_dir() else path
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise MetricsError(
            f"{path}: expected a readable file, got {error.strerror}; play the run with a version "
            "that keeps it"
        ) from error
    whole = [line for line in lines if line.endswith(b"\n")]
    try:
        exam = _built(Exam, json.loads(whole[0]))
        return exam, [_built(Items, json.loads(line)) for line in whole[1:]]
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise MetricsError(
            f"{path}: expected an exam and its measurements, got something else "
            f"({type(error).__name__}); restore the file"
        ) from error


def _line(record: Exam | Items) -> bytes:
    return json.dumps(asdict(record), separators=(",", ":")).encode() + b"\n"


def _built(kind: Callable[..., T], fields: dict[str, Any]) -> T:
    return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()})
