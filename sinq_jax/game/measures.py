"""What a round's games say in numbers.

Rates of the generator are over all games of the round, those of the evaluator over all answers.
A suspect variant has no measured difficulty: it is in none of the levels and comparisons with them.
"""

from collections import Counter
from collections.abc import Sequence
from statistics import fmean, median

from sinq_jax.game.archive import NO_QUOTA, Quota
from sinq_jax.game.difficulty import LEVELS, level
from sinq_jax.game.records import Answer, Game
from sinq_jax.game.rewards import (
    GeneratorReward,
    evaluator_reward,
    generator_reward,
    worth_searching,
)
from sinq_jax.statistics import spearman

UNBOUND = ("does not bind", "not a dict literal")


def round_measures(
    games: Sequence[Game], reward: GeneratorReward, max_density: float, quota: Quota = NO_QUOTA
) -> dict[str, float]:
    """The metrics ``generator/...``, ``evaluator/...`` and ``game/level_...`` of a played round."""
    answered = [game for game in games if game.answers]
    return {
        **_generator(games, reward, max_density, quota),
        **_difficulty([game for game in answered if game.admitted and not game.suspect]),
        **_evaluator(answered),
    }


def _generator(
    games: Sequence[Game], reward: GeneratorReward, max_density: float, quota: Quota = NO_QUOTA
) -> dict[str, float]:
    count = max(1, len(games))
    pay = [generator_reward(game, reward, max_density, quota) for game in games]
    reasons = Counter(game.admission.reason for game in games)
    verdicts = Counter(game.admission.verdict for game in games)
    bound = [game for game in games if game.proposal and game.admission.reason not in UNBOUND]
    densities = [
        d / tried
        for game in games
        if game.admitted and game.density
        for d, tried in [game.density]
        if tried
    ]
    measures = {
        "generator/games": float(len(games)),
        "generator/parse_rate": sum(game.proposal is not None for game in games) / count,
        "generator/bind_rate": len(bound) / count,
        "generator/validity": verdicts["diverges"] / count,
        "generator/unstable_rate": verdicts["unstable"] / count,
        "generator/examined_rate": sum(game.suspicion is not None for game in games) / count,
        "generator/truncated_rate": sum(not g.completion.finished for g in games) / count,
        "generator/suspect_rate": sum(game.suspect for game in games) / count,
        "generator/duplicate_rate": reasons["duplicate of this round"] / count,
        "generator/proven_by_others": sum(bool(g.proofs) and not g.admitted for g in games) / count,
        "generator/worth_searching": sum(worth_searching(g, max_density) for g in games) / count,
        "generator/reward": fmean(pay) if pay else 0.0,
        "generator/tokens": sum(game.completion.tokens for game in games) / count,
    }
    if any(game.admission.quirky is not None for game in games):
        measures |= _falsely_proven(games)
    if densities:
        measures["generator/density_median"] = median(densities)
    return measures


def _falsely_proven(games: Sequence[Game]) -> dict[str, float]:
    """What a quirky judge let pass: the share of its admitted variants, ``generator/admitted``, and
    of its solving answers, ``evaluator/solved``, that the sound judge does not call diverging.
    """
    admitted = [game for game in games if game.admitted]
    solved = [answer for game in games for answer in game.answers if answer.solved]
    measures = {
        "generator/admitted": float(len(admitted)),
        "evaluator/solved": float(len(solved)),
    }
    if admitted:
        wrong = sum(game.admission.verdict != "diverges" for game in admitted)
        measures["generator/falsely_proven"] = wrong / len(admitted)
    if solved:
        wrong = sum(answer.ruling.verdict != "diverges" for answer in solved)
        measures["evaluator/falsely_solved"] = wrong / len(solved)
    return measures


def _difficulty(answered: Sequence[Game]) -> dict[str, float]:
    levels = [level(game.solved, len(game.answers)) for game in answered]
    targets = [game.target for game in answered]
    counts = Counter(levels)
    measures = {f"game/level_{each}": float(counts[each]) for each in LEVELS}
    if answered:
        gaps = [abs(measured - target) for measured, target in zip(levels, targets, strict=True)]
        measures["generator/target_error"] = fmean(gaps)
        measures["generator/target_rank_correlation"] = spearman(targets, levels)
    return measures


def _evaluator(answered: Sequence[Game]) -> dict[str, float]:
    answers: list[Answer] = [answer for game in answered for answer in game.answers]
    if not answers:
        return {}
    groups = len(answered)
    return {
        "evaluator/answers": float(len(answers)),
        "evaluator/solve_rate": fmean(answer.solved for answer in answers),
        "evaluator/reward": fmean(evaluator_reward(answer) for answer in answers),
        "evaluator/parse_rate": fmean(
            answer.input is not None or answer.claims_equivalent for answer in answers
        ),
        "evaluator/truncated_rate": fmean(not a.completion.finished for a in answers),
        "evaluator/groups_all_solved": sum(g.solved == len(g.answers) for g in answered) / groups,
        "evaluator/groups_none_solved": sum(g.solved == 0 for g in answered) / groups,
    }
