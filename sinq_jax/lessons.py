"""What there is to learn from a played round: batches for both roles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sinq_jax.batching import Example, Shape, Weighted, rollout_batch
from sinq_jax.examples import distinct, proven_answers, proven_variant
from sinq_jax.experiment import Experiment
from sinq_jax.game.records import Game
from sinq_jax.game.rewards import evaluator_reward, generator_reward, worth_searching
from sinq_jax.learning.advantages import group_advantages
from sinq_jax.players import Lesson
from sinq_jax.randomness import host_generator
from sinq_jax.rollout import Group
from sinq_jax.schedule import Tick
from sinq_jax.warmstart import Rows, imitation_lessons, warm_start_examples


def evaluator_advantages(games: Sequence[Game], answered: Mapping[int, Group]) -> list[Weighted]:
    """Answered games with contrast; where all answers fare alike there is nothing to learn."""
    weighted = []
    for index, group in answered.items():
        rewards = [evaluator_reward(answer) for answer in games[index].answers]
        weighted.append(_weighted(group, rewards))
    return [each for each in weighted if np.any(each.weights)]


def generator_advantages(
    experiment: Experiment, games: Sequence[Game], written: Sequence[Group]
) -> list[Weighted]:
    """Each task's variants against each other."""
    pay = experiment.config.rewards
    rewards = [generator_reward(game, pay.generator, pay.max_density) for game in games]
    size = experiment.config.selfplay.variants
    weighted = [
        _weighted(group, rewards[index * size : (index + 1) * size])
        for index, group in enumerate(written)
    ]
    return [each for each in weighted if np.any(each.weights)]


def _weighted(group: Group, rewards: list[float]) -> Weighted:
    row = np.array([rewards], np.float32)
    return Weighted(group, group_advantages(row, np.ones_like(row, bool))[0])


def policy_lessons(
    experiment: Experiment, evaluator: list[Weighted], generator: list[Weighted]
) -> list[Lesson]:
    """The round's own samples, weighted by their advantages."""
    config = experiment.config
    play, learning, rollout = config.selfplay, config.learning, config.rollout
    answers = Shape(
        learning.evaluator_groups, rollout.prompt_tokens, play.answers, rollout.evaluator_tokens
    )
    variants = Shape(
        learning.generator_groups, rollout.prompt_tokens, play.variants, rollout.generator_tokens
    )
    share = learning.policy_share
    return [
        Lesson("evaluator", "policy", rollout_batch(evaluator, answers), share, learning.entropy),
        Lesson("generator", "policy", rollout_batch(generator, variants), share, learning.entropy),
    ]


@dataclass(frozen=True)
class Taught:
    """What the games of one round are worth imitating for: right answers, and proven variants.

    Kept in place of the games: an example is made once, however many rounds it is replayed in.
    """

    answers: tuple[Example, ...]
    variants: tuple[Example, ...]


def taught(experiment: Experiment, games: Sequence[Game]) -> Taught:
    """The examples that the games of a round make, each once."""
    form, labels = experiment.form, experiment.config.warm_start.labels
    games = [game for game in games if teaches(experiment, game)]
    return Taught(
        tuple(distinct([proven_answers(form, game, labels) for game in games])),
        tuple(distinct([proven_variant(form, game) for game in games])),
    )


def replay_lessons(
    experiment: Experiment, memory: Sequence[Taught], tick: Tick, update: int
) -> list[Lesson]:
    """Imitation: ``replay_share`` of the rows are warm-start pairs, the others proofs of games."""
    config = experiment.config
    learning = config.learning
    rows = Rows(learning.evaluator_batch, learning.generator_batch)
    evaluator, generator = warm_start_examples(experiment, rows, tick.first_step + update)
    answers = distinct([example for each in memory for example in each.answers])
    variants = distinct([example for each in memory for example in each.variants])
    rng = host_generator(config.seed, "replay", tick.round, update)
    share = learning.replay_share
    return imitation_lessons(
        experiment,
        _mixed(evaluator, answers, rows.evaluator, share, rng),
        _mixed(generator, variants, rows.generator, share, rng),
        rows,
    )


def teaches(experiment: Experiment, game: Game) -> bool:
    """Whether a game is worth imitating: its variant takes a search, many answers failed, and it is
    not suspect.
    """
    config = experiment.config
    most = config.learning.most_solved * len(game.answers)
    searched = worth_searching(game, config.rewards.max_density)
    return searched and game.solved <= most and not game.suspect


def _mixed(
    old: list[Example], new: list[Example], count: int, share: float, rng: np.random.Generator
) -> list[Example]:
    """At most ``count`` examples, ``share`` of them old, where there are any, and more where there
    are few new.
    """
    kept = round(count * share) if old else 0
    take = min(count - kept, len(new))
    chosen = rng.choice(len(new), size=take, replace=False).tolist() if take else []
    return [*old[: count - take], *(new[index] for index in chosen)]
