"""The four training sets of a round (arXiv 2505.03818), as variants and not yet as texts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sinq_jax.game.records import Game
from sinq_jax.paper.judged import Judged, judged
from sinq_jax.paper.preferences import Preference, preferences
from sinq_jax.paper.rebalancing import rebalanced

EASY_SHARE = Fraction(1, 10)
"""Share of easy variants in what the generator learns to write."""
PREDICTION_EASY_SHARE = Fraction(1, 2)
"""Share of easy variants in what it learns to tell the difficulty of."""


@dataclass(frozen=True)
class TrainingSets:
    """What both players learn from after a round.

    ``generator``: variants to write when asked for their level. ``prediction``: variants whose
    level is to be told. ``preferences``: pairs for the variant of the procedure that prefers hard
    over easy. ``evaluator``: the programs of ``generator``, each once, to be answered rightly.
    """

    generator: tuple[Judged, ...]
    prediction: tuple[Judged, ...]
    preferences: tuple[Preference, ...]
    evaluator: tuple[Judged, ...]


def training_sets(
    games: Iterable[Game], seed: int, *, reference_quirks: bool = False
) -> TrainingSets:
    """The sets from the games of all rounds so far; the same games and seed give the same sets.

    ``reference_quirks`` as in `judged`.
    """
    return sets_of(tuple(judged(games, seed, reference_quirks=reference_quirks)), seed)


def sets_of(variants: Sequence[Judged], seed: int) -> TrainingSets:
    """The sets from the variants of all rounds so far, as ``judged`` gives them."""
    generator = rebalanced(variants, EASY_SHARE, seed, "generator")
    prediction = rebalanced(variants, PREDICTION_EASY_SHARE, seed, "prediction")
    return TrainingSets(generator, prediction, preferences(variants, seed), _each_once(generator))


def _each_once(variants: Iterable[Judged]) -> tuple[Judged, ...]:
    """The first variant of each pair of programs, preferring one that the evaluator solved."""
    found: dict[tuple[object, str], Judged] = {}
    for variant in variants:
        programs = (variant.program, variant.proposal.variant)
        known = found.get(programs)
        if known is None or (known.answer is None and variant.answer is not None):
            found[programs] = variant
    return tuple(found.values())
