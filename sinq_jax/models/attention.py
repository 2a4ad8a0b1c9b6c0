"""Grouped-query attention over one or more stretches of keys and values, and rotary positions."""

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


def rotate(x: jax.Array, positions: jax.Array, theta: float) -> jax.Array:
    """Rotary position embedding (Su et al. 2021, arXiv 2104.09864, eq. 34), halves paired as in
    Llama.

    Takes ``[..., heads, head_dim]`` with ``positions`` int32 ``[...]``; returns the same shape and
    dtype.
    """
    half = x.shape[-1] // 2
    frequencies = theta ** (-jnp.arange(half, dtype=jnp.float32) / half)
    angles = positions[..., None, None].astype(jnp.float32) * frequencies
    cos, sin = jnp.cos(angles), jnp.sin(angles)
    first, second = x[..., :half].astype(jnp.float32), x[..., half:].astype(jnp.float32)
    return jnp.concatenate(
        [first * cos - second * sin, second * cos + first * sin], axis=-1
    ).astype(x.dtype)


def attend_full(query: jax.Array, context: KeyValue, mask: jax.Array) -> jax.Array:
    """Attention inside one sequence (Ainslie et al. 2023, arXiv 2305.13245).

    ``query`` ``[batch, seq, heads, head_dim]``, ``context`` ``[batch, kv_heads, seq, head_dim]``,
    ``mask`` bool ``[batch, seq, seq]`` (query, key). Returns ``[batch, seq, heads, head_dim]``; the
    softmax is float32.
    """
    batch, seq, heads, head_dim = query.shape
    kv_heads = context.keys.shape[1]
    grouped = query.reshape(batch, seq, kv_heads, heads // kv_heads, head_dim)
    scores = _products("bqkrd,bksd->bkrqs", grouped, context.keys)
    scores = jnp.where(mask[:, None, None], scores, MASKED)
    weights = jax.nn.softmax(scores, axis=-1).astype(query.dtype)
    mixed = jnp.einsum("bkrqs,bksd->bqkrd", weights, context.values)
    return mixed.reshape(batch, seq, heads, head_dim)


def attend_group_step(
    query: jax.Array, prompt: KeyValue, prompt_mask: jax.Array, own: KeyValue, own_mask: jax.Array
) -> jax.Array:
    """One decode step of ``group`` samples that share the keys and values of their prompt.

    ``query`` ``[batch, group, heads, head_dim]``; ``prompt`` ``[batch, kv_heads, prompt,
    head_dim]`` with bool ``prompt_mask`` ``[batch, prompt]``; ``own`` ``[batch, group, kv_heads,
    seq, head_dim]`` with bool ``own_mask`` ``[seq]``. Returns ``[batch, group, heads, head_dim]``.
    One softmax runs over both stretches.
    """
    batch, group, heads, head_dim = query.shape
    kv_heads = prompt.keys.shape[1]
    grouped = query.reshape(batch, group, kv_heads, heads // kv_heads, head_dim)
    shared = _products("bgkrd,bksd->bgkrs", grouped, prompt.keys)
    mine = _products("bgkrd,bgksd->bgkrs", grouped, own.keys)
    shared = jnp.where(prompt_mask[:, None, None, None], shared, MASKED)
    mine = jnp.where(own_mask, mine, MASKED)
    weights = jax.nn.softmax(jnp.concatenate([shared, mine], axis=-1), axis=-1).astype(query.dtype)
    split = prompt.keys.shape[2]
    mixed = jnp.einsum("bgkrs,bksd->bgkrd", weights[..., :split], prompt.values)
    mixed += jnp.einsum("bgkrs,bgksd->bgkrd", weights[..., split:], own.values)
    return mixed.reshape(batch, group, heads, head_dim)


def _products(axes: str, query: jax.Array, keys: jax.Array) -> jax.Array:
    """Scaled dot products, float32: the softmax should not see the rounding of a narrow dtype."""
    scale: float = query.shape[-1] ** -0.5
    return jnp.einsum(axes, query, keys, preferred_element_type=jnp.float32) * scale


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
