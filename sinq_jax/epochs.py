"""Endless batches of what there is to learn from, pass after pass in fresh orders."""

from collections.abc import Iterator, Sequence
from itertools import count, islice

import jax
import numpy as np

from sinq_jax.learning.packing import PackedBatch, Row, pack, packed_batch
from sinq_jax.learning.preferences import PreferenceBatch
from sinq_jax.randomness import host_generator


def packed_batches(
    texts: Sequence[Row], rows: int, room: int, seed: int, purpose: str, start: int = 0
) -> Iterator[PackedBatch]:
    """Batch ``start`` and all that follow, each ``[rows, room]``. (seed, purpose) draw the order of
    each pass over all ``texts``, of which there must be one; a batch may end one pass and begin the
    next.
    """
    stream = islice(_packed_passes(texts, room, seed, purpose), start * rows, None)
    while True:
        yield packed_batch(list(islice(stream, rows)), rows, room)


def _packed_passes(texts: Sequence[Row], room: int, seed: int, purpose: str) -> Iterator[list[Row]]:
    for epoch in count():
        order = host_generator(seed, purpose, epoch).permutation(len(texts)).tolist()
        for places in pack([len(texts[each].tokens) for each in order], room):
            yield [texts[order[place]] for place in places]


def preference_batches(
    pairs: PreferenceBatch, rows: int, seed: int, purpose: str, start: int = 0
) -> Iterator[PreferenceBatch]:
    """Batch ``start`` and all that follow, each of ``rows`` of the ``pairs``, likewise."""
    stream = islice(_passes(len(pairs.reference), seed, purpose), start * rows, None)
    while True:
        chosen = np.array(list(islice(stream, rows)))
        yield jax.tree.map(lambda leaf, chosen=chosen: leaf[chosen], pairs)


def _passes(size: int, seed: int, purpose: str) -> Iterator[int]:
    for epoch in count():
        yield from host_generator(seed, purpose, epoch).permutation(size).tolist()
