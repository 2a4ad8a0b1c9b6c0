"""Claims about low-rank adapters: each row's model is the one with the product added to its
weights.
"""

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sinq_jax.models.adapters import Adapters, adapter_axes, init_adapters
from sinq_jax.models.attention import tree_mask
from sinq_jax.models.kernels import KERNELS
from sinq_jax.models.transformer import Params, forward
from tests.arrays.small import CLOSE, SPEC, params, prompts

RANK, COUNT = 3, 3
SCALED = replace(SPEC, adapter_scale=2.5)
TOKENS = prompts((9, 9, 9, 9), width=9)


def adapters(targets: tuple[str, ...] = tuple(KERNELS)) -> Adapters:
    """Every one of them changes something."""
    fresh = init_adapters(SPEC, jax.random.key(0), targets, RANK, COUNT)
    rng = np.random.default_rng(1)
    return jax.tree.map(
        lambda leaf: leaf + 0.2 * rng.normal(size=leaf.shape).astype(np.float32), fresh
    )


def merged(all_of_them: Adapters, which: int) -> Params:
    """The base with one adapter's product added, by matrix multiplication in float64."""
    layers = dict(params()["layers"])
    for name, pair in all_of_them.items():
        a, b = (np.asarray(pair[part], np.float64)[:, which] for part in "ab")
        product = a.reshape(SPEC.layers, -1, RANK) @ b.reshape(SPEC.layers, RANK, -1)
        added = SCALED.adapter_scale * product.reshape(layers[name].shape)
        layers[name] = jnp.asarray(layers[name] + added, jnp.float32)
    return {**params(), "layers": layers}


def hidden(weights: Params, rows: list[int] | None = None) -> np.ndarray:
    positions = jnp.broadcast_to(jnp.arange(9), TOKENS.shape)
    mask = tree_mask(jnp.zeros(TOKENS.shape, jnp.int32))
    chosen = None if rows is None else jnp.array(rows)
    return np.asarray(forward(SCALED, weights, TOKENS, positions, mask, chosen)[0])


@pytest.mark.parametrize("targets", [("query", "value"), ("output", "down"), tuple(KERNELS)])
def test_a_row_is_computed_with_its_adapters_product_added_to_the_weights(
    targets: tuple[str, ...],
) -> None:
    own, rows = adapters(targets), [2, 0, 1, 2]
    together = hidden({**params(), "adapters": own}, rows)
    for row, which in enumerate(rows):
        np.testing.assert_allclose(together[row], hidden(merged(own, which))[row], atol=CLOSE)
    assert np.abs(together[0] - hidden(params())[0]).max() > 0.1


def test_without_a_choice_every_row_has_the_first() -> None:
    weights = {**params(), "adapters": adapters()}
    np.testing.assert_allclose(hidden(weights), hidden(weights, [0] * 4), atol=CLOSE)


def test_fresh_adapters_change_nothing_and_can_learn() -> None:
    fresh = init_adapters(SPEC, jax.random.key(0), tuple(KERNELS), RANK)
    np.testing.assert_array_equal(hidden({**params(), "adapters": fresh}), hidden(params()))

    def loss(own: Adapters) -> jax.Array:
        positions = jnp.broadcast_to(jnp.arange(9), TOKENS.shape)
        mask = tree_mask(jnp.zeros(TOKENS.shape, jnp.int32))
        return jnp.sum(forward(SPEC, {**params(), "adapters": own}, TOKENS, positions, mask)[0])

    gradient = jax.grad(loss)(fresh)
    assert all(np.abs(pair["b"]).max() > 0 for pair in gradient.values())


def test_a_target_begins_alike_whatever_others_there_are() -> None:
    few, many = (
        init_adapters(SPEC, jax.random.key(4), targets, RANK) for targets in (["down"], KERNELS)
    )
    np.testing.assert_array_equal(few["down"]["a"], many["down"]["a"])
    assert few["down"]["a"].std() == pytest.approx(SPEC.mlp**-0.5, rel=0.2)
    assert not np.array_equal(many["gate"]["a"], many["up"]["a"])


def test_every_leaf_of_adapters_has_names_for_its_axes() -> None:
    fresh = partial(init_adapters, SPEC, targets=tuple(KERNELS), rank=RANK, count=COUNT)
    shapes = jax.eval_shape(fresh, jax.random.key(0))
    axes = adapter_axes(tuple(KERNELS))
    assert axes["output"]["a"] == jax.P("layers", "adapters", "heads", "head_dim", "rank")
    assert axes["output"]["b"] == jax.P("layers", "adapters", "rank", "embed")
    named = jax.tree.map(lambda leaf, names: len(leaf.shape) == len(names), shapes, axes)
    assert all(jax.tree.leaves(named))
