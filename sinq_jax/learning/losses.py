"""Log-probabilities of completions and the loss on them. Losses count tokens, not sequences."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from sinq_jax.axes import batch_ways
from sinq_jax.learning.layout import GroupBatch, lay_out, token_mask
from sinq_jax.learning.objective import Objective, divergence, surrogate
from sinq_jax.models.attention import most_dividing, tree_mask
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import Params, forward, score_tokens
from sinq_jax.models.vocabulary import TokenScores

LOGITS_AT_ONCE, TOKENS_AT_ONCE = 2**24, 512
"""Logits that exist at a time on each device: 64 MiB of float32, but those of 512 tokens at least,
for which the matrix unit of an accelerator needs hardly more time than for fewer.
"""


class LossSums(NamedTuple):
    """Sums over tokens, so that micro-batches add up exactly: divide by ``tokens`` (or ``sampled``)
    at the end.

    ``gap`` sums |trainer's - sampler's log-probability| over the ``sampled`` tokens. ``cut`` counts
    tokens that a bound or cap held, ``kl`` sums ``divergence``; both are None where no objective
    was given.
    """

    loss: jax.Array
    entropy: jax.Array
    logprob: jax.Array
    gap: jax.Array
    tokens: jax.Array
    sampled: jax.Array
    cut: jax.Array | None = None
    kl: jax.Array | None = None


def score(spec: ModelSpec, params: Params, batch: GroupBatch) -> TokenScores:
    """What the policy says of every completion token of the batch, ``[batch, group, new]``. No more
    logits than ``LOGITS_AT_ONCE`` exist at a time.
    """
    tree = lay_out(batch)
    hidden, _ = forward(spec, params, tree.tokens, tree.positions, tree_mask(tree.segments))
    predicting = jnp.take_along_axis(hidden, tree.parents[..., None], axis=1)
    rows, tokens = tree.parents.shape
    most = max(LOGITS_AT_ONCE // spec.vocab, TOKENS_AT_ONCE)
    size = most_dividing(tokens, most // -(-rows // batch_ways()))
    targets = jnp.reshape(batch.completion, (rows, tokens))
    scores = score_tokens(spec, params, predicting, targets, size)
    return TokenScores(*(jnp.reshape(each, batch.completion.shape) for each in scores))


def weighted_loss(
    spec: ModelSpec,
    params: Params,
    batch: GroupBatch,
    entropy_weight: jax.Array,
    objective: Objective | None = None,
) -> LossSums:
    """``-(weight x log-probability) - entropy_weight x entropy``, summed over completion tokens.

    With weight 1 this is maximum likelihood; with an advantage as weight, its gradient is that of
    REINFORCE (Williams 1992) for completions drawn from ``params``. An ``objective`` puts its own
    policy loss and divergence in the place of the first term. Completions that nobody sampled
    count as the policy's own: their ratio is 1.
    """
    scores = score(spec, params, batch)
    mask = token_mask(batch)
    known = jnp.logical_and(mask, batch.sampled[..., None])
    cut = kl = None
    if objective is None:
        per_token = -scores.logprobs * batch.weight[..., None] - entropy_weight * scores.entropies
    else:
        per_token, cut, kl = _by_objective(objective, scores.logprobs, batch, mask, known)
        per_token = per_token - entropy_weight * scores.entropies

    def total(values: jax.Array, where: jax.Array) -> jax.Array:
        return jnp.sum(jnp.where(where, values, 0.0))

    return LossSums(
        loss=total(per_token, mask),
        entropy=total(scores.entropies, mask),
        logprob=total(scores.logprobs, mask),
        gap=total(jnp.abs(scores.logprobs - batch.behaviour), known),
        tokens=jnp.sum(mask).astype(jnp.float32),
        sampled=jnp.sum(known).astype(jnp.float32),
        cut=None if cut is None else total(cut.astype(jnp.float32), mask),
        kl=None if kl is None else total(kl, mask),
    )


def _by_objective(
    objective: Objective, logprobs: jax.Array, batch: GroupBatch, mask: jax.Array, known: jax.Array
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Loss, cut and divergence of each token. Padding gets the policy's own log-probabilities to be
    compared with, because a large number there would make the gradient of a masked one NaN.
    """
    own = jax.lax.stop_gradient(logprobs)
    behaviour = jnp.where(known, batch.behaviour, own)
    advantage = jnp.asarray(batch.weight)[..., None]
    loss, cut = surrogate(objective, logprobs, behaviour, advantage)
    if not objective.kl:
        return loss, cut, jnp.zeros_like(own)
    if batch.reference is None:
        raise ValueError("expected the reference's log-probabilities for kl above 0, got None")
    kl = divergence(logprobs, jnp.where(mask, batch.reference, own))
    return loss + objective.kl * kl, cut, kl
