"""How completions are laid out for training: each prompt once, followed by all completions of its
group.

The sampler shares a prompt's prefill between the samples of a group; training shares it the same
way. A prompt of 60 tokens with 8 answers of 8 costs 124 positions here and 544 as separate rows.
"""

from typing import NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

Array = jax.Array | NDArray[np.generic]
"""Made on the host as numpy arrays, read on the device as jax arrays."""

Batches = TypeVar("Batches")
"""A pytree of arrays whose first axis is the batch."""


class GroupBatch(NamedTuple):
    """Prompts with the completions to learn from. Everything is right-padded.

    ``prompt`` int32 ``[batch, prompt]``, ``prompt_length`` int32 ``[batch]`` (at least 1),
    ``completion`` int32 ``[batch, group, new]``, ``completion_length`` int32 ``[batch, group]`` (0:
    not there), ``weight`` float32 ``[batch, group]`` (what each token's log-probability is
    multiplied with: an advantage, or 1), ``behaviour`` float32 ``[batch, group, new]`` (the
    sampler's log-probabilities) and ``sampled`` bool ``[batch, group]`` (whether ``behaviour`` is
    known). ``reference`` float32 ``[batch, group, new]`` has the reference's log-probabilities;
    None where nothing is compared with them.
    """

    prompt: Array
    prompt_length: Array
    completion: Array
    completion_length: Array
    weight: Array
    behaviour: Array
    sampled: Array
    reference: Array | None = None


class Tree(NamedTuple):
    """The rows a transformer reads: int32 ``tokens``, ``positions``, ``segments`` ``[batch, seq]``
    with seq = prompt + group x new, and ``parents`` int32 ``[batch, group x new]``: the index of
    the position that predicts each completion token.
    """

    tokens: jax.Array
    positions: jax.Array
    segments: jax.Array
    parents: jax.Array


def lay_out(batch: GroupBatch) -> Tree:
    """The tree of every row: segment 0 is the prompt, g + 1 the g-th completion, -1 padding."""
    rows, width = batch.prompt.shape
    _, group, new = batch.completion.shape
    length = batch.prompt_length[:, None]
    prompt_index = jnp.broadcast_to(jnp.arange(width), (rows, width))
    prompt_segment = jnp.where(prompt_index < length, 0, -1)

    index = jnp.arange(new)
    present = index < batch.completion_length[..., None]
    segment = jnp.where(present, jnp.arange(1, group + 1)[:, None], -1)
    position = jnp.broadcast_to(length[..., None] + index, (rows, group, new))
    before = width + jnp.arange(group)[:, None] * new + index - 1
    parent = jnp.where(index == 0, length[..., None] - 1, before)

    def flat(array: Array) -> jax.Array:
        return jnp.reshape(array, (rows, group * new))

    return Tree(
        tokens=jnp.concatenate([batch.prompt, flat(batch.completion)], axis=1),
        positions=jnp.concatenate([prompt_index, flat(position)], axis=1),
        segments=jnp.concatenate([prompt_segment, flat(segment)], axis=1),
        parents=flat(parent),
    )


def token_mask(batch: GroupBatch) -> jax.Array:
    """Bool ``[batch, group, new]``: which completion tokens are there."""
    return jnp.arange(batch.completion.shape[-1]) < batch.completion_length[..., None]


def in_micro_batches(batches: Batches, count: int) -> Batches:
    """Leaves ``[count, batch / count, ...]``. Micro-batch i takes every ``count``-th row from i on,
    so that each has rows from every device that the batch is split over.
    """
    cut: Batches = jax.tree.map(
        lambda leaf: leaf.reshape(leaf.shape[0] // count, count, *leaf.shape[1:]).swapaxes(0, 1),
        batches,
    )
    return cut
