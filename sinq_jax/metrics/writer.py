"""Write ``metrics.jsonl`` so that a resumed run goes on in it; keep TensorBoard's copy in step."""

import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self, SupportsFloat

from sinq_jax.metrics.log import FILE_NAME, MetricsError, Row, format_row, rows_with_ends
from sinq_jax.metrics.tensorboard import EventFile


class MetricsWriter:
    """Appends rows to ``metrics.jsonl`` in a workdir; each is on disk when `write` returns.

    Opening takes up where the file ends: a half-written last line is cut off, and ``wall_s`` goes
    on from the last row. ``tensorboard/`` holds the same scalars and is made anew from the rows
    when writing begins, so a resume leaves no stale event behind. ``clock`` tells seconds.
    Every method raises MetricsError when the disk refuses.
    """

    def __init__(self, workdir: str | Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = Path(workdir) / FILE_NAME
        self._tensorboard = Path(workdir) / "tensorboard"
        self._clock = clock
        self._events: EventFile | None = None
        self._last = (-1, 0)
        self._end = 0  # offset in bytes after the last whole row
        self._clock_began = self._began_at = 0.0
        try:
            self._file = open(self._path, "ab", buffering=0)  # noqa: SIM115 (closed by close)
        except OSError as error:
            raise self._refused(error) from error
        self._keep(rows_with_ends(self._path))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close both files; closing twice is fine."""
        self._file.close()
        try:
            self._close_events()
        except OSError as error:
            raise self._refused(error) from error

    def truncate_after(self, number: int, step: int) -> int:
        """Drop the rows later than this (round, step), as a resume needs; return how many.

        ``wall_s`` of later rows goes on from the last row that stays. (-1, 0) drops all rows.
        """
        rows = rows_with_ends(self._path)
        kept = [entry for entry in rows if _position(entry[0]) <= (number, step)]
        self._keep(kept)
        self._close_events()
        return len(rows) - len(kept)

    def write(self, number: int, step: int, values: Mapping[str, SupportsFloat]) -> Row:
        """Append a row of ``group/name`` numbers for (round, step) and return it as it was written.

        NaN and infinities become null. Rows must come in order of (round, step): several may share
        one, none may step back, else ValueError, as for a name that is not ``group/name``.
        """
        if (number, step) < self._last:
            raise ValueError(f"metrics: expected (round, step) >= {self._last}, got {number, step}")
        row = format_row((number, step), self._wall_s(), values)
        try:
            events = self._open_events()
            self._append(json.dumps(row, allow_nan=False).encode() + b"\n")
            events.add(row, self._began_at + row["wall_s"])
        except OSError as error:
            raise self._refused(error) from error
        self._last = (number, step)
        return row

    def _append(self, line: bytes) -> None:
        """Put a whole line on disk, or, when the disk refuses it, nothing of it."""
        try:
            written = self._file.write(line)
            while written < len(line):
                written += self._file.write(line[written:])
            os.fsync(self._file.fileno())
        except OSError:
            self._file.truncate(self._end)
            raise
        self._end += len(line)

    def _keep(self, rows: list[tuple[Row, int]]) -> None:
        """Cut the file after the last of these rows and go on from there."""
        start: Row = {"round": -1, "step": 0, "wall_s": 0.0}
        last, self._end = rows[-1] if rows else (start, 0)
        try:
            self._file.truncate(self._end)
        except OSError as error:
            raise self._refused(error) from error
        self._last = _position(last)
        self._clock_began = self._clock() - last["wall_s"]
        self._began_at = time.time() - last["wall_s"]

    def _wall_s(self) -> float:
        return self._clock() - self._clock_began

    def _open_events(self) -> EventFile:
        if self._events is None:
            self._events = EventFile(self._tensorboard)
            for row, _ in rows_with_ends(self._path):
                self._events.add(row, self._began_at + row["wall_s"])
        return self._events

    def _close_events(self) -> None:
        if self._events is not None:
            self._events.close()
            self._events = None

    def _refused(self, error: OSError) -> MetricsError:
        return MetricsError(
            f"{error.filename or self._path}: cannot be written ({error.strerror}); "
            "free the disk or mend its permissions and run the same command again"
        )


def _position(row: Row) -> tuple[int, int]:
    return row["round"], row["step"]
