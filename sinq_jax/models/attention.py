"""Grouped-query attention over one or more stretches of keys and values."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from sinq_jax.axes import held
from sinq_jax.models.spec import ModelSpec

SCORES_AT_ONCE = 2**21
"""Scores of one head and row that exist at a time: 8 MiB of float32. Longer texts are gone through
some queries after the other, and the backward pass computes their scores again.
"""

# Finite, so that a row whose every key is masked yields a uniform average and never a NaN gradient.
MASKED = -1e30


class KeyValue(NamedTuple):
    """``keys`` ``[..., kv_heads, head_dim, seq]``, ``values`` ``[..., kv_heads, seq, head_dim]``.

    In these axis orders one core reads a cache of 128 positions at 29 and 37 GB/s; with the same
    order for both, one side falls to half or less.
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

    ``query`` ``[batch, seq, heads, head_dim]``, ``context`` of the batch, ``mask`` bool ``[batch,
    seq, seq]`` (query, key). Returns ``[batch, seq, heads, head_dim]``; the softmax is float32.
    """
    seq = query.shape[1]
    size = most_dividing(seq, SCORES_AT_ONCE // seq)
    if size == seq:
        return _attend(query, context, mask, scoring)

    @jax.checkpoint
    def part(start: jax.Array) -> jax.Array:
        some, seen = (jax.lax.dynamic_slice_in_dim(x, start, size, 1) for x in (query, mask))
        return _attend(some, context, seen, scoring)

    parts = jax.lax.map(part, jnp.arange(0, seq, size))
    return jnp.moveaxis(parts, 0, 1).reshape(query.shape)


def most_dividing(whole: int, most: int) -> int:
    """The largest divisor of ``whole`` that is at most ``most``, and at least 1."""
    return next(size for size in range(max(1, min(whole, most)), 0, -1) if whole % size == 0)


def _attend(query: jax.Array, context: KeyValue, mask: jax.Array, scoring: Scoring) -> jax.Array:
    """Some queries ``[batch, some, heads, head_dim]`` over all keys; ``mask`` ``[batch, some,
    seq]``.
    """
    batch, some, heads, head_dim = query.shape
    kv_heads = context.keys.shape[1]
    repeats = heads // kv_heads
    grouped = query.reshape(batch, some, kv_heads, repeats, head_dim)
    # Queries of one key-value head as rows of one matrix: no product has to be transposed.
    rows = jnp.moveaxis(grouped, 1, 3).reshape(batch, kv_heads, repeats * some, head_dim)
    scores = scoring("bkqd,bkds->bkqs", rows, context.keys)
    scores = scores.reshape(batch, kv_heads, repeats, some, -1)
    weights = jax.nn.softmax(jnp.where(mask[:, None, None], scores, MASKED), axis=-1)
    weights = weights.reshape(batch, kv_heads, repeats * some, -1).astype(query.dtype)
    mixed = jnp.einsum("bkqs,bksd->bkqd", weights, context.values)
    mixed = mixed.reshape(batch, kv_heads, repeats, some, head_dim)
    return jnp.moveaxis(mixed, 3, 1).reshape(query.shape)


def empty_cache(spec: ModelSpec, rows: int, slots: int) -> KeyValue:
    """One layer's cache in the compute dtype, with nothing in it."""
    keys = jnp.zeros((rows, spec.kv_heads, spec.head_dim, slots), spec.compute_dtype)
    keys = held(keys, "batch", "kv_heads", "head_dim", "seq")
    return KeyValue(keys, jnp.swapaxes(keys, 2, 3))


def grown(cache: KeyValue, slots: int) -> KeyValue:
    """One layer's cache with empty slots added, ``slots`` in all."""
    more = slots - cache.keys.shape[3]
    return KeyValue(
        jnp.pad(cache.keys, ((0, 0), (0, 0), (0, 0), (0, more))),
        jnp.pad(cache.values, ((0, 0), (0, 0), (0, more), (0, 0))),
    )


def extend(own: KeyValue, key: jax.Array, value: jax.Array, index: jax.Array) -> KeyValue:
    """``own`` of batch x group rows with slot ``index`` written; ``key`` and ``value`` ``[batch,
    group, kv_heads, head_dim]``.
    """
    rows = own.keys.shape[0]
    key, value = (new.reshape(rows, *new.shape[2:]) for new in (key, value))
    return KeyValue(
        jax.lax.dynamic_update_slice_in_dim(own.keys, key[..., None], index, axis=3),
        jax.lax.dynamic_update_slice_in_dim(own.values, value[:, :, None], index, axis=2),
    )


def attend_group_step(
    query: jax.Array,
    prompt: KeyValue,
    prompt_mask: jax.Array,
    own: KeyValue,
    own_mask: jax.Array,
    scoring: Scoring,
) -> jax.Array:
    """One decode step of ``group`` samples that share the keys and values of their prompt.

    ``query`` ``[batch, group, heads, head_dim]``; ``prompt`` of the batch with bool ``prompt_mask``
    ``[batch, group or 1, prompt]``; ``own`` of batch x group rows with bool ``own_mask`` ``[seq]``.
    Returns ``[batch, group, heads, head_dim]``. One softmax runs over both stretches.
    """
    batch, group, heads, head_dim = query.shape
    kv_heads = prompt.keys.shape[1]
    repeats = heads // kv_heads

    def together(x: jax.Array) -> jax.Array:
        """``[rows, kv_heads, repeats, ...]`` as ``[batch, kv_heads, group x repeats, ...]``."""
        apart = x.reshape(batch, group, kv_heads, repeats, -1)
        return jnp.swapaxes(apart, 1, 2).reshape(batch, kv_heads, group * repeats, -1)

    def apart(x: jax.Array) -> jax.Array:
        """The way back."""
        joined = x.reshape(batch, kv_heads, group, repeats, -1)
        return jnp.swapaxes(joined, 1, 2).reshape(batch * group, kv_heads, repeats, -1)

    alone = query.reshape(batch * group, kv_heads, repeats, head_dim)
    seen = jnp.broadcast_to(prompt_mask, (batch, group, prompt_mask.shape[-1]))
    seen = jnp.repeat(seen, repeats, axis=1)[:, None]
    shared = jnp.where(seen, scoring("bkqd,bkds->bkqs", together(alone), prompt.keys), MASKED)
    mine = jnp.where(own_mask, scoring("nkrd,nkds->nkrs", alone, own.keys), MASKED)

    highest = jnp.maximum(
        jnp.max(mine, axis=-1, keepdims=True), apart(jnp.max(shared, axis=-1, keepdims=True))
    )
    mine, shared = jnp.exp(mine - highest), jnp.exp(shared - together(highest))
    total = jnp.sum(mine, axis=-1, keepdims=True) + apart(jnp.sum(shared, axis=-1, keepdims=True))
    mixed = jnp.einsum("nkrs,nksd->nkrd", mine.astype(query.dtype), own.values)
    mixed += apart(jnp.einsum("bkqs,bksd->bkqd", shared.astype(query.dtype), prompt.values))
    return (mixed / total).astype(query.dtype).reshape(query.shape)


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
