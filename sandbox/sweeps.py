"""What the sweeps of two programs over the same inputs say: a measurement, never a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.compare import same_outcome
from sandbox.records import Outcome

FINISHED = ("returned", "raised")


@dataclass(frozen=True)
class Comparison:
    """What the outcomes of P and Q on the same inputs say.

    ``diverging`` holds the places of the inputs on which they differ; ``tried`` counts the inputs
    on which they could be compared at all; ``unclear`` counts the outcomes of Q that are neither a
    value nor an exception.
    """

    diverging: tuple[int, ...]
    tried: int
    unclear: int


def compare_sweeps(original: Sequence[Outcome], variant: Sequence[Outcome]) -> Comparison:
    """The outcomes of two programs on the same inputs, compared one by one.

    An input counts where P returned or raised and Q did so too or ran out of time, which is a
    difference then.
    """
    diverging: list[int] = []
    tried = unclear = 0
    for place, (ours, theirs) in enumerate(zip(original, variant, strict=True)):
        unclear += theirs.status not in FINISHED
        if ours.status not in FINISHED or theirs.status not in (*FINISHED, "timeout"):
            continue
        tried += 1
        if theirs.status == "timeout" or not same_outcome(ours, theirs):
            diverging.append(place)
    return Comparison(tuple(diverging), tried, unclear)
