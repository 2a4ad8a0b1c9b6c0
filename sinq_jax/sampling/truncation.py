"""From logits to one token: temperature, top-k, nucleus, and a draw by inverse transform."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from sinq_jax.models.vocabulary import logprob

BLOCK = 256
"""The vocabulary is searched in blocks of so many tokens: first among the blocks, then in one."""


class Drawn(NamedTuple):
    """``tokens`` int32 ``[...]``, and their ``logprobs`` float32 ``[...]`` as the policy has them:
    at temperature 1, before truncation.
    """

    tokens: jax.Array
    logprobs: jax.Array


def draw(
    logits: jax.Array,
    uniform: jax.Array,
    temperature: jax.Array,
    top_p: jax.Array,
    top_k: jax.Array,
) -> Drawn:
    """One token per row of float32 ``logits`` ``[..., vocab]``.

    ``uniform`` float32 ``[...]`` in [0, 1) is the only randomness: one number a row instead of one
    per vocabulary entry, so noise does not cost more with a larger vocabulary. Scalars:
    ``temperature`` (0 is greedy), ``top_p`` (1 keeps all; nucleus of Holtzman et al. 2020, arXiv
    1904.09751), ``top_k`` (0 keeps all).
    """
    blocks = _in_blocks(logits)
    peaks = _kept(jnp.max(blocks, axis=-1))
    highest = jnp.max(peaks, axis=-1)
    divisor = jnp.maximum(temperature, 1e-6)
    one = jnp.float32(1.0)

    def as_they_are() -> tuple[jax.Array, jax.Array]:
        """Most draws: the masses drawn from are those that the log-probability needs too."""
        masses = _masses(blocks, highest, one)
        return _inverse(blocks, highest, masses, uniform, one), jnp.sum(masses, axis=-1)

    def at_a_temperature() -> tuple[jax.Array, jax.Array]:
        token = _inverse(blocks, highest, _masses(blocks, highest, divisor), uniform, divisor)
        return token, jnp.sum(_masses(blocks, highest, one), axis=-1)

    def among_the_likeliest() -> tuple[jax.Array, jax.Array]:
        kept = _in_blocks(_truncate(logits / divisor, top_p, top_k))
        top = highest / divisor
        token = _inverse(kept, top, _masses(kept, top, one), uniform, one)
        return token, jnp.sum(_masses(blocks, highest, one), axis=-1)

    # Drawn inside the branches: a branch that returned logits would write all of them.
    restricted = (top_p < 1.0) | (top_k > 0)
    branch = jnp.where(restricted, 2, temperature != 1)
    drawn, total = jax.lax.switch(branch, (as_they_are, at_a_temperature, among_the_likeliest))
    usable = (temperature > 0) & (drawn >= 0)
    tokens = jnp.where(usable, drawn, _likeliest(blocks, peaks)).astype(jnp.int32)
    chosen = jnp.take_along_axis(logits, tokens[..., None], axis=-1)[..., 0]
    return Drawn(tokens, logprob(chosen, highest, total))


def _in_blocks(values: jax.Array) -> jax.Array:
    """``[..., vocab]`` as ``[..., blocks, at most BLOCK]``; what is missing is -inf."""
    size = min(BLOCK, values.shape[-1])
    missing = [(0, 0)] * (values.ndim - 1) + [(0, -values.shape[-1] % size)]
    padded = jnp.pad(values, missing, constant_values=-jnp.inf)
    return padded.reshape(*values.shape[:-1], -1, size)


def _block(blocks: jax.Array, index: jax.Array) -> jax.Array:
    """``[..., blocks, size]`` at int ``index`` ``[...]``: ``[..., size]``."""
    return jnp.take_along_axis(blocks, index[..., None, None], axis=-2)[..., 0, :]


def _likeliest(blocks: jax.Array, peaks: jax.Array) -> jax.Array:
    """The first of the highest values; ``peaks`` ``[..., blocks]`` are the maxima of the blocks. On
    CPU ``jnp.argmax`` compares all of them one by one, ten times slower than a maximum.
    """
    index = jnp.argmax(peaks, axis=-1)
    return index * blocks.shape[-1] + jnp.argmax(_block(blocks, index), axis=-1)


def _masses(blocks: jax.Array, highest: jax.Array, divisor: jax.Array) -> jax.Array:
    """``[..., blocks]``: the sums of exp((value - highest) / divisor) of each block."""
    return _kept(jnp.sum(jnp.exp((blocks - highest[..., None, None]) / divisor), axis=-1))


def _kept(by_block: jax.Array) -> jax.Array:
    """The same numbers. Without this, XLA makes a sum of sums a second pass over all values, for
    which it writes each exponential, and a maximum of maxima likewise.
    """
    kept: jax.Array = jax.lax.optimization_barrier(by_block)  # type: ignore[no-untyped-call]
    return kept


def _inverse(
    blocks: jax.Array,
    highest: jax.Array,
    masses: jax.Array,
    uniform: jax.Array,
    divisor: jax.Array,
) -> jax.Array:
    """The first token with which the probabilities, the softmax of ``blocks / divisor``, sum to
    more than ``uniform``; -1 where rounded sums never do. ``masses`` are those of the blocks.
    """
    sums = jnp.cumsum(masses, axis=-1)
    wanted = uniform[..., None] * sums[..., -1:]
    # Rounded sums may grow where nothing was added: only what has mass may be drawn.
    index = jnp.argmax((sums > wanted) & (masses > 0), axis=-1)
    before = jnp.take_along_axis(sums - masses, index[..., None], axis=-1)
    inside = jnp.exp((_block(blocks, index) - highest[..., None]) / divisor)
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
