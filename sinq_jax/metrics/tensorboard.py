"""Scalars as a TensorBoard event file, without tensorflow.

tensorboardX brings the record format and the protocol buffers, and needs only numpy, packaging and
protobuf; tensorboard's own writer would bring a web server along. Its `RecordWriter` is used
directly: its `SummaryWriter` writes from a thread behind a queue, which hides a full disk.
"""

import time
from pathlib import Path

from tensorboardX import RecordWriter  # type: ignore[import-untyped]
from tensorboardX.proto.event_pb2 import Event  # type: ignore[import-untyped]
from tensorboardX.proto.summary_pb2 import Summary  # type: ignore[import-untyped]

from sinq_jax.metrics.log import Row


class EventFile:
    """The only event file of a folder; those that were there before are removed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        for stale in folder.glob("events.out.tfevents.*"):
            stale.unlink()
        now = time.time()
        self._records = RecordWriter(
            str((folder / f"events.out.tfevents.{now:.0f}.run").absolute())
        )
        self._write(Event(wall_time=now, file_version="brain.Event:2"))

    def add(self, row: Row, wall_time: float) -> None:
        """Add the numbers of a row under their names; ``wall_time`` is in seconds since 1970."""
        values = [
            Summary.Value(tag=name, simple_value=value)
            for name, value in row.items()
            if "/" in name and value is not None
        ]
        self._write(Event(wall_time=wall_time, step=row["step"], summary=Summary(value=values)))

    def close(self) -> None:
        """Write all to disk and close the file."""
        self._records.flush()
        self._records.close()

    def _write(self, event: Event) -> None:
        self._records.write(event.SerializeToString())
