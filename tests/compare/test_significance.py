"""The tests give the p-values of the textbook, and say how little few seeds can show."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sinq_jax.compare.significance import (
    holm,
    mcnemar,
    mean_over_seeds,
    over_items,
    paired_t,
    sign_flip,
    t_probability,
    t_quantile,
)

VALUES = st.lists(st.floats(-1, 1).map(lambda x: round(x, 3)), min_size=2, max_size=8)


@given(st.floats(0, 50), st.integers(1, 60))
def test_students_distribution_is_that_of_scipy(t: float, freedom: int) -> None:
    # A finite sum of up to 30 terms in float64; near p = 0 it is a difference of numbers near 1.
    assert t_probability(t, freedom) == pytest.approx(2 * stats.t.sf(t, freedom), abs=1e-12)


@pytest.mark.parametrize(("freedom", "t"), [(1, 12.7062), (2, 4.3027), (4, 2.7764), (30, 2.0423)])
def test_the_quantile_is_that_of_the_table(freedom: int, t: float) -> None:
    assert t_quantile(freedom) == pytest.approx(t, abs=5e-5)


@given(VALUES)
def test_the_paired_t_test_is_that_of_scipy(differences: list[float]) -> None:
    found = paired_t(differences)
    if len(set(differences)) == 1:
        assert math.isnan(found.p)
        return
    expected = stats.ttest_1samp(differences, 0.0)
    assert found.p == pytest.approx(expected.pvalue, abs=1e-9)
    interval = expected.confidence_interval(0.95)
    assert (found.difference.low, found.difference.high) == pytest.approx(tuple(interval))
    assert (found.p < 0.05) == (not found.difference.low <= 0 <= found.difference.high)


@given(VALUES)
def test_signs_alone_never_show_more_than_the_number_of_seeds_allows(values: list[float]) -> None:
    p = sign_flip(values)
    assert 2 / 2 ** len(values) <= p <= 1
    assert sign_flip([-each for each in values]) == p


def test_three_seeds_that_agree_reach_a_quarter_by_signs() -> None:
    assert sign_flip([0.05, 0.06, 0.07]) == 0.25
    assert sign_flip([0.0, 0.0]) == 1.0
    assert sign_flip([0.1] * 20) < 0.001


def test_one_seed_shows_nothing() -> None:
    assert math.isnan(paired_t([0.4]).p)
    assert math.isnan(mean_over_seeds([0.4]).low)
    assert math.isnan(paired_t([]).p)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), max_size=60))
def test_mcnemar_is_the_binomial_test_on_what_only_one_solves(pairs: list[tuple[int, int]]) -> None:
    found = mcnemar([a for a, _ in pairs], [b for _, b in pairs])
    discordant = found.only_after + found.only_before
    expected = stats.binomtest(found.only_after, discordant, 0.5).pvalue if discordant else 1.0
    assert found.p == pytest.approx(expected)
    swapped = mcnemar([b for _, b in pairs], [a for a, _ in pairs])
    assert (swapped.only_after, swapped.p) == (found.only_before, found.p)


def test_over_items_covers_a_known_difference_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(200):
        ease = rng.normal(0, 0.2, 60)
        clusters = {seed: [i // 2 for i in range(60)] for seed in range(2)}
        before = {seed: rng.binomial(4, np.clip(0.4 + ease, 0, 1)) / 4 for seed in range(2)}
        after = {seed: rng.binomial(4, np.clip(0.5 + ease, 0, 1)) / 4 for seed in range(2)}
        found = over_items(before, after, clusters, resamples=300).difference
        covered += found.low <= 0.1 <= found.high
    # Clipping moves the true difference by less than 0.001; 200 trials at 95% leave 190 +- 6.
    assert 178 <= covered <= 199


def test_over_items_counts_originals_and_not_their_pairs() -> None:
    rng = np.random.default_rng(2)
    one = rng.normal(0.05, 0.2, 40)
    zeros = {0: np.zeros(40)}
    alone = over_items(zeros, {0: one}, {0: range(40)})
    tripled = over_items(
        {0: np.zeros(120)}, {0: np.repeat(one, 3)}, {0: [i // 3 for i in range(120)]}
    )
    assert tripled.difference.n == 120
    assert tripled.difference.low == pytest.approx(alone.difference.low)
    assert tripled.p == pytest.approx(alone.p)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holm_never_lowers_a_p_value_and_keeps_their_order(values: list[float]) -> None:
    adjusted = holm(values)
    assert all(after >= before for before, after in zip(values, adjusted, strict=True))
    assert min(adjusted) == pytest.approx(min(1.0, len(values) * min(values)))
    order = np.argsort(values, kind="stable")
    assert np.all(np.diff(np.array(adjusted)[order]) >= 0)


def test_holm_passes_over_what_was_not_tested() -> None:
    adjusted = holm([0.03, math.nan, 0.02])
    assert adjusted[0] == pytest.approx(0.04)
    assert adjusted[2] == pytest.approx(0.04)
    assert math.isnan(adjusted[1])
