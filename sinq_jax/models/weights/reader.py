"""Boxes of tensors out of files, and nothing around them."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from math import prod
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sinq_jax.models.weights.errors import WeightsError
from sinq_jax.models.weights.header import COPY_AGAIN, Stored

Box = tuple[tuple[int, int], ...]
"""(first, count) along each axis."""
PAGE = 4096
"""Bytes. The system reads whole pages, so shorter pieces cost calls and spare the disk nothing."""


class Reader:
    """Reads parts of tensors; a context manager that keeps their files open.

    It reads by position and does not map files: pages of a mapped file count as memory of the
    process, and a file cut short under it would end the process instead of raising.

    What was read is kept until ``forget``, for devices that hold the same part, or parts of the
    same pages. ``bytes_read`` counts what came from the files.
    """

    def __init__(self) -> None:
        self.bytes_read = 0
        self._stack = ExitStack()
        self._open: dict[Path, int] = {}
        self._kept: dict[tuple[str, Box], NDArray[Any]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def read(self, tensor: Stored, shape: Sequence[int], box: Box) -> NDArray[Any]:
        """The box of ``tensor`` seen as ``shape`` (its axes may be split), in the file's dtype.

        May be a view of more than was asked, and is not to be written to. Raises WeightsError when
        the file ends early.
        """
        key = (tensor.name, box)
        if key not in self._kept:
            self._kept[key] = self._read(tensor, shape, box)
        return self._kept[key]

    def forget(self) -> None:
        """Drop what was read, as far as nobody else holds it."""
        self._kept.clear()

    def _read(self, tensor: Stored, shape: Sequence[int], box: Box) -> NDArray[Any]:
        split = _first_split(shape, box)
        run = tensor.dtype.itemsize * prod(count for _, count in box[split:])
        if run < PAGE and prod(count for _, count in box[:split]) > 1:
            first, count = box[split]
            wide = self.read(tensor, shape, (*box[:split], (0, shape[split]), *box[split + 1 :]))
            return wide[(slice(None),) * split + (slice(first, first + count),)]
        result = np.empty([count for _, count in box], tensor.dtype)
        rows = result.reshape(-1, run // tensor.dtype.itemsize).view(np.uint8)
        for row, offset in zip(rows, _offsets(tensor, shape, box[: split + 1]), strict=True):
            self._fill(tensor, row, offset)
        return result

    def _fill(self, tensor: Stored, row: NDArray[np.uint8], offset: int) -> None:
        done = 0
        while done < len(row):  # one call reads 2 GiB at most
            count = os.preadv(self._descriptor(tensor.path), [row[done:].data], offset + done)
            if not count:
                raise WeightsError(
                    f"{tensor.name} in {tensor.path}: expected its {tensor.nbytes} bytes, got the "
                    f"end of the file; it was cut while it was read: {COPY_AGAIN}"
                )
            done += count
        self.bytes_read += done

    def _descriptor(self, path: Path) -> int:
        if path not in self._open:
            self._open[path] = os.open(path, os.O_RDONLY)
            self._stack.callback(os.close, self._open[path])
        return self._open[path]


def _first_split(shape: Sequence[int], box: Box) -> int:
    """The last axis of which the box has a part; from it on, the box is one run in the file."""
    parts = [i for i, (_, count) in enumerate(box) if count != shape[i]]
    return parts[-1] if parts else 0


def _offsets(tensor: Stored, shape: Sequence[int], box: Box) -> list[int]:
    """Where each run begins, in bytes; ``box`` ends with the axis along which a run begins."""
    starts = np.array([tensor.offset])
    for axis, (first, count) in enumerate(box):
        stride = tensor.dtype.itemsize * prod(shape[axis + 1 :])
        places = [first] if axis == len(box) - 1 else range(first, first + count)
        starts = (starts[:, None] + stride * np.asarray(places)).ravel()
    return [int(start) for start in starts]
