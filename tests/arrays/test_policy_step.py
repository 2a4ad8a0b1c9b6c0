"""Claims about one update by policy losses: plain numpy's gradient, REINFORCE at ratio 1, and
nothing that depends on padding or on the order of a batch.
"""

import dataclasses
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinq_jax.learning.layout import GroupBatch
from sinq_jax.learning.losses import LossSums, score, weighted_loss
from sinq_jax.learning.objective import Objective
from sinq_jax.learning.reference import batch_logprobs
from sinq_jax.learning.train_step import StepReport, new_player, train_step
from sinq_jax.models.transformer import Params
from tests.arrays import plain
from tests.arrays.small import CLOSE, SPEC, group_batch, params
from tests.arrays.test_train_step import DESCENT, directions, gradient, product

CLIPPED = Objective("clipped", clip_low=0.2, clip_high=0.3, kl=0.5)
TRUNCATED = Objective("truncated", importance_cap=1.1)
FEW = settings(max_examples=20)


@cache
def batch() -> GroupBatch:
    """One whose sampler and reference are near the policy, some ratios beyond every bound."""
    drawn = group_batch(seed=1)
    own = np.asarray(jax.jit(score, static_argnums=0)(SPEC, params(), drawn).logprobs)
    rng = np.random.default_rng(2)
    return drawn._replace(
        behaviour=(own + rng.normal(scale=0.4, size=own.shape)).astype(np.float32),
        sampled=np.ones_like(drawn.sampled),
        reference=(own + rng.normal(scale=0.4, size=own.shape)).astype(np.float32),
    )


def step(given_batch: GroupBatch, objective: Objective | None) -> tuple[Params, StepReport]:
    """The gradient of one update, and its report."""
    fresh = new_player(jax.tree.map(jnp.copy, params()), DESCENT)
    one = jnp.ones(1)
    player, report = train_step(
        SPEC,
        DESCENT,
        fresh,
        (given_batch,),
        one,
        jnp.float32(1.0),
        0 * one,
        objectives=None if objective is None else (objective,),
    )
    return gradient(player), report


def plain_terms(weights: Params, objective: Objective) -> dict[str, float]:
    """Means over tokens in numpy and float64: the policy loss, k3, k2 and the share that is cut.

    Importance weights are those of the true parameters: they are held constant.
    """
    drawn, totals, tokens = batch(), dict.fromkeys(("loss", "k3", "k2", "cut"), 0.0), 0
    for row, member, prompt, completion in plain.completions(drawn):
        chosen = np.arange(len(completion)), completion
        log_p = plain.completion_logs(SPEC, weights, prompt, completion)[chosen]
        held = plain.completion_logs(SPEC, params(), prompt, completion)[chosen]
        here = row, member, slice(len(completion))
        advantage = float(drawn.weight[row, member])
        ratio = np.exp(log_p - drawn.behaviour[here])
        if objective.loss == "clipped":
            bounded = np.clip(ratio, 1 - objective.clip_low, 1 + objective.clip_high)
            loss, cut = -np.minimum(ratio * advantage, bounded * advantage), bounded != ratio
            cut &= bounded * advantage < ratio * advantage
        else:
            ratio = np.exp(held - drawn.behaviour[here])
            cut = ratio > objective.importance_cap
            loss = -np.minimum(ratio, objective.importance_cap) * advantage * log_p
        gap = drawn.reference[here] - log_p
        totals["loss"] += loss.sum()
        totals["cut"] += cut.sum()
        totals["k3"] += (np.exp(gap) - gap - 1).sum()
        totals["k2"] += (gap**2 / 2).sum()
        tokens += len(completion)
    return {name: total / tokens for name, total in totals.items()}


@pytest.mark.parametrize("objective", [CLIPPED, TRUNCATED], ids=lambda each: each.loss)
def test_an_update_follows_the_gradient_of_plain_numpy(objective: Objective) -> None:
    found, report = step(batch(), objective)
    terms = plain_terms(params(), objective)
    kl = objective.kl * terms["k3"]
    assert report.cut is not None
    assert report.kl is not None
    assert float(report.loss[0]) == pytest.approx(terms["loss"] + kl, abs=CLOSE)
    assert float(report.cut[0]) == pytest.approx(terms["cut"])
    assert 0 < float(report.cut[0]) < 1
    assert float(report.kl[0]) == pytest.approx(terms["k3"] if objective.kl else 0.0, abs=CLOSE)
    size, direction = 1e-5, directions()[-1]

    def at(by: float) -> float:
        moved = jax.tree.map(lambda p, d: np.asarray(p, np.float64) + by * d, params(), direction)
        there = plain_terms(moved, objective)
        return there["loss"] + objective.kl * there["k2"]

    slope = (at(size) - at(-size)) / (2 * size)
    # A loss of order 1 along a direction of length 70: slopes of order 10.
    assert product(found, direction) == pytest.approx(slope, abs=1e-3)


@pytest.mark.parametrize("loss", ["clipped", "truncated"])
def test_while_the_policy_is_the_samplers_the_update_is_that_of_reinforce(loss: str) -> None:
    own = np.asarray(jax.jit(score, static_argnums=0)(SPEC, params(), batch()).logprobs)
    fresh = batch()._replace(behaviour=own, reference=None)
    objective = dataclasses.replace(CLIPPED if loss == "clipped" else TRUNCATED, kl=0.0)
    found, report = step(fresh, objective)
    wanted, plain_report = step(fresh, None)
    # Ratios are 1 up to the rounding of log-probabilities.
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-5), found, wanted)
    assert float(report.grad_norm) == pytest.approx(float(plain_report.grad_norm), rel=1e-5)
    assert report.cut is not None
    assert float(report.cut[0]) == 0


@cache
def compiled():
    """Sums and gradient of ``CLIPPED`` and an entropy bonus, compiled once."""

    def loss(weights: Params, drawn: GroupBatch) -> tuple[jax.Array, LossSums]:
        sums = weighted_loss(SPEC, weights, drawn, jnp.float32(0.1), CLIPPED)
        return sums.loss, sums

    return jax.jit(jax.value_and_grad(loss, has_aux=True))


def look(drawn: GroupBatch) -> tuple[LossSums, Params]:
    (_, sums), slope = compiled()(params(), drawn)
    return sums, slope


@FEW
@given(st.permutations(range(4)), st.permutations(range(3)))
def test_the_order_of_rows_and_of_their_completions_does_not_matter(
    rows: list[int], members: list[int]
) -> None:
    turned = jax.tree.map(lambda leaf: leaf[rows], batch())
    turned = GroupBatch(*(leaf[:, members] if leaf.shape[1:2] == (3,) else leaf for leaf in turned))
    one, other = look(batch()), look(turned)
    # The same terms, summed in another order.
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=CLOSE, atol=1e-5), one, other)


@FEW
@given(st.sampled_from([0.0, -1e3, 1e3, np.inf, -np.inf, np.nan]), st.integers(0, 22))
def test_what_stands_in_padding_changes_nothing(value: float, token: int) -> None:
    there = np.arange(4) < batch().completion_length[..., None]
    padded = batch()._replace(
        completion=np.where(there, batch().completion, np.int32(token)),
        behaviour=np.where(there, batch().behaviour, np.float32(value)),
        reference=np.where(there, batch().reference, np.float32(value)),
    )
    one, other = look(batch()), look(padded)
    # Not a single bit: what is masked is the same number whatever it was before.
    jax.tree.map(np.testing.assert_array_equal, one, other)


@pytest.mark.parametrize("accumulation", [1, 2])
def test_the_reference_is_scored_as_the_policy_is(accumulation: int) -> None:
    drawn = group_batch(seed=9)
    found = batch_logprobs(SPEC, params(), drawn, accumulation)
    wanted = jax.jit(score, static_argnums=0)(SPEC, params(), drawn).logprobs
    there = np.arange(4) < drawn.completion_length[..., None]
    np.testing.assert_allclose(np.asarray(found)[there], np.asarray(wanted)[there], atol=CLOSE)
