"""Two models on the same items: paired tests, and "better" only where it is shown."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from sinq_jax.benchmarks.suites.figures import Scores, apart, by_benchmark, clusters, scores_of
from sinq_jax.benchmarks.suites.records import Record, RecordError
from sinq_jax.statistics import Estimate, paired_difference

LEVEL = 0.05
"""What a p-value has to be below, and what an interval leaves out."""


@dataclass(frozen=True)
class Paired:
    """The difference ``after - before`` of one figure over the same items, with its 95% interval.

    Where each item is right or wrong, ``gained`` and ``lost`` count the items that only one side
    has right, and ``p`` is McNemar's; elsewhere all three are None.
    """

    benchmark: str
    name: str
    before: float
    after: float
    difference: Estimate
    gained: int | None
    lost: int | None
    p: float | None
    loss: bool

    @property
    def verdict(self) -> str:
        """``better`` or ``worse`` where the test shows it, else ``no difference shown``."""
        if self.p is None:
            shown = self.difference.low > 0 or self.difference.high < 0
        else:
            shown = self.p < LEVEL
        if not shown:
            return "no difference shown"
        return "better" if (self.difference.value > 0) != self.loss else "worse"


def mcnemar(gained: int, lost: int) -> float:
    """Return the exact two-sided p-value of McNemar's test from its discordant pairs.

    If both models are equally good, each discordant pair is a fair coin: twice the binomial tail of
    the smaller count, at most 1. Source: Q. McNemar, "Note on the sampling error of the difference
    between correlated proportions or percentages", Psychometrika 12 (1947), in its exact form.
    """
    n = gained + lost
    tail = sum(math.comb(n, i) for i in range(min(gained, lost) + 1))
    return min(1.0, float(2 * tail / 2**n))


def compare(before: Sequence[Record], after: Sequence[Record]) -> list[Paired]:
    """Return a paired comparison for each figure of each benchmark that both sides have.

    Raises ``RecordError`` where they have none in common, or not the same items of one.
    """
    old, new = by_benchmark(before), by_benchmark(after)
    both = [key for key in old if key in new]
    if not both:
        raise RecordError(
            "compare: expected a benchmark with the same data file on both sides, got none; score "
            "both models on the same files"
        )
    return [pair for key in both for pair in _compared(key[0], old[key], new[key])]


def _compared(name: str, before: Sequence[Record], after: Sequence[Record]) -> list[Paired]:
    places = {record.item: record for record in after}
    if places.keys() != {record.item for record in before}:
        raise RecordError(
            f"{name}: expected the same items on both sides, got {len(before)} and {len(after)}; "
            "score both models with the same limit"
        )
    # An older file says nothing of parts.
    told = [replace(each, part=each.part or places[each.item].part) for each in before]
    return [
        pair
        for suffix, some in apart(told)
        for pair in _pairs(name, suffix, some, [places[record.item] for record in some])
    ]


def _pairs(
    name: str, suffix: str, before: Sequence[Record], after: Sequence[Record]
) -> Iterator[Paired]:
    """Yield the comparison of each figure that both sides have; the items are in one order."""
    later = {scores.name: scores for scores in scores_of(after)}
    drawn = clusters(before)
    for scores in scores_of(before):
        if scores.name in later:
            yield _paired(name, suffix, drawn, scores, later[scores.name])


def _paired(name: str, suffix: str, drawn: Sequence[str], before: Scores, after: Scores) -> Paired:
    """``drawn`` are the clusters: McNemar's test is for items of which none comes with another."""
    difference = paired_difference(before.values, after.values, drawn)
    gained = lost = p = None
    if before.binary and after.binary and len(set(drawn)) == len(drawn):
        pairs = [*zip(before.values, after.values, strict=True)]
        gained, lost = pairs.count((0.0, 1.0)), pairs.count((1.0, 0.0))
        p = mcnemar(gained, lost)
    means = fmean(before.values), fmean(after.values)
    label = f"{before.name}{suffix}"
    return Paired(name, label, *means, difference, gained, lost, p, before.loss)
