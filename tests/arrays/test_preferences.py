"""Claims about direct preference optimisation: the paper's formula, and what follows from it."""

from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from sinq_jax.learning.descent import descend
from sinq_jax.learning.preferences import Preference, PreferenceBatch, completion_logprobs
from sinq_jax.learning.train_step import new_player
from tests.arrays import plain
from tests.arrays.small import CLOSE, SPEC, group_batch, params

BETA = 0.3
CRITERION = Preference(BETA)

GRADIENTS_CLOSE = 2e-5
"""float32 gradients of order 1; the same terms in another order differ by some 1e-6."""

measured = jax.jit(CRITERION, static_argnums=0)
logprobs_of = jax.jit(completion_logprobs, static_argnums=0)
slope = jax.jit(jax.grad(lambda weights, given: CRITERION(SPEC, weights, given)[0]))


def loss_of(given: PreferenceBatch) -> tuple[jax.Array, dict[str, jax.Array]]:
    return measured(SPEC, params(), given)


def gradient_of(given: PreferenceBatch) -> Any:
    return slope(params(), given)


@cache
def batch() -> PreferenceBatch:
    """Four rows, one of which has only one completion, and a reference that differs."""
    pairs = group_batch(seed=7, group=2)
    lengths = np.array([[3, 4], [1, 2], [0, 3], [4, 1]], np.int32)
    rng = np.random.default_rng(0)
    return PreferenceBatch(
        pairs._replace(completion_length=lengths), rng.normal(-8, 2, (4, 2)).astype(np.float32)
    )


def margins(given: PreferenceBatch) -> dict[int, float]:
    """The margin ``beta (l_w - l_l)`` of each row with both completions, in numpy and float64."""
    found: dict[tuple[int, int], float] = {}
    for row, member, prompt, completion in plain.completions(given.pairs):
        if completion:
            logs = plain.completion_logs(SPEC, params(), prompt, completion)
            total = float(logs[np.arange(len(completion)), completion].sum())
            found[row, member] = total - float(given.reference[row, member])
    return {
        row: BETA * (found[row, 0] - found[row, 1])
        for row in range(4)
        if {(row, 0), (row, 1)} <= found.keys()
    }


def test_the_loss_is_the_formula_in_float64() -> None:
    loss, measures = loss_of(batch())
    expected = margins(batch())
    assert sorted(expected) == [0, 1, 3]
    assert float(CRITERION.count(batch())) == 3
    wanted = sum(np.log1p(np.exp(-margin)) for margin in expected.values())
    assert float(loss) == pytest.approx(wanted, abs=CLOSE)
    assert float(measures["margin"]) == pytest.approx(sum(expected.values()), abs=CLOSE)
    assert float(measures["accuracy"]) == sum(margin > 0 for margin in expected.values())


def own_reference() -> PreferenceBatch:
    """The policy compared with itself."""
    pairs = batch().pairs
    return PreferenceBatch(pairs, np.asarray(logprobs_of(SPEC, params(), pairs)))


def test_a_policy_that_equals_its_reference_has_the_loss_log_2() -> None:
    loss, measures = loss_of(own_reference())
    assert float(loss) == pytest.approx(3 * np.log(2), abs=CLOSE)
    assert float(measures["margin"]) == pytest.approx(0, abs=CLOSE)


def test_there_its_gradient_is_half_beta_times_the_difference_of_log_likelihoods() -> None:
    """Equation 7 at l_w = l_l: ``- beta / 2 (grad log pi(y_w) - grad log pi(y_l))``."""

    def closed(p: Any) -> jax.Array:
        logprobs = completion_logprobs(SPEC, p, batch().pairs)
        both = np.array([True, True, False, True])
        return -BETA / 2 * jnp.sum(jnp.where(both, logprobs[:, 0] - logprobs[:, 1], 0.0))

    wanted = jax.jit(jax.grad(closed))(params())
    found = gradient_of(own_reference())
    assert max(float(jnp.abs(leaf).max()) for leaf in jax.tree.leaves(wanted)) > 0.1
    jax.tree.map(partial(np.testing.assert_allclose, atol=GRADIENTS_CLOSE), found, wanted)


def test_a_shift_of_both_references_and_the_order_of_rows_change_nothing() -> None:
    given = batch()
    shifted = given._replace(reference=np.asarray(given.reference) + np.float32(3))
    turned = jax.tree.map(lambda leaf: np.ascontiguousarray(leaf[::-1]), given)
    for other in (shifted, turned):
        np.testing.assert_allclose(loss_of(other)[0], loss_of(given)[0], rtol=CLOSE)
        same = partial(np.testing.assert_allclose, atol=GRADIENTS_CLOSE)
        jax.tree.map(same, gradient_of(other), gradient_of(given))


def test_what_stands_in_padding_and_in_half_a_pair_changes_not_a_bit() -> None:
    given = batch()
    pairs = given.pairs
    completion = np.array(pairs.completion)
    completion[np.arange(4) >= np.asarray(pairs.completion_length)[..., None]] = 11
    completion[2] = 5
    reference = np.array(given.reference)
    reference[2] = -1e30
    other = PreferenceBatch(pairs._replace(completion=completion), reference)
    jax.tree.map(np.testing.assert_array_equal, gradient_of(other), gradient_of(given))
    assert float(loss_of(other)[0]) == float(loss_of(given)[0])


def test_a_step_moves_the_preferred_up_against_the_other_however_it_is_cut() -> None:
    descent = optax.scale(-1.0)

    def stepped(accumulation: int) -> Any:
        fresh = new_player(jax.tree.map(jnp.copy, params()), descent)
        return descend(SPEC, descent, CRITERION, fresh, batch(), jnp.float32(0.01), accumulation)

    player, told = stepped(1)
    cut, _ = stepped(2)
    same = partial(np.testing.assert_allclose, atol=GRADIENTS_CLOSE)
    jax.tree.map(same, player.params, cut.params)
    after, measures = measured(SPEC, player.params, batch())
    assert float(after) / 3 < float(told["loss"])
    assert float(measures["margin"]) / 3 > float(told["margin"])
