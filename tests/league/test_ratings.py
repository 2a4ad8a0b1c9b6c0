"""Ratings: the ones that made the answers come back, and intervals know how little was seen."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sinq_jax.league.ratings import SPREAD, fitted, rate


def chances(
    difficulties: NDArray[np.float64], abilities: NDArray[np.float64]
) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(difficulties[:, None] - abilities[None, :]))


def test_the_ratings_that_made_the_answers_come_back() -> None:
    difficulties, abilities = np.array([-1.0, 0.2, 0.8]), np.array([-0.5, 0.0, 0.7, 1.5])
    rng = np.random.default_rng(0)
    tried = np.full((300, 3, 4), 8.0)
    solved = rng.binomial(8, np.broadcast_to(chances(difficulties, abilities), tried.shape))
    found = rate(solved.astype(np.float64), tried, resamples=200)
    # 9,600 answers on each side: a standard error of about 0.03 logits.
    assert [each.value for each in found.difficulties] == pytest.approx(difficulties, abs=0.12)
    assert [each.value for each in found.abilities] == pytest.approx(abilities, abs=0.12)
    for each, truth in zip(found.abilities, abilities, strict=True):
        assert each.low - 0.05 < truth < each.high + 0.05
        assert each.n == 300 * 3 * 8


@given(st.integers(2, 5), st.integers(2, 5), st.integers(0, 10_000))
def test_the_fit_is_where_the_slope_of_the_posterior_is_zero(
    generators: int, evaluators: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    tried = rng.integers(1, 40, (generators, evaluators)).astype(np.float64)
    solved = rng.binomial(tried.astype(int), rng.uniform(0, 1, tried.shape)).astype(np.float64)
    difficulties, abilities = fitted(solved, tried)
    assert difficulties.mean() == pytest.approx(0, abs=1e-9)
    surplus = solved - tried * chances(difficulties, abilities)
    # Where the mean was before it was taken off, the prior's pull is in balance over all players.
    shift = -np.concatenate([difficulties, abilities]).mean()
    assert surplus.sum(0) == pytest.approx((abilities + shift) / SPREAD**2, abs=1e-6)
    assert -surplus.sum(1) == pytest.approx((difficulties + shift) / SPREAD**2, abs=1e-6)


def test_who_never_loses_has_a_finite_rating_and_few_originals_a_wide_interval() -> None:
    tried = np.full((4, 2, 2), 4.0)
    solved = np.zeros_like(tried)
    solved[:, :, 1] = 4.0
    found = rate(solved, tried, resamples=50)
    assert all(math.isfinite(each.value) for each in found.abilities)
    assert found.abilities[1].value > found.abilities[0].value + 3
    rng = np.random.default_rng(3)
    few, many = (
        rate(rng.binomial(4, 0.5, (size, 2, 2)).astype(np.float64), np.full((size, 2, 2), 4.0), 200)
        for size in (8, 200)
    )
    width = [found.abilities[0].high - found.abilities[0].low for found in (few, many)]
    assert width[0] > 2 * width[1]


def test_nothing_played_rates_nobody() -> None:
    found = rate(np.zeros((3, 2, 2)), np.zeros((3, 2, 2)), resamples=20)
    assert [each.value for each in (*found.difficulties, *found.abilities)] == [0.0] * 4
    assert all(each.n == 0 for each in found.abilities)
