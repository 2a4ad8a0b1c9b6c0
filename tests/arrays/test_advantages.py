"""Laws of leave-one-out advantages."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sinq_jax.learning.advantages import group_advantages

SHAPES = st.tuples(st.integers(1, 4), st.integers(1, 6))


@st.composite
def judged_groups(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Rewards and who is there."""
    shape = draw(SHAPES)
    rewards = arrays.arrays(np.float32, shape, elements=st.floats(-100, 100, width=32))
    return draw(rewards), draw(arrays.arrays(bool, shape))


@given(judged_groups())
def test_advantages_of_a_group_sum_to_0(judged: tuple[np.ndarray, np.ndarray]) -> None:
    advantages = group_advantages(*judged)
    assert advantages.dtype == np.float32
    np.testing.assert_allclose(advantages.sum(axis=1), 0, atol=1e-3)


@given(judged_groups(), st.integers(-50, 50))
def test_a_reward_for_everybody_changes_nothing(
    judged: tuple[np.ndarray, np.ndarray], bonus: int
) -> None:
    rewards, present = judged
    shifted = group_advantages(rewards + np.float32(bonus), present)
    np.testing.assert_allclose(shifted, group_advantages(rewards, present), atol=1e-3)


@given(judged_groups())
def test_an_advantage_is_the_distance_to_the_mean_of_the_others(
    judged: tuple[np.ndarray, np.ndarray],
) -> None:
    rewards, present = judged
    advantages = group_advantages(rewards, present)
    for row, member in np.ndindex(*rewards.shape):
        others = present[row].copy()
        others[member] = False
        wanted = 0.0
        if present[row, member] and others.any():
            wanted = rewards[row, member] - rewards[row, others].mean(dtype=np.float64)
        assert abs(advantages[row, member] - wanted) < 1e-3


@given(judged_groups())
def test_who_is_not_there_does_not_matter(judged: tuple[np.ndarray, np.ndarray]) -> None:
    rewards, present = judged
    other = np.where(present, rewards, np.float32(7))
    np.testing.assert_array_equal(
        group_advantages(rewards, present), group_advantages(other, present)
    )
