"""Claims about the last matrix: gradients that are written by hand, and what they cost."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.vocabulary import TokenScores, logits_of, token_scores
from tests.arrays.small import SPEC

ROWS, SEQ = 2, 6
RNG = np.random.default_rng(0)
TABLE = jnp.array(RNG.normal(size=(SPEC.vocab, SPEC.width)), jnp.float32)
NORMED = jnp.array(RNG.normal(size=(ROWS, SEQ, SPEC.width)), jnp.float32)
TOKENS = jnp.array(RNG.integers(0, SPEC.vocab, (ROWS, SEQ)), jnp.int32)
WEIGHTS = TokenScores(*jnp.array(RNG.normal(size=(2, ROWS, SEQ)), jnp.float32))

ROUNDING = 1e-4
"""Sums of some dozens of float32 terms of order 1 to 10, in another order."""


def plainly(spec: ModelSpec, table: jax.Array, normed: jax.Array) -> TokenScores:
    """The definition, with all logits at once."""
    logs = jax.nn.log_softmax(logits_of(spec, table, normed))
    chosen = jnp.take_along_axis(logs, TOKENS[..., None], axis=-1)[..., 0]
    return TokenScores(chosen, -jnp.sum(jnp.exp(logs) * logs, axis=-1))


def weighed(scores: TokenScores) -> jax.Array:
    return sum(jnp.sum(w * x) for w, x in zip(WEIGHTS, scores, strict=True))


@pytest.mark.parametrize("cap", [None, 3.0])
@pytest.mark.parametrize("size", [1, 2, SEQ])
def test_scores_and_gradients_in_parts_are_those_of_the_definition(
    cap: float | None, size: int
) -> None:
    spec = replace(SPEC, logit_softcap=cap)

    def ours(table: jax.Array, normed: jax.Array) -> jax.Array:
        return weighed(token_scores(spec, size, table, normed, TOKENS))

    def wanted(table: jax.Array, normed: jax.Array) -> jax.Array:
        return weighed(plainly(spec, table, normed))

    found, expected = (
        jax.jit(jax.value_and_grad(f, argnums=(0, 1)))(TABLE, NORMED) for f in (ours, wanted)
    )
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=ROUNDING), found, expected)


def test_a_table_that_does_not_learn_costs_no_gradient() -> None:
    """Adapters learn over one; the product that would make its gradient is not in the program."""

    def products(learned: tuple[int, ...]) -> int:
        def loss(table: jax.Array, normed: jax.Array) -> jax.Array:
            return weighed(token_scores(SPEC, 2, table, normed, TOKENS))

        program = jax.jit(jax.grad(loss, argnums=learned)).lower(TABLE, NORMED).compile()
        return program.as_text().count(f"f32[{SPEC.width},{SPEC.vocab}]")

    assert products((0, 1)) > 0
    assert products((1,)) == 0


def test_logits_that_stand_far_apart_give_finite_scores_and_gradients() -> None:
    scores, gradient = jax.value_and_grad(
        lambda table: weighed(token_scores(SPEC, 3, table, NORMED, TOKENS))
    )(TABLE * 1e3)
    assert np.isfinite(scores)
    assert np.isfinite(gradient).all()
