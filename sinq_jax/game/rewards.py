"""What each player gets for a game. Nothing is ever negative: a variant that proves nothing earns
0.
"""

from typing import Literal

from sinq_jax.game.difficulty import level
from sinq_jax.game.records import Answer, Game

GeneratorReward = Literal["target", "learnability"]


def generator_reward(game: Game, kind: GeneratorReward) -> float:
    """In [0, 1]. 0 unless the variant was admitted and answered.

    ``target``: ``1 - |d - d*| / 10``, d the measured level and d* the one asked for.
    ``learnability``: the unbiased estimate ``s (n - s) / (n (n - 1))`` of p (1 - p) (Foster and
    Foerster 2025, arXiv 2502.12272), times 4 so that its largest expected value is 1.
    """
    solved, answers = game.solved, len(game.answers)
    if not game.admitted or answers == 0:
        return 0.0
    if kind == "target":
        return 1.0 - abs(level(solved, answers) - game.target) / 10.0
    if answers < 2:
        raise ValueError(f"learnability: expected at least 2 answers, got {answers}")
    return 4.0 * solved * (answers - solved) / (answers * (answers - 1))


def evaluator_reward(answer: Answer) -> float:
    """1 for an input that was seen to diverge twice, else 0."""
    return float(answer.solved)
