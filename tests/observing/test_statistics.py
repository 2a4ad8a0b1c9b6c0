"""Claims about the statistics: closed forms, published values, laws that hold for all data."""

import math
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.statistics import (
    Estimate,
    balanced_rate,
    cluster_bootstrap,
    clustered_rate,
    paired_difference,
    pass_at_k,
    spearman,
    wilson,
)

RATES = st.lists(st.integers(0, 8).map(lambda s: s / 8), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_intervals(
    successes: int, trials: int, low: float, high: float
) -> None:
    estimate = wilson(successes, trials)
    assert estimate.low == pytest.approx(low, abs=5e-5)
    assert estimate.high == pytest.approx(high, abs=5e-5)


@given(st.integers(0, 500), st.integers(1, 500))
def test_wilson_bounds_solve_the_score_equation(successes: int, more: int) -> None:
    estimate = wilson(successes, successes + more)
    for bound in (estimate.low, estimate.high):
        spread = 1.959963984540054 * math.sqrt(bound * (1 - bound) / estimate.n)
        assert abs(estimate.value - bound) == pytest.approx(spread, abs=1e-9)
    assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1


def test_nothing_counted_gives_no_number() -> None:
    assert math.isnan(wilson(0, 0).value)
    assert math.isnan(cluster_bootstrap([], []).value)
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0, 1)


@given(RATES, st.integers(0, 2**32))
def test_the_bootstrap_repeats_itself_and_holds_its_mean(rates: list[float], seed: int) -> None:
    clusters = [i // 3 for i in range(len(rates))]
    estimate = cluster_bootstrap(rates, clusters, seed=seed, resamples=200)
    assert estimate == cluster_bootstrap(rates, clusters, seed=seed, resamples=200)
    assert estimate.value == pytest.approx(sum(rates) / len(rates))
    assert min(rates) - 1e-9 <= estimate.low <= estimate.high <= max(rates) + 1e-9


def test_with_one_item_a_cluster_the_bootstrap_agrees_with_the_normal_interval() -> None:
    rates = [float(i % 5 == 0) for i in range(1000)]
    estimate = cluster_bootstrap(rates, range(1000), resamples=4000)
    half = 1.96 * math.sqrt(0.2 * 0.8 / 1000)
    assert estimate.low == pytest.approx(0.2 - half, abs=0.003)
    assert estimate.high == pytest.approx(0.2 + half, abs=0.003)


def test_items_that_fall_together_widen_the_interval_as_if_each_cluster_were_one_item() -> None:
    rates = [float(i % 5 == 0) for i in range(200) for _ in range(9)]
    together = cluster_bootstrap(rates, [i for i in range(200) for _ in range(9)])
    alone = cluster_bootstrap(rates, range(1800))
    ratio = (together.high - together.low) / (alone.high - alone.low)
    assert ratio == pytest.approx(3, rel=0.15)


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_a_rate_without_spread_is_as_uncertain_as_its_clusters_are_few(rate: float) -> None:
    estimate = clustered_rate([rate] * 40, [i // 2 for i in range(40)])
    bounds = wilson(int(20 * rate), 20)
    assert estimate == Estimate(rate, bounds.low, bounds.high, 40)


def test_a_rate_with_spread_is_the_bootstrap() -> None:
    rates, clusters = [0.0, 0.5, 1.0, 0.25], [1, 1, 2, 3]
    assert clustered_rate(rates, clusters, seed=3) == cluster_bootstrap(rates, clusters, seed=3)


def test_one_cluster_has_an_interval_of_no_width() -> None:
    assert cluster_bootstrap([0.0, 1.0], ["p", "p"]) == Estimate(0.5, 0.5, 0.5, 2)


@given(RATES, RATES, st.integers(1, 4))
def test_balanced_accuracy_weighs_both_kinds_of_questions_alike(
    first: list[float], second: list[float], times: int
) -> None:
    """However often one kind is asked about; the interval lies within [0, 1] and holds it."""
    alike, different = [f"a{i}" for i in range(len(first))], [f"b{i}" for i in range(len(second))]
    once = balanced_rate((first, alike), (second, different))
    often = balanced_rate((first * times, alike * times), (second, different))
    # Sums of at most 150 float64 rates.
    assert once.value == pytest.approx((np.mean(first) + np.mean(second)) / 2, abs=1e-12)
    assert often.value == pytest.approx(once.value, abs=1e-12)
    assert -1e-12 <= once.low <= once.value + 1e-12
    assert once.value - 1e-12 <= once.high <= 1 + 1e-12
    assert often.n == times * len(first) + len(second)


def test_balanced_accuracy_of_one_group_is_the_bootstrap() -> None:
    rates, clusters = [0.0, 0.5, 1.0, 1.0], ["a", "b", "b", "c"]
    one = cluster_bootstrap(rates, clusters)
    # The same draws; the bounds differ by the order of float64 sums.
    told = balanced_rate((rates, clusters))
    assert (told.value, told.n) == (one.value, one.n)
    assert (told.low, told.high) == pytest.approx((one.low, one.high), abs=1e-12)


def test_a_program_asked_about_in_both_ways_is_drawn_in_both() -> None:
    """Where each program is as good at one as it is bad at the other, nothing is uncertain."""
    names = list("abcdefgh")
    rates = [0.0, 1.0] * 4
    paired = balanced_rate((rates, names), ([1 - rate for rate in rates], names))
    assert (paired.low, paired.high) == pytest.approx((0.5, 0.5), abs=1e-12)
    apart = balanced_rate((rates, names), (rates, [name * 2 for name in names]))
    assert apart.high - apart.low > 0.2


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_balanced_accuracy_without_spread_claims_no_certainty(rate: float) -> None:
    told = balanced_rate(([rate] * 6, list("aabbcc")), ([rate], ["d"]))
    bounds = [wilson(each if rate else 0, each) for each in (3, 1)]
    assert told.low == pytest.approx(np.mean([each.low for each in bounds]), abs=1e-12)
    assert told.high == pytest.approx(np.mean([each.high for each in bounds]), abs=1e-12)
    assert math.isnan(balanced_rate(([], []), ([rate], ["d"])).value)


def test_pairing_sees_a_small_gain_that_separate_intervals_hide() -> None:
    noise = np.random.default_rng(1)
    before = [float(x) for x in noise.uniform(0, 0.9, 200)]
    after = [x + 0.02 for x in before]
    gain = paired_difference(before, after, range(200))
    assert gain.low == pytest.approx(0.02)
    assert gain.high == pytest.approx(0.02)
    separate = [cluster_bootstrap(rates, range(200)) for rates in (before, after)]
    assert separate[1].low < separate[0].high


@given(RATES)
def test_a_difference_turns_its_sign_with_its_arms(before: list[float]) -> None:
    after, clusters = before[::-1], range(len(before))
    there = paired_difference(before, after, clusters, resamples=100)
    back = paired_difference(after, before, clusters, resamples=100)
    assert there.value == pytest.approx(-back.value)
    assert there.low == pytest.approx(-back.high)


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=30, unique=True), st.randoms())
def test_without_ties_spearman_is_its_closed_form(values: list[int], random: object) -> None:
    other = sorted(values)
    random.shuffle(other)  # type: ignore[attr-defined]
    n = len(values)
    d = [
        sorted(values).index(a) - sorted(other).index(b) for a, b in zip(values, other, strict=True)
    ]
    expected = 1 - 6 * sum(x * x for x in d) / (n * (n * n - 1))
    assert spearman(values, other) == pytest.approx(expected)
    assert spearman(values, [math.exp(v / 10) for v in values]) == pytest.approx(1)


def test_spearman_with_ties_is_pearson_on_mean_ranks() -> None:
    ranks = np.corrcoef([1, 2.5, 2.5, 4], [2.5, 1, 2.5, 4])[0, 1]
    assert spearman([0, 5, 5, 9], [3, 1, 3, 7]) == pytest.approx(ranks)


def test_spearman_says_nothing_of_constants() -> None:
    assert math.isnan(spearman([1, 1, 1], [1, 2, 3]))
    assert math.isnan(spearman([], []))


@given(
    st.integers(1, 9).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n)))
)
def test_pass_at_k_is_the_share_of_subsets_with_a_correct_sample(
    case: tuple[int, int, int],
) -> None:
    n, c, k = case
    subsets = list(combinations(range(n), k))
    hit = sum(min(subset) < c for subset in subsets)
    assert pass_at_k(n, c, k) == float(Fraction(hit, len(subsets)))


def test_impossible_counts_are_refused() -> None:
    for call in (lambda: wilson(3, 2), lambda: wilson(-1, 2), lambda: pass_at_k(2, 1, 3)):
        with pytest.raises(ValueError, match="expected 0 <="):
            call()


def test_unequal_lengths_are_refused() -> None:
    for call in (
        lambda: cluster_bootstrap([1.0], []),
        lambda: paired_difference([1.0], [], []),
        lambda: spearman([1.0], []),
    ):
        with pytest.raises(ValueError, match="expected"):
            call()
