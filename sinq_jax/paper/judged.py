"""The variants that the paper's sets are made of: proven, answered, and with a difficulty."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random

from sinq_jax.game import difficulty
from sinq_jax.game.records import Answer, Game, Proposal
from sinq_jax.programs.program import Program


@dataclass(frozen=True)
class Judged:
    """A proven variant: what its generator wrote (``text``), understood (``proposal``), and how
    hard it was (``level``, 0-10).

    ``answer`` is the text of one right answer, None where the evaluator gave none.
    """

    program: Program
    proposal: Proposal
    text: str
    level: int
    answer: str | None


def judged(games: Iterable[Game], seed: int, *, reference_quirks: bool = False) -> Iterator[Judged]:
    """Yield the variants whose difficulty is known, in the order of the games.

    Left out is what the referee did not admit, what nobody was asked about, and what is suspect.
    Of several right answers ``seed`` and the game's place in the run draw one.

    ``reference_quirks`` measures difficulty as the paper's released code does, so that figures can
    be compared: answers that do not parse are dropped from n, and the level is the truncated float
    `truncated_level`. A variant without any answer that parses is then left out.
    """
    for game in games:
        counted = _parsed(game.answers) if reference_quirks else game.answers
        if game.proposal is None or not game.admitted or not counted or game.suspect:
            continue
        level = truncated_level if reference_quirks else difficulty.level
        measured = level(game.solved, len(counted))
        yield Judged(
            game.program, game.proposal, game.completion.text, measured, _right_answer(game, seed)
        )


def truncated_level(solved: int, answers: int) -> int:
    """Difficulty 0-10 as the paper's released code computes it: ``10 (1 - s / n)`` in floating
    point, truncated.

    The float falls just below some whole numbers: with ten answers, nine right ones give 0 in place
    of 1, eight give 1 in place of 2, and level 2 never occurs.
    """
    return int(10 * (1 - solved / answers))


def _parsed(answers: Iterable[Answer]) -> list[Answer]:
    return [each for each in answers if each.input is not None or each.claims_equivalent]


def _right_answer(game: Game, seed: int) -> str | None:
    right = [answer.completion.text for answer in game.answers if answer.solved]
    place = f"{seed}/answer/{game.round}/{game.program.name}/{game.target}/{game.sample}"
    return Random(place).choice(right) if right else None
