"""What each training of the paper's procedure learns from: criteria, and batches without end."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import jax
import numpy as np

from sinq_jax.batching import Shape, example_batch
from sinq_jax.conversations import conversation_row, fits, preference_example
from sinq_jax.epochs import packed_batches, preference_batches
from sinq_jax.experiment import Experiment
from sinq_jax.fitting import reference_logprobs
from sinq_jax.game.chats import Chat
from sinq_jax.game.records import Role
from sinq_jax.learning.descent import Criterion
from sinq_jax.learning.preferences import Preference, PreferenceBatch
from sinq_jax.learning.supervised import Imitation
from sinq_jax.learning.train_step import Player
from sinq_jax.paper.judged import Judged
from sinq_jax.paper.rebalancing import HARD
from sinq_jax.paper.rows import (
    PreferenceRow,
    evaluator_row,
    generator_row,
    prediction_row,
    preference_row,
)
from sinq_jax.paper.sets import TrainingSets


@dataclass(frozen=True)
class Training:
    """One training of one role. ``batches`` go on from the step it was asked for; there are none
    where there is nothing to learn. ``counts`` are of rows, and ``unit`` is what the criterion
    counts.
    """

    role: Role
    name: str
    unit: str
    criterion: Criterion
    batches: Iterator[Any]
    counts: dict[str, int] = field(default_factory=dict)

    def named(self, told: Mapping[str, float]) -> dict[str, float]:
        """What one step reported, by the names of metrics."""
        of_role = f"learning/{self.role}"
        others = {"count": self.unit, "grad_norm": "grad_norm"}
        names = {name: f"{self.name}_{others.get(name, name)}" for name in told}
        return {f"{of_role}_{names[name]}": value for name, value in told.items()}


def generator_training(
    experiment: Experiment, sets: TrainingSets, base: Player, number: int, start: int
) -> Training:
    """The generator's after round ``number``, from step ``start`` on: it imitates the rebalanced
    variants and tells difficulties, or it prefers hard ones to easy ones more than ``base`` does.
    """
    form, paper = experiment.form, experiment.config.paper
    if paper.objective == "preferences":
        rows = [preference_row(form, pair) for pair in sets.preferences]
        return _preferring(experiment, rows, base, number, start)
    told = sets.prediction if paper.predictions else ()
    chats = chain(
        (generator_row(form, each) for each in sets.generator),
        (prediction_row(form, each) for each in told),
    )
    training = _imitating(experiment, "generator", chats, number, start)
    counts = {
        "hard_rows": _hard(sets.generator),
        "easy_rows": len(sets.generator) - _hard(sets.generator),
        "prediction_rows": len(told),
    }
    training.counts.update(counts)
    return training


def evaluator_training(
    experiment: Experiment, sets: TrainingSets, number: int, start: int
) -> Training:
    """The evaluator's, once, after the last round: one right answer for each program."""
    chats = (evaluator_row(experiment.form, each) for each in sets.evaluator)
    return _imitating(experiment, "evaluator", chats, number, start)


def _hard(variants: Sequence[Judged]) -> int:
    return sum(variant.level >= HARD for variant in variants)


def _imitating(
    experiment: Experiment, role: Role, chats: Iterator[Chat], number: int, start: int
) -> Training:
    config, room = experiment.config, experiment.config.paper.sequence_tokens
    chat = config.prompts.chat
    rows = [conversation_row(experiment.tokenizer, each, through_template=chat) for each in chats]
    fitting = [row for row in rows if len(row.tokens) <= room]
    batches = packed_batches(
        fitting, config.paper.sequences, room, config.seed, f"{role} rows {number}", start
    )
    counts = {"rows": len(fitting), "rows_left_out": len(rows) - len(fitting)}
    there = batches if fitting else iter(())
    return Training(role, "supervised", "tokens", Imitation(), there, counts)


def _preferring(
    experiment: Experiment, rows: Sequence[PreferenceRow], base: Player, number: int, start: int
) -> Training:
    config, tokenizer = experiment.config, experiment.tokenizer
    rollout, size = config.rollout, config.paper.pairs
    examples = [preference_example(row) for row in rows]
    room = (rollout.prompt_tokens, rollout.generator_tokens)
    fitting = [example for example in examples if fits(tokenizer, example, *room)]
    batches: Iterator[PreferenceBatch] = iter(())
    if fitting:
        shape = Shape(len(fitting), rollout.prompt_tokens, 2, rollout.generator_tokens)
        pairs = example_batch(tokenizer, fitting, shape)
        learner = experiment.learner
        reference = reference_logprobs(learner, base, "generator", pairs, size)
        both = jax.tree.map(np.asarray, PreferenceBatch(pairs, reference))
        batches = preference_batches(both, size, config.seed, f"generator pairs {number}", start)
    counts = {"rows": len(fitting), "rows_left_out": len(rows) - len(fitting)}
    criterion = Preference(config.paper.beta)
    return Training("generator", "preferences", "pairs", criterion, batches, counts)
