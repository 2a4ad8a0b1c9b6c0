"""The supervised warm start: both players imitate brute-forced pairs, at a rate that comes to rest.

The control arm goes on with the same data for as many steps as play takes.
"""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple, TypeVar

from sinq_jax.batching import Example, Shape, example_batch
from sinq_jax.config import Config
from sinq_jax.examples import Known, equivalent_example, right_answers, right_variant
from sinq_jax.experiment import Experiment
from sinq_jax.learning.rates import trapezoid
from sinq_jax.players import Lesson, Players
from sinq_jax.randomness import host_generator
from sinq_jax.schedule import Tick

T = TypeVar("T")


class Rows(NamedTuple):
    """How many examples of each role a batch holds."""

    evaluator: int
    generator: int


def learning_rate(config: Config, tick: Tick, step: int) -> float:
    """The learning rate of one step of the warm start, or of one update of play or control.

    Both phases rise, stay and fall to the same ``final_learning_rate``. Falling alone raises
    held-out success; as every phase has it, it cannot look like a gain from play.
    """
    warm, learning = config.warm_start, config.learning
    final = learning.final_learning_rate
    if tick.round == 0:
        peak, rise, fall = warm.learning_rate, warm.rise_steps, warm.decay_steps
        return trapezoid(step, warm.steps, 0.0, peak, final, rise, fall)
    updates = config.later_steps
    fall = round(updates * learning.decay_share)
    peak, rise = learning.learning_rate, learning.rise_updates
    return trapezoid(step - warm.steps, updates, final, peak, final, rise, fall)


def draw_rows(pool: Sequence[T], count: int, seed: int, purpose: str, step: int) -> list[T]:
    """``count`` elements of ``pool`` for one step: a pass over a fresh shuffle each epoch; none of
    an empty pool.

    The same (seed, purpose, step) always gives the same rows.
    """
    rows: list[T] = []
    if not pool:
        return rows
    for position in range(step * count, (step + 1) * count):
        epoch, place = divmod(position, len(pool))
        if not rows or place == 0:
            order = host_generator(seed, purpose, epoch).permutation(len(pool))
        rows.append(pool[int(order[place])])
    return rows


def interleaved(first: Sequence[T], second: Sequence[T]) -> list[T]:
    """All of both in their orders, the second spread evenly among the first: whatever is cut off at
    the end leaves both in their proportion.
    """
    places = chain(
        (((place + 0.5) / len(first), 0, each) for place, each in enumerate(first)),
        (((place + 0.5) / len(second), 1, each) for place, each in enumerate(second)),
    )
    return [each for _, _, each in sorted(places, key=lambda placed: placed[:2])]


def imitation_lessons(
    experiment: Experiment, evaluator: Sequence[Example], generator: Sequence[Example], rows: Rows
) -> list[Lesson]:
    """One batch of examples for each role."""
    config, tokenizer = experiment.config, experiment.tokenizer
    prompt = config.rollout.prompt_tokens
    answers = Shape(
        rows.evaluator, prompt, config.warm_start.labels, config.rollout.evaluator_tokens
    )
    variants = Shape(rows.generator, prompt, 1, config.rollout.generator_tokens)
    return [
        Lesson("evaluator", "imitation", example_batch(tokenizer, evaluator, answers), 1.0),
        Lesson("generator", "imitation", example_batch(tokenizer, generator, variants), 1.0),
    ]


def warm_start_step(
    experiment: Experiment, players: Players, step: int, rate: float
) -> tuple[Players, dict[str, float]]:
    """One supervised update of both roles on labelled pairs."""
    warm = experiment.config.warm_start
    rows = Rows(warm.evaluator_batch, warm.generator_batch)
    evaluator, generator = warm_start_examples(experiment, rows, step)
    lessons = imitation_lessons(experiment, evaluator, generator, rows)
    players, metrics = experiment.learner.update(players, lessons, rate)
    return players, {**metrics, "learning/rate": rate}


def warm_start_examples(
    experiment: Experiment, rows: Rows, step: int
) -> tuple[list[Example], list[Example]]:
    """The step's examples of the evaluator and of the generator."""
    config, form = experiment.config, experiment.form
    alike = round(rows.evaluator * config.selfplay.equivalent_share)
    different = rows.evaluator - alike
    known: tuple[Known, ...] = (*experiment.pairs, *experiment.borrowed)
    questions = draw_rows(known, different, config.seed, "evaluator pairs", step)
    tasks = draw_rows(known, rows.generator, config.seed, "generator pairs", step)
    others = draw_rows(experiment.equivalents, alike, config.seed, "equivalent pairs", step)
    return (
        interleaved(
            [right_answers(form, each, config.warm_start.labels) for each in questions],
            [equivalent_example(form, pair.original, pair.variant) for pair in others],
        ),
        [right_variant(form, each) for each in tasks],
    )
