"""Grouped-query attention over one or more stretches of keys and values."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

# Finite, so that a row whose every key is masked yields a uniform average and never a NaN gradient.
MASKED = -1e30


class KeyValue(NamedTuple):
    """Keys and values ``[..., kv_heads, seq, head_dim]``: this axis order was the faster one to
    decode with on CPU.
    """

    keys: jax.Array
    values: jax.Array


class Scoring(NamedTuple):
    """How a query's product with a key becomes a score: times ``scale``, and then bounded by
    ``softcap`` (None: not), ``softcap * tanh(score / softcap)`` as in Gemma 2 (arXiv 2408.00118,
    section 2).
    """

    scale: float
    softcap: float | None = None

    def __call__(self, axes: str, query: jax.Array, keys: jax.Array) -> jax.Array:
        """Scores, float32: the softmax should not see the rounding of a narrow dtype."""
        scores = jnp.einsum(axes, query, keys, preferred_element_type=jnp.float32) * self.scale
        return soft_cap(scores, self.softcap)


def soft_cap(scores: jax.Array, cap: float | None) -> jax.Array:
    """``scores`` bounded to plus or minus ``cap``; None leaves them."""
    return scores if cap is None else cap * jnp.tanh(scores / cap)


def attend_full(
    query: jax.Array, context: KeyValue, mask: jax.Array, scoring: Scoring
) -> jax.Array:
    """Attention inside one sequence (Ainslie et al. 2023, arXiv 2305.13245).

    ``query`` ``[batch, seq, heads, head_dim]``, ``context`` ``[batch, kv_heads, seq, head_dim]``,
    ``mask`` bool ``[batch, seq, seq]`` (query, key). Returns ``[batch, seq, heads, head_dim]``; the
    softmax is float32.
    """
    batch, seq, heads, head_dim = query.shape
    kv_heads = context.keys.shape[1]
    grouped = query.reshape(batch, seq, kv_heads, heads // kv_heads, head_dim)
    scores = scoring("bqkrd,bksd->bkrqs", grouped, context.keys)
    scores = jnp.where(mask[:, None, None], scores, MASKED)
    weights = jax.nn.softmax(scores, axis=-1).astype(query.dtype)
    mixed = jnp.einsum("bkrqs,bksd->bqkrd", weights, context.values)
    return mixed.reshape(batch, seq, heads, head_dim)


def attend_group_step(
    query: jax.Array,
    prompt: KeyValue,
    prompt_mask: jax.Array,
    own: KeyValue,
    own_mask: jax.Array,
    scoring: Scoring,
) -> jax.Array:
    """One decode step of ``group`` samples that share the keys and values of their prompt.

    ``query`` ``[batch, group, heads, head_dim]``; ``prompt`` ``[batch, kv_heads, prompt,
    head_dim]`` with bool ``prompt_mask`` ``[batch, group or 1, prompt]``; ``own`` ``[batch, group,
    kv_heads, seq, head_dim]`` with bool ``own_mask`` ``[seq]``. Returns ``[batch, group, heads,
    head_dim]``. One softmax runs over both stretches.
    """
    batch, group, heads, head_dim = query.shape
    kv_heads = prompt.keys.shape[1]
    grouped = query.reshape(batch, group, kv_heads, heads // kv_heads, head_dim)
    shared = scoring("bgkrd,bksd->bgkrs", grouped, prompt.keys)
    mine = scoring("bgkrd,bgksd->bgkrs", grouped, own.keys)
    shared = jnp.where(prompt_mask[:, :, None, None], shared, MASKED)
    mine = jnp.where(own_mask, mine, MASKED)
    weights = jax.nn.softmax(jnp.concatenate([shared, mine], axis=-1), axis=-1).astype(query.dtype)
    split = prompt.keys.shape[2]
    mixed = jnp.einsum("bgkrs,bksd->bgkrd", weights[..., :split], prompt.values)
    mixed += jnp.einsum("bgkrs,bgksd->bgkrd", weights[..., split:], own.values)
    return mixed.reshape(batch, group, heads, head_dim)


def tree_mask(segments: jax.Array) -> jax.Array:
    """Which token may see which, for a prompt followed by several completions that do not see each
    other.

    ``segments`` int32 ``[batch, seq]``: 0 marks the prompt, g > 0 the g-th completion, -1 padding.
    Returns bool ``[batch, seq, seq]`` (query, key): a token sees earlier tokens of its prompt and
    of its own completion.
    """
    seq = segments.shape[-1]
    earlier = jnp.tril(jnp.ones((seq, seq), dtype=bool))
    key, query = segments[:, None, :], segments[:, :, None]
    return earlier & (key >= 0) & ((key == 0) | (key == query))
