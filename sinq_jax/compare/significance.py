"""Paired tests over seeds, and over the held-out pairs of these seeds. No p-value without its n."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import fmean, stdev

import numpy as np
from numpy.typing import NDArray

from sinq_jax.statistics import Estimate

LARGEST = 1e6
MOST_SEEDS = 16
"""Beyond so many seeds not every choice of signs is counted any more."""

Outcomes = NDArray[np.float64]


@dataclass(frozen=True)
class Tested:
    """A difference with its 95% interval and two-sided p-value; NaN where nothing can be said."""

    difference: Estimate
    p: float


def t_probability(t: float, freedom: int) -> float:
    """P(|T| >= |t|) of Student's distribution with ``freedom`` >= 1 degrees of freedom.

    A finite sum for whole degrees. Source: M. Abramowitz and I. Stegun, "Handbook of Mathematical
    Functions" (1964), 26.7.3 and 26.7.4.
    """
    angle = math.atan(abs(t) / math.sqrt(freedom))
    cosine, sine = math.cos(angle), math.sin(angle)
    odd = freedom % 2
    term = cosine if odd else 1.0
    total = term if freedom > 1 else 0.0
    for k in range(3 if odd else 2, freedom - 1, 2):
        term *= (k - 1) / k * cosine * cosine
        total += term
    inside = 2 / math.pi * (angle + sine * total) if odd else sine * total
    return min(1.0, max(0.0, 1.0 - inside))


def t_quantile(freedom: int, confidence: float = 0.95) -> float:
    """The t with P(|T| <= t) = ``confidence``, to within 1e-9 of it, by bisection."""
    low, high = 0.0, LARGEST
    while high - low > 1e-9 * max(1.0, low):
        middle = (low + high) / 2
        if t_probability(middle, freedom) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def mean_over_seeds(values: Sequence[float]) -> Estimate:
    """The mean with Student's 95% interval over seeds. One seed has no interval, and neither have
    seeds that are all alike: that there is no spread at all is not to be believed.
    """
    if len(set(values)) < 2:
        value = values[0] if values else math.nan
        return Estimate(value, math.nan, math.nan, len(values))
    half = t_quantile(len(values) - 1) * stdev(values) / math.sqrt(len(values))
    return Estimate(fmean(values), fmean(values) - half, fmean(values) + half, len(values))


def paired_t(differences: Sequence[float]) -> Tested:
    """Whether the mean of the seeds' differences is 0: the paired t test (Student 1908, "The
    probable error of a mean", Biometrika 6), two-sided.

    p is NaN for fewer than two seeds, and where the differences have no spread to compare with.
    """
    estimate = mean_over_seeds(differences)
    if len(differences) < 2 or stdev(differences) == 0:
        return Tested(estimate, math.nan)
    t = estimate.value / (stdev(differences) / math.sqrt(len(differences)))
    return Tested(estimate, t_probability(t, len(differences) - 1))


def sign_flip(differences: Sequence[float]) -> float:
    """The two-sided p-value of the mean when every difference may as well have the other sign: no
    distribution is assumed, and with n seeds it is never below 2 / 2^n.

    Source: R. A. Fisher, "The Design of Experiments" (1935), section 21. All signs are counted, for
    more than 16 seeds 65,536 random choices of them. NaN without seeds.
    """
    if not differences:
        return math.nan
    values = np.asarray(differences, np.float64)
    if len(values) <= MOST_SEEDS:
        signs = np.array(list(product((1.0, -1.0), repeat=len(values))))
    else:
        shape = (1 << MOST_SEEDS, len(values))
        signs = np.random.default_rng(0).choice((1.0, -1.0), size=shape)
        signs[0] = 1.0
    sums = np.abs(signs @ values)
    # Sums of the same numbers in another order may differ in their last bits.
    return float(np.mean(sums >= sums[0] * (1 - 1e-12)))


def over_items(
    before: Mapping[int, Outcomes],
    after: Mapping[int, Outcomes],
    clusters: Mapping[int, Sequence[Hashable]],
    resamples: int = 4000,
) -> Tested:
    """The mean over seeds of the mean difference over the same held-out pairs, ``after - before``.

    A bootstrap stratified by seed: within each, whole originals are drawn. It covers the choice
    of pairs and answers for these seeds, and says nothing about others. Source: A. C. Davison and
    D. V. Hinkley, "Bootstrap Methods and their Application" (1997), sections 3.2, 3.8 and 4.4.
    ``n`` is the number of pairs, of all seeds.
    """
    rng = np.random.default_rng(0)
    means: list[float] = []
    drawn = np.zeros(resamples)
    for seed in sorted(before):
        differences = after[seed] - before[seed]
        means.append(float(differences.mean()))
        drawn += _resampled(differences, clusters[seed], rng, resamples) / len(before)
    low, high = np.quantile(drawn, [0.025, 0.975])
    tail = min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
    items = sum(len(each) for each in before.values())
    estimate = Estimate(fmean(means), float(low), float(high), items)
    return Tested(estimate, min(1.0, 2 * (1 + tail) / (1 + resamples)))


def _resampled(
    values: Outcomes, clusters: Sequence[Hashable], rng: np.random.Generator, resamples: int
) -> Outcomes:
    """Means of ``values`` over clusters drawn with replacement, float64 ``[resamples]``."""
    places = {cluster: place for place, cluster in enumerate(dict.fromkeys(clusters))}
    index = [places[cluster] for cluster in clusters]
    sums, sizes = np.bincount(index, weights=values), np.bincount(index)
    counts = rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=resamples)
    means: Outcomes = (counts @ sums) / (counts @ sizes)
    return means


@dataclass(frozen=True)
class Discordant:
    """Pairs that only one of two arms solves, and McNemar's p-value."""

    only_after: int
    only_before: int
    p: float


def mcnemar(before: Sequence[int], after: Sequence[int]) -> Discordant:
    """The exact two-sided test of equal shares over the same pairs, 0 or 1 each.

    Source: Q. McNemar, "Note on the sampling error of the difference between correlated proportions
    or percentages", Psychometrika 12 (1947), with the binomial distribution itself.
    """
    gained = sum(late > early for early, late in zip(before, after, strict=True))
    lost = sum(late < early for early, late in zip(before, after, strict=True))
    trials = gained + lost
    tail = sum(math.comb(trials, k) for k in range(min(gained, lost) + 1))
    return Discordant(gained, lost, min(1.0, 2 * tail / 2**trials))


def holm(values: Sequence[float]) -> list[float]:
    """p-values for several claims at once, each as it has to be held against 0.05 so that any false
    claim among them is as rare as that. NaN stays NaN and counts as no claim.

    Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal
    of Statistics 6 (1979).
    """
    order = sorted(
        (place for place, p in enumerate(values) if not math.isnan(p)), key=lambda i: values[i]
    )
    adjusted, worst = list(values), 0.0
    for rank, place in enumerate(order):
        worst = max(worst, min(1.0, (len(order) - rank) * values[place]))
        adjusted[place] = worst
    return adjusted
