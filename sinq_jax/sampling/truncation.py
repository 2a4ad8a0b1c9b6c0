"""From logits to one token: temperature, top-k, nucleus, and a draw by inverse transform."""

import jax
import jax.numpy as jnp


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
    scaled = logits / jnp.maximum(temperature, 1e-6)
    restricted = (top_p < 1.0) | (top_k > 0)
    kept = jax.lax.cond(restricted, _truncate, lambda values, *_: values, scaled, top_p, top_k)
    probabilities = jax.nn.softmax(kept, axis=-1)
    cumulative = jnp.cumsum(probabilities, axis=-1)
    # Rounded sums need not end at 1, and may grow where nothing was added: only what has mass may
    # be drawn.
    reached = (cumulative > uniform[..., None]) & (probabilities > 0)
    usable = (temperature > 0) & jnp.any(reached, axis=-1)
    chosen = jnp.where(usable, jnp.argmax(reached, axis=-1), jnp.argmax(logits, axis=-1))
    return chosen.astype(jnp.int32)


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
