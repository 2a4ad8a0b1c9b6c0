"""Log-probabilities of completions and the loss on them. Losses count tokens, not sequences."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from sinq_jax.learning.layout import GroupBatch, lay_out, token_mask
from sinq_jax.models.attention import most_dividing, tree_mask
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import Params, forward, unembed

LOGITS_AT_ONCE = 2**24
"""Logits of one row that exist at a time: 64 MiB of float32, some hundred tokens of a large
vocabulary.
"""


class TokenScores(NamedTuple):
    """float32 ``[batch, group, new]`` both: log-probability of each completion token under the
    policy at temperature 1, and the entropy (nats) of the distribution it was drawn from.
    """

    logprobs: jax.Array
    entropies: jax.Array


class LossSums(NamedTuple):
    """Sums over tokens, so that micro-batches add up exactly: divide by ``tokens`` (or ``sampled``)
    at the end.

    ``gap`` sums |trainer's - sampler's log-probability| over the ``sampled`` tokens.
    """

    loss: jax.Array
    entropy: jax.Array
    logprob: jax.Array
    gap: jax.Array
    tokens: jax.Array
    sampled: jax.Array


def score(spec: ModelSpec, params: Params, batch: GroupBatch) -> TokenScores:
    """What the policy says of every completion token of the batch. No more than ``LOGITS_AT_ONCE``
    logits of a row exist at a time; the backward pass computes them again.
    """
    tree = lay_out(batch)
    hidden, _ = forward(spec, params, tree.tokens, tree.positions, tree_mask(tree.segments))
    predicting = jnp.take_along_axis(hidden, tree.parents[..., None], axis=1)
    targets = jnp.reshape(batch.completion, tree.parents.shape)
    tokens = targets.shape[1]
    size = most_dividing(tokens, LOGITS_AT_ONCE // spec.vocab)
    if size == tokens:
        scores = _score_some(spec, params, predicting, targets)
    else:

        @jax.checkpoint
        def part(start: jax.Array) -> TokenScores:
            some = (jax.lax.dynamic_slice_in_dim(x, start, size, 1) for x in (predicting, targets))
            return _score_some(spec, params, *some)

        parts = jax.lax.map(part, jnp.arange(0, tokens, size))
        scores = TokenScores(*(jnp.moveaxis(each, 0, 1) for each in parts))
    shape = batch.completion.shape
    return TokenScores(*(jnp.reshape(each, shape) for each in scores))


def _score_some(
    spec: ModelSpec, params: Params, hidden: jax.Array, targets: jax.Array
) -> TokenScores:
    """Scores ``[batch, some]`` of int32 ``targets``, each after its hidden state ``[embed]``."""
    logs = jax.nn.log_softmax(unembed(spec, params, hidden), axis=-1)
    chosen = jnp.take_along_axis(logs, targets[..., None], axis=-1)[..., 0]
    return TokenScores(chosen, -jnp.sum(jnp.exp(logs) * logs, axis=-1))


def weighted_loss(
    spec: ModelSpec, params: Params, batch: GroupBatch, entropy_weight: jax.Array
) -> LossSums:
    """``-(weight x log-probability) - entropy_weight x entropy``, summed over completion tokens.

    With weight 1 this is maximum likelihood; with an advantage as weight, its gradient is that of
    REINFORCE (Williams 1992) for completions drawn from ``params``.
    """
    scores = score(spec, params, batch)
    mask = token_mask(batch)
    known = jnp.logical_and(mask, batch.sampled[..., None])
    per_token = -scores.logprobs * batch.weight[..., None] - entropy_weight * scores.entropies

    def total(values: jax.Array, where: jax.Array) -> jax.Array:
        return jnp.sum(jnp.where(where, values, 0.0))

    return LossSums(
        loss=total(per_token, mask),
        entropy=total(scores.entropies, mask),
        logprob=total(scores.logprobs, mask),
        gap=total(jnp.abs(scores.logprobs - batch.behaviour), known),
        tokens=jnp.sum(mask).astype(jnp.float32),
        sampled=jnp.sum(known).astype(jnp.float32),
    )
