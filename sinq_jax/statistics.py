"""Estimates with intervals for rates over programs, rank correlation, and pass@k."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Estimate:
    """A number with its interval; ``n`` is how many items it was counted on.

    With nothing to count (n = 0) the value is NaN and the interval says nothing.
    """

    value: float
    low: float
    high: float
    n: int


def wilson(successes: int, trials: int, confidence: float = 0.95) -> Estimate:
    """Return the share of successes with the Wilson score interval.

    Unlike the textbook interval it stays within [0, 1] and is honest at 0, at 1 and for few trials;
    the trials must be independent. Source: E. B. Wilson, "Probable inference, the law of
    succession, and statistical inference", JASA 22 (1927). Raises ValueError unless
    0 <= successes <= trials.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"wilson: expected 0 <= successes <= trials, got {successes} of {trials}")
    if trials == 0:
        return Estimate(math.nan, 0.0, 1.0, 0)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = successes / trials
    middle = share + z * z / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + (z / (2 * trials)) ** 2)
    scale = 1 + z * z / trials
    low = 0.0 if successes == 0 else (middle - spread) / scale
    high = 1.0 if successes == trials else (middle + spread) / scale
    return Estimate(share, low, high, trials)


def cluster_bootstrap(
    rates: Sequence[float],
    clusters: Sequence[Hashable],
    *,
    seed: int = 0,
    resamples: int = 2000,
    confidence: float = 0.95,
) -> Estimate:
    """Return the mean of per-item rates with a percentile interval that resamples whole clusters.

    Items of one program (its cluster) succeed and fail together, so resampling items would give
    too narrow an interval. The same arguments give the same interval. Source: A. C. Davison and
    D. V. Hinkley, "Bootstrap Methods and their Application" (1997), sections 3.8 and 5.3.
    Raises ValueError when the lengths differ.
    """
    if len(rates) != len(clusters):
        raise ValueError(
            f"cluster_bootstrap: expected a cluster per rate, got {len(clusters)} for {len(rates)}"
        )
    if not rates:
        return Estimate(math.nan, -math.inf, math.inf, 0)
    places = {cluster: place for place, cluster in enumerate(dict.fromkeys(clusters))}
    index = [places[cluster] for cluster in clusters]
    sums = np.bincount(index, weights=np.asarray(rates, dtype=np.float64))
    sizes = np.bincount(index)
    drawn = np.random.default_rng(seed).multinomial(
        len(sums), np.full(len(sums), 1 / len(sums)), size=resamples
    )
    means = (drawn * sums).sum(axis=1) / (drawn * sizes).sum(axis=1)
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Estimate(float(np.mean(rates)), float(low), float(high), len(rates))


def clustered_rate(
    rates: Sequence[float], clusters: Sequence[Hashable], *, seed: int = 0, resamples: int = 2000
) -> Estimate:
    """Return `cluster_bootstrap` with an honest 95% interval also where resampling shows no spread.

    When all rates are 0 or all are 1, every resample is the same and the bootstrap would claim
    certainty; then the bounds are Wilson's with one trial per cluster. Rates lie in [0, 1].
    """
    estimate = cluster_bootstrap(rates, clusters, seed=seed, resamples=resamples)
    if estimate.value not in (0, 1):
        return estimate
    trials = len(set(clusters))
    bounds = wilson(trials if estimate.value else 0, trials)
    return Estimate(estimate.value, bounds.low, bounds.high, estimate.n)


def balanced_rate(
    *groups: tuple[Sequence[float], Sequence[Hashable]],
    seed: int = 0,
    resamples: int = 2000,
    confidence: float = 0.95,
) -> Estimate:
    """Return the mean of the groups' mean rates, each group as (rates, clusters), with a percentile
    interval that resamples whole clusters across all groups at once.

    Each group weighs the same, however many items it has: of the rates on two kinds of questions
    this is the balanced accuracy (K. H. Brodersen et al., "The balanced accuracy and its posterior
    distribution", ICPR 2010). A program that has items in several groups is drawn or left out in
    all of them. Where all rates are 0 or all are 1 no resample shows a spread: then the bounds are
    the means of Wilson's for each group, with one trial per cluster. ``n`` is the number of items.
    NaN where a group is empty. Raises ValueError when lengths differ.
    """
    for rates, clusters in groups:
        if len(rates) != len(clusters):
            raise ValueError(
                f"balanced_rate: expected a cluster per rate, got {len(clusters)} for {len(rates)}"
            )
    items = sum(len(rates) for rates, _ in groups)
    if not all(rates for rates, _ in groups):
        return Estimate(math.nan, -math.inf, math.inf, items)
    every = dict.fromkeys(cluster for _, clusters in groups for cluster in clusters)
    places = {cluster: place for place, cluster in enumerate(every)}
    drawn = np.random.default_rng(seed).multinomial(
        len(places), np.full(len(places), 1 / len(places)), size=resamples
    )
    means = np.zeros(resamples)
    for rates, clusters in groups:
        index = [places[cluster] for cluster in clusters]
        weights = np.asarray(rates, dtype=np.float64)
        sums = np.bincount(index, weights=weights, minlength=len(places))
        sizes = np.bincount(index, minlength=len(places))
        with np.errstate(invalid="ignore"):  # a resample may hold no item of a small group
            means += (drawn * sums).sum(axis=1) / (drawn * sizes).sum(axis=1) / len(groups)
    low, high = np.nanquantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    value = float(np.mean([np.mean(rates) for rates, _ in groups]))
    if value in (0, 1):
        trials = [len(set(clusters)) for _, clusters in groups]
        bounds = [wilson(each if value else 0, each) for each in trials]
        low, high = (np.mean([getattr(b, side) for b in bounds]) for side in ("low", "high"))
    return Estimate(value, float(low), float(high), items)


def paired_difference(
    before: Sequence[float],
    after: Sequence[float],
    clusters: Sequence[Hashable],
    *,
    seed: int = 0,
    resamples: int = 2000,
    confidence: float = 0.95,
) -> Estimate:
    """Return the mean of ``after - before`` over the same items, with a cluster-bootstrap interval.

    Pairing removes the spread between easy and hard items, which two separate intervals keep: an
    interval of the difference that leaves out 0 is the sharper test. Raises ValueError when the
    lengths differ.
    """
    if len(before) != len(after):
        raise ValueError(
            f"paired_difference: expected the same items, got {len(before)} and {len(after)}"
        )
    differences = [late - early for early, late in zip(before, after, strict=True)]
    return cluster_bootstrap(
        differences, clusters, seed=seed, resamples=resamples, confidence=confidence
    )


def spearman(first: Sequence[float], second: Sequence[float]) -> float:
    """Return Spearman's rank correlation in [-1, 1]; ties share their mean rank.

    NaN for fewer than two items or when one side is constant. Source: C. Spearman, "The proof and
    measurement of association between two things", Am. J. Psychol. 15 (1904). Raises ValueError
    when the lengths differ.
    """
    if len(first) != len(second):
        raise ValueError(f"spearman: expected pairs, got {len(first)} and {len(second)} values")
    if len(set(first)) < 2 or len(set(second)) < 2:
        return math.nan
    a, b = (_ranks(values) for values in (first, second))
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / math.sqrt((a * a).sum() * (b * b).sum()))


def pass_at_k(samples: int, correct: int, k: int) -> float:
    """Return the chance that at least one of k samples is correct, unbiased, from n >= k samples.

    It is 1 - C(n - c, k) / C(n, k), in whole numbers. Source: M. Chen et al., "Evaluating large
    language models trained on code" (2021), equation 1. Raises ValueError unless
    0 <= correct <= samples and 1 <= k <= samples.
    """
    if not (0 <= correct <= samples and 1 <= k <= samples):
        raise ValueError(
            "pass_at_k: expected 0 <= correct <= samples and 1 <= k <= samples, "
            f"got samples={samples}, correct={correct}, k={k}"
        )
    every = math.comb(samples, k)
    return (every - math.comb(samples - correct, k)) / every


def _ranks(values: Sequence[float]) -> NDArray[np.float64]:
    """Ranks from 1; equal values get the mean of the ranks they take up."""
    _, inverse, counts = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    means: NDArray[np.float64] = (last - (counts - 1) / 2)[inverse]
    return means
