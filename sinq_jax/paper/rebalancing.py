"""Difficulty rebalancing: every hard variant, and a fixed share of easy ones."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import cycle, islice
from random import Random
from typing import Protocol, TypeVar

HARD = 5
"""The lowest level that counts as hard (arXiv 2505.03818)."""


class Levelled(Protocol):
    """Whatever has a difficulty 0-10."""

    @property
    def level(self) -> int: ...


L = TypeVar("L", bound=Levelled)


def easy_count(hard: int, easy_share: Fraction) -> int:
    """How many easy variants make up ``easy_share`` of a set with ``hard`` hard ones, rounded
    down: ``hard * share / (1 - share)``.

    The released sets have these numbers: 133 hard ones and 14 easy for a tenth, 133 for a half.
    """
    return int(hard * easy_share / (1 - easy_share))


def rebalanced(
    variants: Sequence[L], easy_share: Fraction, seed: int, purpose: str
) -> tuple[L, ...]:
    """Every variant of level 5 and above in its order, then as many easier ones as make up
    ``easy_share``, taken from the levels 4, 3, 2, 1, 0 in turn.

    A level gives its variants in an order drawn by (seed, purpose), and begins again when they run
    out, as in the released sets, one of which has the only variant of level 2 that there was 41
    times. Levels without variants are passed over; without any easy variant there is no easy part.
    """
    hard = [variant for variant in variants if variant.level >= HARD]
    easy = islice(_in_turn(variants, seed, purpose), easy_count(len(hard), easy_share))
    return (*hard, *easy)


def _in_turn(variants: Sequence[L], seed: int, purpose: str) -> Iterator[L]:
    """Endless, unless there is nothing easy: one of each easy level, from the hardest down."""
    levels = []
    for level in reversed(range(HARD)):
        same = [variant for variant in variants if variant.level == level]
        Random(f"{seed}/{purpose}/{level}").shuffle(same)
        levels += [cycle(same)] if same else []
    while levels:
        yield from map(next, levels)
