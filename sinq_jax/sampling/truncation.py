"""From logits to one token: temperature, top-k, nucleus, and a draw by inverse transform."""

import jax
import jax.numpy as jnp

BLOCK = 256
"""The vocabulary is searched in blocks of so many tokens: first among the blocks, then in one."""


def draw(
    logits: jax.Array,
    uniform: jax.Array,
    temperature: jax.Array,
    top_p: jax.Array,
    top_k: jax.Array,
) -> jax.Array:
    """One token per row, int32 ``[...]``, of float32 ``logits`` ``[..., vocab]``.

    ``uniform`` float32 ``[...]`` in [0, 1) is the only randomness: one number a row instead of one
    per vocabulary entry, so noise does not cost more with a larger vocabulary. Scalars:
    ``temperature`` (0 is greedy), ``top_p`` (1 keeps all; nucleus of Holtzman et al. 2020, arXiv
    1904.09751), ``top_k`` (0 keeps all).
    """
    divisor = jnp.maximum(temperature, 1e-6)

    def among_the_likeliest() -> jax.Array:
        kept = _truncate(logits / divisor, top_p, top_k)
        return _inverse(_in_blocks(kept), uniform, jnp.float32(1.0))

    def among_all() -> jax.Array:
        return _inverse(_in_blocks(logits), uniform, divisor)

    # Drawn inside the branches: a branch that returned logits would write all of them.
    restricted = (top_p < 1.0) | (top_k > 0)
    drawn = jax.lax.cond(restricted, among_the_likeliest, among_all)
    usable = (temperature > 0) & (drawn >= 0)
    return jnp.where(usable, drawn, _likeliest(_in_blocks(logits))).astype(jnp.int32)


def _in_blocks(values: jax.Array) -> jax.Array:
    """``[..., vocab]`` as ``[..., blocks, at most BLOCK]``; what is missing is -inf."""
    size = min(BLOCK, values.shape[-1])
    missing = [(0, 0)] * (values.ndim - 1) + [(0, -values.shape[-1] % size)]
    padded = jnp.pad(values, missing, constant_values=-jnp.inf)
    return padded.reshape(*values.shape[:-1], -1, size)


def _block(blocks: jax.Array, index: jax.Array) -> jax.Array:
    """``[..., blocks, size]`` at int ``index`` ``[...]``: ``[..., size]``."""
    return jnp.take_along_axis(blocks, index[..., None, None], axis=-2)[..., 0, :]


def _likeliest(blocks: jax.Array) -> jax.Array:
    """The first of the highest values. On CPU ``jnp.argmax`` compares them one by one, ten times
    slower than a maximum.
    """
    index = jnp.argmax(jnp.max(blocks, axis=-1), axis=-1)
    return index * blocks.shape[-1] + jnp.argmax(_block(blocks, index), axis=-1)


def _inverse(blocks: jax.Array, uniform: jax.Array, divisor: jax.Array) -> jax.Array:
    """The first token with which the probabilities, the softmax of ``blocks / divisor``, sum to
    more than ``uniform``; -1 where rounded sums never do.
    """
    highest = jnp.max(blocks, axis=(-2, -1), keepdims=True)
    masses = jnp.sum(jnp.exp((blocks - highest) / divisor), axis=-1)
    sums = jnp.cumsum(masses, axis=-1)
    wanted = uniform[..., None] * sums[..., -1:]
    # Rounded sums may grow where nothing was added: only what has mass may be drawn.
    index = jnp.argmax((sums > wanted) & (masses > 0), axis=-1)
    before = jnp.take_along_axis(sums - masses, index[..., None], axis=-1)
    inside = jnp.exp((_block(blocks, index) - highest[..., 0]) / divisor)
    reached = (before + jnp.cumsum(inside, axis=-1) > wanted) & (inside > 0)
    found = index * blocks.shape[-1] + jnp.argmax(reached, axis=-1)
    return jnp.where(jnp.any(reached, axis=-1), found, -1)


def _truncate(scaled: jax.Array, top_p: jax.Array, top_k: jax.Array) -> jax.Array:
    """Everything outside the smallest set of likeliest tokens that holds ``top_p`` mass, or outside
    the ``top_k`` likeliest, becomes -inf. Ties with the last kept token are kept.
    """
    descending = -jnp.sort(-scaled, axis=-1)
    probabilities = jax.nn.softmax(descending, axis=-1)
    before = jnp.cumsum(probabilities, axis=-1) - probabilities
    rank = jnp.arange(scaled.shape[-1])
    keep = (before < top_p) & ((rank < top_k) | (top_k <= 0))
    # The likeliest token stays whatever the settings.
    lowest = jnp.min(jnp.where(keep | (rank == 0), descending, jnp.inf), axis=-1, keepdims=True)
    return jnp.where(scaled >= lowest, scaled, -jnp.inf)
