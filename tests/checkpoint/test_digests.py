"""Claims about digests: the same however an array is split, another for any other array."""

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax import digests
from sinq_jax.digests import _summed, digest, part_of

SHAPES = [(), (1,), (7,), (4, 6), (3, 4, 5), (2, 3, 2, 4)]
DTYPES = ["float32", "bfloat16", "int32", "bool"]


def noise(shape: Sequence[int], dtype: str, seed: int = 0) -> np.ndarray:
    return np.array(jnp.array(100 * np.random.default_rng(seed).normal(size=shape), dtype))


def whole(values: np.ndarray) -> str:
    return digest([part_of(jnp.array(values))])


@given(
    shape=st.sampled_from(SHAPES),
    dtype=st.sampled_from(DTYPES),
    cuts=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=3),
)
def test_however_an_array_is_cut_the_parts_make_the_digest_of_the_whole(
    shape: tuple[int, ...], dtype: str, cuts: list[tuple[int, int]]
) -> None:
    values = noise(shape, dtype)
    parts = [tuple(slice(0, size) for size in shape)]
    for axis, place in cuts:
        if axis < len(shape):
            parts = [piece for part in parts for piece in _cut(part, axis, place)]
    sums = [_summed(values[part], [each.start for each in part], shape) for part in parts]
    assert digest(sums) == whole(values)


def _cut(part: tuple[slice, ...], axis: int, place: int) -> list[tuple[slice, ...]]:
    along = part[axis]
    at = min(max(place, along.start), along.stop)
    halves = [slice(along.start, at), slice(at, along.stop)]
    return [(*part[:axis], half, *part[axis + 1 :]) for half in halves]


@pytest.mark.parametrize("shape", [(11,), (5, 40), (300, 3)])
def test_chunks_are_no_parts_of_it(shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    values = noise(shape, "float32")
    before = whole(values)
    for size in (1, 8, 64):
        monkeypatch.setattr(digests, "CHUNK", size)
        assert whole(values) == before


@pytest.mark.parametrize("dtype", DTYPES)
def test_any_flipped_bit_is_noticed(dtype: str) -> None:
    values = noise((3, 4), dtype)
    before = whole(values)
    raw = values.view(np.uint8)
    for place in np.ndindex(raw.shape):
        for bit in (0,) if dtype == "bool" else (0, 7):
            raw[place] ^= 1 << bit
            assert whole(values) != before
            raw[place] ^= 1 << bit
    assert whole(values) == before


def test_elements_in_another_order_are_noticed() -> None:
    values = noise((4, 6), "float32")
    others = [values[::-1], values[:, ::-1], np.roll(values, 1), values.T.reshape(4, 6)]
    assert len({whole(values), *map(whole, others)}) == 5


def test_zeros_count_too() -> None:
    assert whole(np.zeros(8, np.float32)) != whole(np.zeros(9, np.float32))
    assert whole(np.float32([0.0])) != whole(np.float32([-0.0]))
