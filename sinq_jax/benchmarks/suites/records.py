"""What is kept of each item: one JSON line with all that its figures are computed from."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox import Judge
from sinq_jax.benchmarks.suites.data_file import DataFile
from sinq_jax.benchmarks.suites.face import Generative, Likelihood, Mark, T
from sinq_jax.errors import SinqError
from sinq_jax.game.records import Completion
from sinq_jax.whole_file import write_whole


class RecordError(SinqError, ValueError):
    """Records that cannot be read, or not be counted together; the message is one line."""


@dataclass(frozen=True)
class Record:
    """One item with what a model made of it.

    ``data`` is the checksum of the file that the item is from. A generative item has
    ``completions`` with a mark each, and ``expected`` where there is one right answer; a likelihood
    item has ``logprobs`` (nats) and ``tokens`` of each continuation, and the index ``right``.
    ``seen`` says whether the item was found in the training data; None: nobody looked. ``part`` is
    the split of another data set that the item is from, where that matters (MBPP's, of MBPP+); None
    elsewhere. ``notes["cut"]`` tells how many tokens were cut off the left of the prompt, because
    the model's window is shorter; none where it is missing.
    """

    benchmark: str
    measure: str
    item: str
    data: str
    completions: tuple[Completion, ...] = ()
    marks: tuple[Mark, ...] = ()
    expected: str | None = None
    logprobs: tuple[float, ...] = ()
    tokens: tuple[int, ...] = ()
    right: int = 0
    seen: bool | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)
    part: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        plain = {"benchmark": self.benchmark, "measure": self.measure, "item": self.item}
        kept: dict[str, Any] = {**plain, "data": self.data, "seen": self.seen}
        kept |= {} if self.part is None else {"part": self.part}
        if self.measure == "likelihood":
            kept |= {"logprobs": [*self.logprobs], "tokens": [*self.tokens], "right": self.right}
        else:
            kept["expected"] = self.expected
            kept["completions"] = [vars(each) for each in self.completions]
            kept["marks"] = [{**vars(each), "also": dict(each.also)} for each in self.marks]
        return {**kept, "notes": dict(self.notes)} if self.notes else kept


def generated(
    benchmark: Generative[T],
    file: DataFile,
    answered: Sequence[tuple[T, Sequence[Completion]]],
    judge: Judge,
) -> list[Record]:
    """Return the records of items with their completions, marked."""
    asked = [(item, [each.text for each in written]) for item, written in answered]
    marked = benchmark.marks(asked, judge)
    return [
        Record(
            benchmark.name,
            benchmark.measure,
            item.name,
            file.checksum,
            tuple(written),
            tuple(marks),
            benchmark.expected(item),
            part=benchmark.part(item),
        )
        for (item, written), marks in zip(answered, marked, strict=True)
    ]


def compared(
    benchmark: Likelihood[T],
    file: DataFile,
    scored: Sequence[tuple[T, Sequence[tuple[float, int]]]],
) -> list[Record]:
    """Return the records of items with (summed log-probability, tokens) of each continuation."""
    return [
        Record(
            benchmark.name,
            benchmark.measure,
            item.name,
            file.checksum,
            logprobs=tuple(logprob for logprob, _ in scores),
            tokens=tuple(tokens for _, tokens in scores),
            right=benchmark.comparison(item).right,
            part=benchmark.part(item),
        )
        for item, scores in scored
    ]


def write_records(path: str | Path, records: Iterable[Record]) -> None:
    """Write one line per record, the whole file in one step. Raises ``RecordError``."""
    lines = [json.dumps(each.to_json()) + "\n" for each in records]
    try:
        write_whole(Path(path), "".join(lines).encode())
    except OSError as error:
        raise RecordError(
            f"{path}: expected a file to write, got {error.strerror}; choose another one"
        ) from error


def read_records(path: str | Path) -> list[Record]:
    """Return the records of a file, in its order. Raises ``RecordError`` for anything else."""
    try:
        lines = Path(path).read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "bytes that are not UTF-8"
        raise RecordError(
            f"{path}: expected a file of records, got {reason}; check the path"
        ) from error
    found = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(_record(json.loads(line)))
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                raise RecordError(
                    f"{path}:{number}: expected a record of a benchmark, got something else "
                    f"({type(error).__name__}: {error}); restore the file"
                ) from error
    return found


def _record(plain: dict[str, Any]) -> Record:
    return Record(
        plain["benchmark"],
        plain["measure"],
        plain["item"],
        plain["data"],
        tuple(Completion(**each) for each in plain.get("completions", ())),
        tuple(Mark(**each) for each in plain.get("marks", ())),
        plain.get("expected"),
        tuple(plain.get("logprobs", ())),
        tuple(plain.get("tokens", ())),
        plain.get("right", 0),
        plain["seen"],
        plain.get("notes", {}),
        plain.get("part"),
    )
