"""Several texts in one sequence of fixed length: little padding, and no text sees another.

A packed sequence is a tree without a trunk: its segments count from 1, so that ``tree_mask``, for
which segment 0 is the prompt that all see, keeps each to itself. Positions begin anew.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sinq_jax.learning.layout import Array

OPEN = 64
"""Sequences that are looked at for room; the fullest is closed when another one is begun."""


class Row(NamedTuple):
    """One text to learn from: int32 ``tokens`` ``[seq]``, and float32 ``weights`` ``[seq]`` that
    the log-probability of each is multiplied with. The first weight counts as 0: nothing comes
    before that token.
    """

    tokens: NDArray[np.int32]
    weights: NDArray[np.float32]


class PackedBatch(NamedTuple):
    """Packed texts, all ``[batch, seq]``: int32 ``tokens``, ``positions`` (from 0 in each segment)
    and ``segments`` (1 and more; -1: padding), float32 ``weight``, 0 at the first token of each
    segment and in padding.
    """

    tokens: Array
    positions: Array
    segments: Array
    weight: Array


def pack(lengths: Sequence[int], room: int) -> list[list[int]]:
    """Which texts share a sequence of ``room`` tokens: their places, each once.

    First fit among the sequences that are open, in the given order: the same lengths give the same
    packing. Raises ``ValueError`` for a text of no tokens or of more than ``room``.
    """
    packed: list[list[int]] = []
    left: dict[int, int] = {}
    for place, length in enumerate(lengths):
        if not 0 < length <= room:
            raise ValueError(f"text {place}: expected 1 to {room} tokens, got {length}")
        found = next((each for each, space in left.items() if space >= length), None)
        if found is None:
            if len(left) == OPEN:
                del left[min(left, key=left.__getitem__)]
            found = len(packed)
            packed.append([])
            left[found] = room
        packed[found].append(place)
        left[found] -= length
    return packed


def packed_batch(sequences: Sequence[Sequence[Row]], rows: int, room: int) -> PackedBatch:
    """At most ``rows`` sequences, each of the texts that ``pack`` put together, as int32 and
    float32 ``[rows, room]`` in host memory; sequences that are not there are padding.
    """
    tokens, positions = np.zeros((2, rows, room), np.int32)
    segments = np.full((rows, room), -1, np.int32)
    weight = np.zeros((rows, room), np.float32)
    for row, texts in enumerate(sequences):
        start = 0
        for number, text in enumerate(texts, 1):
            here = slice(start, start + len(text.tokens))
            tokens[row, here] = text.tokens
            positions[row, here] = np.arange(len(text.tokens))
            segments[row, here] = number
            weight[row, here] = text.weights
            weight[row, start] = 0.0
            start = here.stop
    return PackedBatch(tokens, positions, segments, weight)
