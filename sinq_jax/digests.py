"""Digests of arrays that no process needs to hold whole: however they are split, they are the same.

A hash that reads bytes in order, such as SHA-256, needs the whole array in one place. Here every
element is mixed with its position, and the results are added, so that each process adds what it
holds, and the sums of all processes are added in turn. The mixing is SplitMix64 (Steele, Lea and
Flood 2014, "Fast splittable pseudorandom number generators", figure 17). For a position it maps
different values to different numbers, so one wrong element is always noticed; any other damage
goes unseen once in 2**64. It is no protection against someone who means to deceive.
"""

from collections.abc import Sequence

import jax
import numpy as np
from numpy.typing import NDArray

CHUNK = 1 << 15
"""Elements that are mixed at a time: few enough to stay in a core's cache."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def part_of(array: jax.Array) -> int:
    """What this process adds to the digest of an array, of which every element counts once however
    many devices hold it.
    """
    return sum(
        _summed(np.asarray(shard.data), [_start(part) for part in shard.index], array.shape)
        for shard in array.addressable_shards
        if shard.replica_id == 0
    )


def digest(parts: Sequence[int]) -> str:
    """The digest of an array, 16 hexadecimal digits, from what each process adds."""
    return f"{sum(parts) % 2**64:016x}"


def _start(part: slice) -> int:
    return part.start or 0


def _summed(values: NDArray[np.generic], start: Sequence[int], whole: Sequence[int]) -> int:
    """The sum over ``values``, the part of an array of shape ``whole`` that begins at ``start``."""
    if not values.size:
        return 0
    width = values.shape[-1] if values.ndim else 1
    bits = values.reshape(-1, width).view(f"u{values.dtype.itemsize}")
    rows, columns = _positions(values.shape, start, whole)
    tall = max(1, CHUNK // max(1, width))
    chunks = (
        (slice(row, row + tall), slice(column, column + CHUNK))
        for row in range(0, len(bits), tall)
        for column in range(0, width, CHUNK)
    )
    return sum(
        int(_mixed(bits[down, across], rows[down, None] + columns[across]).sum())
        for down, across in chunks
    )


def _positions(
    shape: Sequence[int], start: Sequence[int], whole: Sequence[int]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Where the rows of a part begin in the whole array, which is counted from 1 in C order, and
    how far the elements of a row lie from there.
    """
    rows, columns = np.ones(1, np.uint64), np.zeros(1, np.uint64)
    for axis, (size, begin) in enumerate(zip(shape, start, strict=True)):
        stride = int(np.prod(whole[axis + 1 :], dtype=np.uint64))
        steps = np.arange(begin, begin + size, dtype=np.uint64) * np.uint64(stride)
        if axis == len(shape) - 1:
            columns = steps
        else:
            rows = (rows[:, None] + steps).ravel()
    return rows, columns


def _mixed(bits: NDArray[np.generic], positions: NDArray[np.uint64]) -> NDArray[np.uint64]:
    z = bits.astype(np.uint64) + positions * _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    mixed: NDArray[np.uint64] = z ^ (z >> np.uint64(31))
    return mixed
