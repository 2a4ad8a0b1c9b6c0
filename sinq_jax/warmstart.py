"""The supervised warm start: both players imitate brute-forced pairs, and the learning rate comes to rest.

The control arm goes on with the same data for as many steps as play takes.
"""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from sinq_jax.batching import Example, Shape, example_batch
from sinq_jax.config import Config
from sinq_jax.examples import evaluator_example, generator_example
from sinq_jax.experiment import Experiment
from sinq_jax.players import Lesson, Players
from sinq_jax.randomness import host_generator

T = TypeVar("T")


def learning_rate(config: Config, step: int) -> float:
    """Linear rise, plateau, then a linear fall to the learning rate of play over the last ``decay_share`` of the steps.

    The fall ends before play begins: falling alone raises held-out success, and must not look like a gain from play.
    """
    warm = config.warm_start
    rise = min(1.0, (step + 1) / max(1, warm.rise_steps))
    left = (warm.steps - step) / max(1, warm.decay_steps)
    floor = config.learning.learning_rate
    return floor + (warm.learning_rate * rise - floor) * min(1.0, left)


def draw_rows(pool: Sequence[T], count: int, seed: int, purpose: str, step: int) -> list[T]:
    """``count`` elements of ``pool`` for one step: a pass over a fresh shuffle each epoch, with no state to keep.

    The same (seed, purpose, step) always gives the same rows.
    """
    rows: list[T] = []
    for position in range(step * count, (step + 1) * count):
        epoch, place = divmod(position, len(pool))
        if not rows or place == 0:
            order = host_generator(seed, purpose, epoch).permutation(len(pool))
        rows.append(pool[int(order[place])])
    return rows


def imitation_lessons(
    experiment: Experiment, evaluator: Sequence[Example], generator: Sequence[Example], rows: int
) -> list[Lesson]:
    """One batch of ``rows`` examples for each role."""
    config, tokenizer = experiment.config, experiment.tokenizer
    prompt = config.rollout.prompt_tokens
    answers = Shape(rows, prompt, config.warm_start.labels, config.rollout.evaluator_tokens)
    variants = Shape(rows, prompt, 1, config.rollout.generator_tokens)
    return [
        Lesson("evaluator", "imitation", example_batch(tokenizer, evaluator, answers), 1.0),
        Lesson("generator", "imitation", example_batch(tokenizer, generator, variants), 1.0),
    ]


def warm_start_step(
    experiment: Experiment, players: Players, step: int, rate: float
) -> tuple[Players, dict[str, float]]:
    """One supervised update of both roles on labelled pairs."""
    config = experiment.config
    rows = config.warm_start.batch
    evaluator, generator = warm_start_examples(experiment, rows, step)
    lessons = imitation_lessons(experiment, evaluator, generator, rows)
    players, metrics = experiment.learner.update(players, lessons, rate)
    return players, {**metrics, "learning/rate": rate}


def warm_start_examples(
    experiment: Experiment, rows: int, step: int
) -> tuple[list[Example], list[Example]]:
    """The step's examples of the evaluator and of the generator."""
    config, form = experiment.config, experiment.form
    questions = draw_rows(experiment.pairs, rows, config.seed, "evaluator pairs", step)
    tasks = draw_rows(experiment.pairs, rows, config.seed, "generator pairs", step)
    return (
        [evaluator_example(form, pair, config.warm_start.labels) for pair in questions],
        [generator_example(form, pair) for pair in tasks],
    )
