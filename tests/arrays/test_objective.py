"""Claims about policy losses and the divergence: plain numpy says the same, and at ratio 1 all are
REINFORCE.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from sinq_jax.learning.objective import Objective, PolicyLoss, divergence, surrogate

LOSSES: tuple[PolicyLoss, ...] = ("reinforce", "clipped", "truncated")
TOKENS = 7
RELATIVE = 2e-5
"""float32: a ratio up to e^8 of log-probabilities up to 8, each with a relative error of 6e-8."""

Floats = NDArray[np.float32]


def numbers(low: float, high: float) -> st.SearchStrategy[Floats]:
    return arrays(
        np.float32, TOKENS, elements=st.floats(low, high, width=32, allow_subnormal=False)
    )


LOGPROBS, ADVANTAGES = numbers(-8.0, 0.0), numbers(-2.0, 2.0)
BOUNDS = st.builds(
    Objective,
    loss=st.sampled_from(LOSSES),
    clip_low=st.floats(0, 1),
    clip_high=st.floats(0, 4),
    importance_cap=st.floats(1, 8),
)


def plain(
    objective: Objective, logprobs: Floats, behaviour: Floats, advantages: Floats
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Loss of each token and its derivative by the log-probability, from the papers' formulas."""
    p, q, a = (each.astype(np.float64) for each in (logprobs, behaviour, advantages))
    ratio = np.exp(p - q)
    if objective.loss == "reinforce":
        return -a * p, -a
    if objective.loss == "truncated":
        weight = np.minimum(ratio, objective.importance_cap)
        return -weight * a * p, -weight * a
    bounded = np.clip(ratio, 1 - objective.clip_low, 1 + objective.clip_high)
    inside = ratio * a <= bounded * a
    return -np.minimum(ratio * a, bounded * a), np.where(inside, -ratio * a, 0.0)


def slopes(objective: Objective, logprobs: Floats, *others: Floats) -> Floats:
    def total(values: jax.Array) -> jax.Array:
        return jnp.sum(surrogate(objective, values, *map(jnp.asarray, others))[0])

    return np.asarray(jax.grad(total)(jnp.asarray(logprobs)))


@given(BOUNDS, LOGPROBS, LOGPROBS, ADVANTAGES)
def test_loss_and_gradient_are_those_of_plain_numpy(
    objective: Objective, logprobs: Floats, behaviour: Floats, advantages: Floats
) -> None:
    ratio = np.exp(logprobs.astype(np.float64) - behaviour)
    bounds = (1 - objective.clip_low, 1 + objective.clip_high, objective.importance_cap)
    near = np.min([np.abs(ratio - bound) for bound in bounds], axis=0) < 1e-3
    advantages = np.where(near, np.float32(0), advantages)  # on which side of a bound is rounding
    wanted, slope = plain(objective, logprobs, behaviour, advantages)
    loss, _ = surrogate(objective, *map(jnp.asarray, (logprobs, behaviour, advantages)))
    np.testing.assert_allclose(loss, wanted, rtol=RELATIVE, atol=1e-6)
    found = slopes(objective, logprobs, behaviour, advantages)
    np.testing.assert_allclose(found, slope, rtol=RELATIVE, atol=1e-6)


@given(BOUNDS, LOGPROBS, ADVANTAGES)
def test_at_ratio_1_every_loss_has_the_gradient_of_reinforce(
    objective: Objective, logprobs: Floats, advantages: Floats
) -> None:
    """To the bit, also where a bound lies at 1 itself."""
    np.testing.assert_array_equal(slopes(objective, logprobs, logprobs, advantages), -advantages)


@given(LOGPROBS, LOGPROBS, ADVANTAGES)
def test_a_token_counts_as_cut_where_its_bound_or_cap_holds_it(
    logprobs: Floats, behaviour: Floats, advantages: Floats
) -> None:
    ratio = np.exp(logprobs - behaviour)
    given_arrays = [jnp.asarray(each) for each in (logprobs, behaviour, advantages)]
    _, clipped = surrogate(Objective("clipped"), *given_arrays)
    high, low = (advantages > 0) & (ratio > 1.28), (advantages < 0) & (ratio < 0.8)
    near = (np.abs(ratio - 1.28) < 1e-5) | (np.abs(ratio - 0.8) < 1e-5)
    np.testing.assert_array_equal(clipped | near, high | low | near)
    _, capped = surrogate(Objective("truncated"), *given_arrays)
    near = np.abs(ratio - 2.0) < 1e-5
    np.testing.assert_array_equal(capped | near, (ratio > 2.0) | near)
    assert not np.any(surrogate(Objective(), *given_arrays)[1])


@pytest.mark.parametrize("loss", LOSSES)
def test_a_sampler_that_was_infinitely_surprised_breaks_nothing(loss: PolicyLoss) -> None:
    """Such as one that drew a token which its own rounding made all but impossible."""
    there, never = jnp.zeros(1), jnp.full(1, -200.0)
    for advantage in (1.0, -1.0):
        value = surrogate(Objective(loss), there, never, jnp.full(1, advantage))[0]
        assert np.isfinite(value).all()
        assert np.isfinite(slopes(Objective(loss), there, never, np.full(1, advantage))).all()


@given(LOGPROBS, LOGPROBS)
def test_the_divergence_is_never_negative_and_0_where_both_agree(
    logprobs: Floats, reference: Floats
) -> None:
    gap = reference.astype(np.float64) - logprobs
    wanted = np.exp(gap) - gap - 1
    found = divergence(jnp.asarray(logprobs), jnp.asarray(reference))
    np.testing.assert_allclose(found, wanted, rtol=RELATIVE, atol=1e-6)
    assert np.all(np.asarray(found) >= -1e-6)
    assert not np.any(divergence(jnp.asarray(logprobs), jnp.asarray(logprobs)))


LOGITS = arrays(np.float32, 5, elements=st.floats(-3, 3, width=32))


@given(LOGITS, LOGITS)
def test_over_what_the_policy_draws_value_and_gradient_are_those_of_the_kl(
    ours: Floats, theirs: Floats
) -> None:
    """Summed over all tokens with their probabilities, so that nothing is left to chance:
    sum p log(p / q), and its derivative by logit i, p_i (log(p_i / q_i) - KL).
    """
    x, y = ours.astype(np.float64), theirs.astype(np.float64)
    log_p, log_q = x - np.log(np.exp(x).sum()), y - np.log(np.exp(y).sum())
    p = np.exp(log_p)
    kl = (p * (log_p - log_q)).sum()

    def drawn(logits: jax.Array) -> jax.Array:
        estimates = divergence(jax.nn.log_softmax(logits), jnp.asarray(log_q, jnp.float32))
        return jnp.sum(jnp.asarray(p, jnp.float32) * estimates)

    value, slope = jax.value_and_grad(drawn)(jnp.asarray(ours))
    assert float(value) == pytest.approx(kl, abs=1e-5)
    np.testing.assert_allclose(slope, p * (log_p - log_q - kl), atol=1e-5)
