"""Supervised learning on packed texts: the mean negative log-probability of what has weight."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp

from sinq_jax.axes import batch_ways
from sinq_jax.learning.losses import LOGITS_AT_ONCE, TOKENS_AT_ONCE
from sinq_jax.learning.packing import PackedBatch
from sinq_jax.models.attention import most_dividing, tree_mask
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import Params, forward, score_tokens
from sinq_jax.models.vocabulary import TokenScores


def score_packed(spec: ModelSpec, params: Params, batch: PackedBatch) -> TokenScores:
    """What the policy says of every token after the one before it, float32 ``[batch, seq]``. What
    stands at the first place of a sequence says nothing: nothing comes before it.
    """
    tokens = jnp.asarray(batch.tokens)
    mask = tree_mask(jnp.asarray(batch.segments))
    hidden, _ = forward(spec, params, tokens, jnp.asarray(batch.positions), mask)
    rows, seq = tokens.shape
    most = max(LOGITS_AT_ONCE // spec.vocab, TOKENS_AT_ONCE)
    size = most_dividing(seq, most // -(-rows // batch_ways()))
    following = jnp.roll(tokens, -1, axis=1)
    scores = score_tokens(spec, params, hidden, following, size)
    return TokenScores(*(jnp.roll(each, 1, axis=1) for each in scores))


@dataclass(frozen=True)
class Imitation:
    """The criterion of supervised learning: ``- sum(w log p) / sum(w)`` over all tokens. It counts
    tokens, not texts, so that how texts are packed makes no difference.
    """

    def count(self, batch: PackedBatch) -> jax.Array:
        """The sum of all weights."""
        return jnp.sum(jnp.asarray(batch.weight))

    def __call__(
        self, spec: ModelSpec, params: Params, batch: PackedBatch
    ) -> tuple[jax.Array, dict[str, jax.Array]]:
        """The loss and its measures as sums: ``entropy`` in nats, weighted like the loss."""
        scores = score_packed(spec, params, batch)
        weight = jnp.asarray(batch.weight)
        # A weight of 0 alone would let a NaN through.
        there = weight != 0

        def total(values: jax.Array) -> jax.Array:
            return jnp.sum(jnp.where(there, values * weight, 0.0))

        return -total(scores.logprobs), {"entropy": total(scores.entropies)}
