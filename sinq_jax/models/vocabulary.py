"""The last matrix of a model: logits, and what they say of tokens. The sampler and the trainer have
one definition of a log-probability: temperature 1, before truncation.
"""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from sinq_jax.axes import held
from sinq_jax.models.attention import soft_cap
from sinq_jax.models.spec import ModelSpec


class TokenScores(NamedTuple):
    """float32 ``[...]`` both: the natural logarithm of each token's probability, and the entropy
    (nats) of the distribution that it stands for.
    """

    logprobs: jax.Array
    entropies: jax.Array


def logits_of(spec: ModelSpec, table: jax.Array, normed: jax.Array) -> jax.Array:
    """float32 ``[batch, ..., vocab]`` of ``normed`` ``[batch, ..., embed]`` and ``table`` ``[vocab,
    embed]``, in the dtype of ``normed``.

    The vocabulary is split over all devices that share the table: vectors are sent to it, since it
    is much larger than they are.
    """
    between = (None,) * (normed.ndim - 2)
    table = held(table.astype(normed.dtype), "scores", None)
    normed = held(normed, "rows", *between, None)
    scores = jnp.einsum("...e,ve->...v", normed, table, preferred_element_type=jnp.float32)
    scores = held(scores, "rows", *between, "scores")
    return soft_cap(scores, spec.logit_softcap)


def token_logprobs(logits: jax.Array, tokens: jax.Array) -> jax.Array:
    """float32 ``[...]``: log-probabilities of int32 ``tokens`` ``[...]`` under the softmax of
    float32 ``logits`` ``[..., vocab]``. No logarithm is written for a token not asked for.
    """
    chosen = jnp.take_along_axis(logits, tokens[..., None], axis=-1)[..., 0]
    highest = jnp.max(logits, axis=-1)
    return logprob(chosen, highest, jnp.sum(jnp.exp(logits - highest[..., None]), axis=-1))


def logprob(logit: jax.Array, highest: jax.Array, total: jax.Array) -> jax.Array:
    """float32 ``[...]``: the log-probability of the token with that ``logit``, where ``highest`` is
    the highest logit of its distribution and ``total`` the sum of exp(logit - highest).
    """
    return (logit - highest) - jnp.log(total)


@partial(jax.custom_vjp, nondiff_argnums=(0, 1))
def token_scores(
    spec: ModelSpec, size: int, table: jax.Array, normed: jax.Array, tokens: jax.Array
) -> TokenScores:
    """Scores ``[batch, seq]`` of int32 ``tokens`` ``[batch, seq]``, each under the logits of its
    ``normed`` ``[batch, seq, embed]``.

    The logits of ``size`` tokens of each row exist at a time, here and in the backward pass, which
    computes them again; ``size`` divides seq.
    """
    return _forward(spec, size, table, normed, tokens)[0]


def _forward(
    spec: ModelSpec, size: int, table: jax.Array, normed: jax.Array, tokens: jax.Array
) -> tuple[TokenScores, Any]:
    def look(part: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array, jax.Array]:
        logits = logits_of(spec, table, part[0])
        highest = jnp.max(logits, axis=-1, keepdims=True)
        masses = jnp.exp(logits - highest)
        total = jnp.sum(masses, axis=-1)
        spread = jnp.sum(masses * (logits - highest), axis=-1) / total
        logsum = highest[..., 0] + jnp.log(total)
        return token_logprobs(logits, part[1]), jnp.log(total) - spread, logsum

    found = jax.lax.map(look, _parts(size, (normed, tokens)))
    logprobs, entropies, logsums = jax.tree.map(_whole, found)
    return TokenScores(logprobs, entropies), (table, normed, tokens, logsums, entropies)


def _backward(
    spec: ModelSpec, size: int, kept: Any, given: TokenScores
) -> tuple[jax.Array, jax.Array, None]:
    """With p the softmax of logits l, H its entropy and t the token: d log p_t / dl_i is 1 at t,
    less p_i; dH / dl_i is -p_i (log p_i + H).
    """
    table, normed, *others = kept
    narrow = held(table.astype(normed.dtype), "scores", None)

    def add(carry: jax.Array, part: Any) -> tuple[jax.Array, jax.Array]:
        vectors, tokens, logsums, entropies, by_logprob, by_entropy = part
        vectors = held(vectors, "rows", None, None)
        logits = logits_of(spec, table, vectors)
        logs = logits - logsums[..., None]
        slope = by_logprob + by_entropy * entropies
        downwards = jnp.exp(logs) * (slope[..., None] + by_entropy[..., None] * logs)
        chosen = jnp.arange(spec.vocab) == tokens[..., None]
        gradient = jnp.where(chosen, by_logprob[..., None], 0.0) - downwards
        if spec.logit_softcap is not None:
            gradient *= 1 - (logits / spec.logit_softcap) ** 2
        gradient = held(gradient, "rows", None, "scores")
        # [embed, vocab], because its transpose would need the transpose of all gradients; in
        # float32, because XLA has no sum over two axes of narrow numbers on a CPU.
        summed = carry + jnp.einsum("rte,rtv->ev", vectors.astype(jnp.float32), gradient)
        of_vectors = jnp.einsum("rtv,ve->rte", gradient.astype(vectors.dtype), narrow)
        return held(summed, None, "scores"), held(of_vectors, "batch", None, None)

    nothing = held(jnp.zeros(table.shape[::-1], jnp.float32), None, "scores")
    of_table, of_normed = jax.lax.scan(add, nothing, _parts(size, (normed, *others, *given)))
    return of_table.T.astype(table.dtype), _whole(of_normed), None


token_scores.defvjp(_forward, _backward)


def _parts(size: int, arrays: Any) -> Any:
    """Leaves ``[batch, seq, ...]`` as ``[parts, batch, size, ...]``."""
    return jax.tree.map(
        lambda leaf: jnp.moveaxis(leaf.reshape(leaf.shape[0], -1, size, *leaf.shape[2:]), 1, 0),
        arrays,
    )


def _whole(parts: jax.Array) -> jax.Array:
    """The way back."""
    return jnp.moveaxis(parts, 0, 1).reshape(parts.shape[1], -1, *parts.shape[3:])
