"""A model small enough to compile in seconds, with parameters that matter everywhere."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from sinq_jax.learning.layout import GroupBatch
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import Params, init_params

SPEC = ModelSpec(vocab=23, width=16, layers=2, heads=4, kv_heads=2, head_dim=4, mlp=24)

CLOSE = 1e-4
"""How far float32 log-probabilities may lie from float64 ones, and those of two orders of summation
from each other: sums of some dozens of terms of order 1, each with a relative error of 6e-8,
through two layers. What is seen is some 1e-6; a wrong mask, position or scale shows at 1e-2 and
more.
"""


@cache
def params() -> Params:
    """Larger than fresh ones, and with norm scales other than 1: nothing cancels by chance."""
    fresh = jax.eval_shape(lambda: init_params(SPEC, jax.random.key(0)))
    rng = np.random.default_rng(0)
    return jax.tree_util.tree_map_with_path(
        lambda path, leaf: jnp.array(
            ("scale" in jax.tree_util.keystr(path)) + 0.4 * rng.normal(size=leaf.shape), leaf.dtype
        ),
        fresh,
    )


def prompts(lengths: tuple[int, ...] = (6, 4, 5), width: int = 6) -> NDArray[np.int32]:
    """Random prompts, padded with tokens that would matter if somebody read them."""
    rng = np.random.default_rng(1)
    padded = rng.integers(0, SPEC.vocab, size=(len(lengths), width)).astype(np.int32)
    rows = [np.random.default_rng(10 + i).integers(0, SPEC.vocab, n) for i, n in enumerate(lengths)]
    for target, row in zip(padded, rows, strict=True):
        target[: len(row)] = row
    return padded


def group_batch(seed: int, rows: int = 4, group: int = 3, new: int = 4) -> GroupBatch:
    """Random prompts and completions of random lengths, some of length 0, with random weights."""
    rng = np.random.default_rng(seed)
    shape = (rows, group)
    return GroupBatch(
        prompt=rng.integers(0, SPEC.vocab, (rows, 5)).astype(np.int32),
        prompt_length=rng.integers(1, 6, rows).astype(np.int32),
        completion=rng.integers(0, SPEC.vocab, (*shape, new)).astype(np.int32),
        completion_length=rng.integers(0, new + 1, shape).astype(np.int32),
        weight=rng.normal(size=shape).astype(np.float32),
        behaviour=rng.normal(size=(*shape, new)).astype(np.float32),
        sampled=rng.random(shape) < 0.5,
    )
