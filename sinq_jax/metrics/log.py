"""``metrics.jsonl``: one JSON object per line, with ``round``, ``step``, ``wall_s`` and metrics."""

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, SupportsFloat

from sinq_jax.errors import SinqError

Row = dict[str, Any]
"""``round`` and ``step`` (int), ``wall_s`` (seconds since the run began), then ``group/name``
numbers; None is a number that was not finite."""

FILE_NAME = "metrics.jsonl"
TIMING_GROUP = "time/"
_NAME = re.compile(r"[a-z][a-z0-9_]*(/[a-z0-9][a-z0-9_.]*)+")


class MetricsError(SinqError):
    """The metrics cannot be read or written; one line that says where, why and what to do."""


def read_metrics(path: str | Path) -> list[Row]:
    """Return the rows of a metrics file, or of the one in a workdir, in order.

    A last line that a killed run left half-written is no row. Raises MetricsError for a file that
    cannot be read and for a damaged line before the last.
    """
    path = Path(path)
    return [row for row, _ in rows_with_ends(path / FILE_NAME if path.is_dir() else path)]


def deterministic_view(path: str | Path) -> list[Row]:
    """Return the rows without all that is measured in time: equal for resumed and undisturbed runs.

    Rows that held nothing else stay, with their round and step. Raises as `read_metrics` does.
    """
    return [
        {key: value for key, value in row.items() if not is_timing(key)}
        for row in read_metrics(path)
    ]


def is_timing(key: str) -> bool:
    """Return whether a key of a row tells a time, a speed or a share of time."""
    return key == "wall_s" or key.startswith(TIMING_GROUP)


def rows_with_ends(path: Path) -> list[tuple[Row, int]]:
    """Return each complete row with the offset in bytes where its line ends."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MetricsError(
            f"{path}: expected a readable file, got {error.strerror}; play a run first"
        ) from error
    rows, end = [], 0
    for number, line in enumerate(content.splitlines(keepends=True), start=1):
        end += len(line)
        row = _parse(line)
        if row is None and end < len(content):
            raise MetricsError(
                f"{path}:{number}: expected a JSON object with round, step and wall_s, "
                f"got {line[:60]!r}; restore the file or remove this line"
            )
        if row is not None:
            rows.append((row, end))
    return rows


def format_row(
    position: tuple[int, int], wall_s: float, values: Mapping[str, SupportsFloat]
) -> Row:
    """Return the row of a (round, step), with plain Python numbers; None for NaN and infinities.

    Raises ValueError for a name that is not of the form ``group/name``.
    """
    row: Row = {"round": position[0], "step": position[1], "wall_s": round(wall_s, 3)}
    for name, value in values.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"metric: expected a name like evaluator/solve_rate, got {name!r}")
        row[name] = _number(value)
    return row


def _number(value: SupportsFloat) -> int | float | None:
    number = float(value)
    if not math.isfinite(number):
        return None
    return int(value) if isinstance(value, int) else number


def _parse(line: bytes) -> Row | None:
    """Return the row of a line, None where the line is not whole."""
    if not line.endswith(b"\n"):
        return None
    try:
        row = json.loads(line)
    except ValueError:
        return None
    whole = isinstance(row, dict) and {"round", "step", "wall_s"} <= row.keys()
    return row if whole else None
