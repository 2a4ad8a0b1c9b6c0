"""The suspicion pass: what only its writer can tell from the original is not called hard.

A weak judge is harvested as "hard": of the published variants that no answer solved, more than a
quarter prove nothing. So a variant that was admitted and never solved has to be told from the
original once more, by a search that knows neither player.
"""

from collections.abc import Sequence
from dataclasses import replace

from sandbox import Judge
from sandbox.search import Findings, Pair, search_all
from sinq_jax.game.records import Game, Suspicion
from sinq_jax.game.referee import ruling_of
from sinq_jax.programs.inputs import enumerate_inputs


def unsolved(game: Game) -> bool:
    """Whether a proven variant was asked about and never solved: measured difficulty 10.

    An answer that solves a variant tells it from the original, so at level 9 nothing is left to
    search for.
    """
    return game.admitted and bool(game.answers) and game.solved == 0


def examine(sandbox: Judge, games: Sequence[Game], budget: int, sample: int) -> tuple[Game, ...]:
    """The games, the unsolved ones with what a search of at most ``budget`` inputs found.

    Tried are the ``sample`` inputs that divergence densities are measured on, then inputs near the
    writer's own. That one counts only where it is in the sample, which was drawn from the original
    alone: a boundary that moved by one may show at a single input, and is fair all the same. What
    shows at the writer's own input and nowhere else is a riddle. Code that equals the original's is
    not searched at all. With a budget of 0 nothing is examined.
    """
    places = [place for place, game in enumerate(games) if budget and unsolved(game)]
    pairs = [_pair(games[place], sample) for place in places]
    found = search_all(sandbox, pairs, budget, wanted=1) if pairs else []
    examined = list(games)
    for place, findings in zip(places, found, strict=True):
        examined[place] = replace(games[place], suspicion=_suspicion(findings))
    return tuple(examined)


def _pair(game: Game, sample: int) -> Pair:
    assert game.proposal is not None
    program = game.program
    return Pair(
        id=program.name,
        entry_point=program.entry_point,
        original=program.source,
        variant=game.proposal.variant,
        known=enumerate_inputs(program, sample, 0),
        claimed=game.proposal.input,
    )


def _suspicion(findings: Findings) -> Suspicion:
    if not findings.found:
        return Suspicion(findings.reason, findings.tried)
    find = findings.found[0]
    return Suspicion(findings.reason, findings.tried, find.input, ruling_of(find.judgement))
