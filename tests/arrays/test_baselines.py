"""Laws of the baseline that is carried over rounds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.learning.advantages import group_advantages
from sinq_jax.learning.baselines import Floats, RunningBaseline, running_advantages

REWARD = st.floats(-4, 4, width=32)
GROUP = st.lists(REWARD, min_size=1, max_size=4).map(lambda each: np.array(each, np.float32))
ROUND = st.lists(GROUP, max_size=4)
DECAY = st.floats(0, 0.99)


def after(rounds: list[list[Floats]], decay: float) -> RunningBaseline:
    baseline = RunningBaseline()
    for each in rounds:
        baseline = baseline.after(each, decay)
    return baseline


@given(st.lists(ROUND, max_size=5), DECAY)
def test_it_is_the_exponential_mean_of_the_rounds_that_had_rewards(
    rounds: list[list[Floats]], decay: float
) -> None:
    means = [np.concatenate(each).mean(dtype=np.float64) for each in rounds if each]
    baseline = after(rounds, decay)
    if not means:
        assert baseline.weight == 0
        return
    weights = decay ** np.arange(len(means))[::-1]
    assert abs(baseline.mean - weights @ means / weights.sum()) < 1e-9


@given(st.lists(ROUND, max_size=3), ROUND, DECAY, st.integers(-8, 8))
def test_a_reward_for_everybody_in_every_round_changes_nothing(
    past: list[list[Floats]], now: list[Floats], decay: float, bonus: int
) -> None:
    shifted = [[group + np.float32(bonus) for group in each] for each in [*past, now]]
    one = running_advantages(now, after(past, decay))
    other = running_advantages(shifted[-1], after(shifted[:-1], decay))
    for ours, theirs in zip(one, other, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


@given(ROUND)
def test_in_the_first_round_everybody_is_compared_with_all_others(now: list[Floats]) -> None:
    found = running_advantages(now, RunningBaseline())
    assert [len(each) for each in found] == [len(each) for each in now]
    if now:
        row = np.concatenate(now)[None]
        wanted = group_advantages(row, np.ones_like(row, bool))[0]
        np.testing.assert_array_equal(np.concatenate(found), wanted)


@given(st.lists(st.lists(GROUP, min_size=1, max_size=3), min_size=1, max_size=3), DECAY, REWARD)
def test_a_group_of_one_learns_from_the_rounds_before(
    past: list[list[Floats]], decay: float, reward: float
) -> None:
    baseline = after(past, decay)
    (found,) = running_advantages([np.array([reward], np.float32)], baseline)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [reward - baseline.mean], atol=1e-6)
