"""From texts and rollouts to the padded arrays of a train step."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sinq_jax.learning.layout import GroupBatch
from sinq_jax.rollout import Group
from sinq_jax.tokenizers import Tokenizer


@dataclass(frozen=True)
class Shape:
    """The fixed size of a batch: ``rows`` prompts of ``prompt`` tokens, each with ``group``
    completions of ``new``.
    """

    rows: int
    prompt: int
    group: int
    new: int


@dataclass(frozen=True)
class Example:
    """A prompt with right answers, as texts."""

    prompt: str
    completions: tuple[str, ...]


@dataclass(frozen=True)
class Weighted:
    """A sampled group with a weight for each completion (its advantage); weight 0 leaves one out of
    the loss. ``reference`` float32 ``[group, new]`` has the reference's log-probabilities, None
    where they are not asked for.
    """

    group: Group
    weights: NDArray[np.float32]
    reference: NDArray[np.float32] | None = None


def _nothing(shape: Shape) -> dict[str, NDArray[Any]]:
    """The arrays of a ``GroupBatch`` in which nothing counts, by name, to be filled in."""
    completions = (shape.rows, shape.group, shape.new)
    return {
        "prompt": np.zeros((shape.rows, shape.prompt), np.int32),
        "prompt_length": np.ones(shape.rows, np.int32),
        "completion": np.zeros(completions, np.int32),
        "completion_length": np.zeros(completions[:2], np.int32),
        "weight": np.zeros(completions[:2], np.float32),
        "behaviour": np.zeros(completions, np.float32),
        "sampled": np.zeros(completions[:2], bool),
    }


def example_batch(tokenizer: Tokenizer, examples: Sequence[Example], shape: Shape) -> GroupBatch:
    """Right answers to imitate, each token with weight 1. Answers are ended by the first of
    the tokenizer's stop tokens.

    A prompt or answer longer than the shape is left out: half an answer would teach a wrong one.
    """
    batch = _nothing(shape)
    for row, example in enumerate(examples[: shape.rows]):
        prompt = tokenizer.encode_prompt(example.prompt)
        if not 0 < len(prompt) <= shape.prompt:
            continue
        batch["prompt"][row, : len(prompt)] = prompt
        batch["prompt_length"][row] = len(prompt)
        answers = [[*tokenizer.encode(text), tokenizer.stop_ids[0]] for text in example.completions]
        fitting = [ids for ids in answers if len(ids) <= shape.new][: shape.group]
        for column, ids in enumerate(fitting):
            batch["completion"][row, column, : len(ids)] = ids
            batch["completion_length"][row, column] = len(ids)
            batch["weight"][row, column] = 1.0
    return GroupBatch(**batch)


def rollout_batch(
    groups: Sequence[Weighted], shape: Shape, *, reference: bool = False
) -> GroupBatch:
    """Sampled groups with their weights; those beyond ``shape.rows`` are left out. With
    ``reference``, each of them has to have its reference's log-probabilities.
    """
    batch = _nothing(shape)
    if reference:
        batch["reference"] = np.zeros_like(batch["behaviour"])
    for row, weighted in enumerate(groups[: shape.rows]):
        group = weighted.group
        size, new = group.tokens.shape
        batch["prompt"][row, : len(group.prompt)] = group.prompt
        batch["prompt_length"][row] = len(group.prompt)
        batch["completion"][row, :size, :new] = group.tokens
        batch["completion_length"][row, :size] = np.where(weighted.weights != 0, group.lengths, 0)
        batch["weight"][row, :size] = weighted.weights
        batch["behaviour"][row, :size, :new] = group.logprobs
        batch["sampled"][row, :size] = True
        if reference:
            batch["reference"][row, :size, :new] = weighted.reference
    return GroupBatch(**batch)
