"""Claims about passes over data: everything once a pass, and any batch can be gone on from."""

from collections import Counter
from itertools import islice

import jax
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.epochs import packed_batches, preference_batches
from sinq_jax.learning.layout import GroupBatch
from sinq_jax.learning.packing import PackedBatch, Row
from sinq_jax.learning.preferences import PreferenceBatch

ROOM = 12


def texts(lengths: list[int]) -> list[Row]:
    """Each of one token alone, its own."""
    return [
        Row(np.full(length, place, np.int32), np.ones(length, np.float32))
        for place, length in enumerate(lengths)
    ]


def sequences(batches: list[PackedBatch]) -> list[list[int]]:
    """The texts in each sequence that is there, by their tokens."""
    found = []
    for batch in batches:
        for tokens, positions, segments in zip(
            batch.tokens, batch.positions, batch.segments, strict=True
        ):
            found.append(tokens[(positions == 0) & (segments > 0)].tolist())
    return found


@given(st.lists(st.integers(1, ROOM), min_size=1, max_size=15), st.integers(1, 4))
def test_every_pass_has_every_text_once(lengths: list[int], rows: int) -> None:
    stream = packed_batches(texts(lengths), rows, ROOM, 0, "a")
    found = sequences(list(islice(stream, 40)))
    passes, seen = 0, Counter[int]()
    for each in found:
        seen.update(each)
        if len(seen) == len(lengths) and set(seen.values()) == {1}:
            passes, seen = passes + 1, Counter()
        assert max(seen.values(), default=1) == 1
    assert passes >= 1


def test_the_next_pass_has_another_order_and_another_seed_or_purpose_too() -> None:
    rows = texts([5] * 20)

    def drawn(seed: int, purpose: str) -> list[list[int]]:
        return sequences(list(islice(packed_batches(rows, 5, ROOM, seed, purpose), 4)))

    first = drawn(0, "a")
    assert first == drawn(0, "a")
    assert first[:10] != first[10:]
    assert drawn(1, "a") != first != drawn(0, "b")


@given(st.integers(0, 9))
def test_a_stream_can_be_gone_on_from_any_batch(start: int) -> None:
    rows = texts([3, 4, 5, 6, 7, 8, 9])
    whole = list(islice(packed_batches(rows, 2, ROOM, 0, "a"), 12))
    rest = list(islice(packed_batches(rows, 2, ROOM, 0, "a", start), 12 - start))
    jax.tree.map(np.testing.assert_array_equal, whole[start:], rest)


def pairs(size: int) -> PreferenceBatch:
    place = np.arange(size)
    two = np.stack([place, place], axis=1)
    return PreferenceBatch(
        GroupBatch(place[:, None], place, two[..., None], two, two, two[..., None], two),
        two.astype(np.float32),
    )


@given(st.integers(1, 9), st.integers(1, 5), st.integers(0, 6))
def test_pairs_keep_their_reference_and_come_once_a_pass(size: int, rows: int, start: int) -> None:
    stream = preference_batches(pairs(size), rows, 0, "a")
    batches = list(islice(stream, start + 20))
    for batch in batches:
        assert np.array_equal(batch.pairs.prompt_length, batch.reference[:, 0])
    order = np.concatenate([batch.pairs.prompt_length for batch in batches]).tolist()
    for first in range(0, len(order) - size + 1, size):
        assert sorted(order[first : first + size]) == list(range(size))
    rest = list(islice(preference_batches(pairs(size), rows, 0, "a", start), 20))
    jax.tree.map(np.testing.assert_array_equal, batches[start:], rest)
