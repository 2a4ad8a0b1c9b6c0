"""Pairs for direct preference optimisation: a hard and an easy variant of the same original."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from sinq_jax.paper.judged import Judged
from sinq_jax.paper.rebalancing import HARD
from sinq_jax.programs.program import Program


@dataclass(frozen=True)
class Preference:
    """Two variants of one original, of which the hard one is preferred."""

    hard: Judged
    easy: Judged


def preferences(variants: Sequence[Judged], seed: int) -> tuple[Preference, ...]:
    """As many pairs as each original has variants for on both sides, original by original.

    A variant stands in one pair at most; ``seed`` draws who meets whom.
    """
    originals: dict[Program, tuple[list[Judged], list[Judged]]] = {}
    for variant in variants:
        hard, easy = originals.setdefault(variant.program, ([], []))
        (hard if variant.level >= HARD else easy).append(variant)
    pairs: list[Preference] = []
    for program, (hard, easy) in originals.items():
        rng = Random(f"{seed}/preference/{program.name}")
        rng.shuffle(hard)
        rng.shuffle(easy)
        pairs += map(Preference, hard, easy)
    return tuple(pairs)
