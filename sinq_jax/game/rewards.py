"""What each player gets for a game. Never less than 0: a variant that proves nothing earns 0."""

from typing import Literal

from sinq_jax.game.archive import NO_QUOTA, Quota
from sinq_jax.game.difficulty import level
from sinq_jax.game.records import Answer, Game

GeneratorReward = Literal["target", "learnability"]


def generator_reward(
    game: Game, kind: GeneratorReward, max_density: float, quota: Quota = NO_QUOTA
) -> float:
    """At least 0; 0 unless the variant was admitted, answered, worth searching and not suspect.

    ``target``: ``1 - |d - d*| / 10``, d the measured level and d* the one asked for; at most 1.
    ``learnability``: the unbiased estimate ``s (n - s) / (n (n - 1))`` of p (1 - p) (Foster and
    Foerster 2025, arXiv 2502.12272), times 4 so that its largest expected value is 1; a single
    game may earn up to n / (n - 1).

    A variant that differs on more than ``max_density`` of the inputs earns nothing: any guess
    solves it, and players that are paid for such pairs drift towards guessing. One that behaves as
    enough others of its original did is paid in part, as the quota says.
    """
    if not game.admitted or game.withheld or not worth_searching(game, max_density):
        return 0.0
    solved, answers = game.solved, len(game.answers)
    if not answers:
        return 0.0
    if kind == "target":
        return quota.pays(game) * (1.0 - abs(level(solved, answers) - game.target) / 10.0)
    if answers < 2:
        raise ValueError(f"learnability: expected at least 2 answers, got {answers}")
    return quota.pays(game) * 4.0 * solved * (answers - solved) / (answers * (answers - 1))


def worth_searching(game: Game, max_density: float) -> bool:
    """Whether there is something to find that not any guess finds: the variant differs on at most
    ``max_density`` of the inputs, and on some of them unless its proof is the only one known.
    """
    if game.density is None:
        return False
    diverging, tried = game.density
    return diverging <= max_density * tried and (diverging > 0 or game.admitted)


def evaluator_reward(answer: Answer) -> float:
    """1 for an input that was seen to diverge twice, else 0."""
    return float(answer.solved)
