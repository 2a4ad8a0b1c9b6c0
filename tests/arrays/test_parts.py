"""Claims: what is too large to exist at once is gone through in parts, and nothing else changes."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sinq_jax.learning import losses
from sinq_jax.learning.losses import weighted_loss
from sinq_jax.models import attention
from sinq_jax.models.attention import most_dividing
from tests.arrays.small import SPEC, group_batch, params

BATCH = group_batch(0)
SEQ = BATCH.prompt.shape[1] + BATCH.completion[0].size
TOKENS = BATCH.completion[0].size

ROUNDING = 1e-5
"""Sums of some hundred terms of order 1 in another order, float32."""


def value_and_gradients() -> tuple[jax.Array, dict[str, jax.Array]]:
    def loss(tree: object) -> jax.Array:
        return weighted_loss(SPEC, tree, BATCH, jnp.float32(0.1)).loss

    return jax.jit(jax.value_and_grad(loss))(params())


def has_array(ending: str) -> bool:
    """Whether an array's type in the program ends like this."""

    def loss(tree: object) -> jax.Array:
        return weighted_loss(SPEC, tree, BATCH, jnp.float32(0.1)).loss

    return ending in jax.jit(jax.grad(loss)).lower(params()).as_text()


@pytest.mark.parametrize(
    ("room", "name", "most", "whole"),
    [
        (losses, "LOGITS_AT_ONCE", 16 * SPEC.vocab, f"{TOKENS}x{SPEC.vocab}xf32"),
        (attention, "SCORES_AT_ONCE", 4 * SEQ, f"{SEQ}x{SEQ}xf32"),
    ],
)
def test_parts_give_the_loss_and_the_gradients_of_the_whole(
    monkeypatch: pytest.MonkeyPatch, room: object, name: str, most: int, whole: str
) -> None:
    expected, gradients = value_and_gradients()
    assert has_array(whole)
    monkeypatch.setattr(room, name, most)
    monkeypatch.setattr(losses, "TOKENS_AT_ONCE", 1)
    jax.clear_caches()
    found, other = value_and_gradients()
    assert not has_array(whole)
    np.testing.assert_allclose(found, expected, rtol=ROUNDING)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=ROUNDING), other, gradients)


@pytest.mark.parametrize(
    ("whole", "most", "size"), [(12, 12, 12), (12, 100, 12), (12, 5, 4), (7, 6, 1), (5, 0, 1)]
)
def test_a_part_divides_the_whole(whole: int, most: int, size: int) -> None:
    assert most_dividing(whole, most) == size


def test_narrow_activations_have_the_gradients_of_wide_ones() -> None:
    """bfloat16 keeps 8 bits: some per cent of a gradient's size after two layers."""

    def gradients(dtype: str) -> dict[str, jax.Array]:
        def loss(tree: object) -> jax.Array:
            spec = replace(SPEC, dtype=dtype)
            return weighted_loss(spec, tree, BATCH, jnp.float32(0.1)).loss

        return jax.jit(jax.grad(loss))(params())

    def apart(narrow: jax.Array, wide: jax.Array) -> None:
        assert jnp.linalg.norm(narrow - wide) < 0.1 * jnp.linalg.norm(wide)

    jax.tree.map(apart, gradients("bfloat16"), gradients("float32"))
