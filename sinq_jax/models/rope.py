"""Rotary positions: how fast each pair of channels turns, and the turning."""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp

from sinq_jax.models.spec import RopeScaling


def frequencies(head_dim: int, theta: float, scaling: RopeScaling | None = None) -> jax.Array:
    """Radians per position of each pair of channels, float32 ``[head_dim / 2]``.

    Unscaled: Su et al. 2021 (arXiv 2104.09864, section 3.2.2). ``linear``: position interpolation
    (Chen et al. 2023, arXiv 2306.15595, eq. 4). ``llama3`` blends by the number of turns, as in
    Meta's published code of Llama 3.1; ``yarn`` by the index of the channel (Peng et al. 2023,
    arXiv 2309.00071, section 3.2 with the ends of its ramp from appendix A.2).
    """
    half = head_dim // 2
    speeds = theta ** (-jnp.arange(half, dtype=jnp.float32) / half)
    if scaling is None:
        return speeds
    if scaling.kind == "linear":
        return speeds / scaling.factor
    kept = _kept_by_turns if scaling.kind == "llama3" else _kept_by_channel
    share = kept(speeds, theta, scaling)
    return speeds * share + speeds / scaling.factor * (1 - share)


def _kept_by_turns(speeds: jax.Array, _theta: float, scaling: RopeScaling) -> jax.Array:
    """How much of each frequency stays as it was, 0 to 1: linear in its turns over the context."""
    turns = scaling.original_positions * speeds / (2 * math.pi)
    blend = (turns - scaling.low_turns) / (scaling.high_turns - scaling.low_turns)
    return jnp.clip(blend, 0, 1)


def _kept_by_channel(speeds: jax.Array, theta: float, scaling: RopeScaling) -> jax.Array:
    """The same, linear in the channel, between those that make ``high`` and ``low`` turns."""
    half = len(speeds)

    def channel(turns: float) -> float:
        positions_per_radian = scaling.original_positions / (turns * 2 * math.pi)
        return half * math.log(positions_per_radian) / math.log(theta)

    first, last = channel(scaling.high_turns), channel(scaling.low_turns)
    if scaling.whole_channels:
        first, last = math.floor(first), math.ceil(last)
    first, last = max(first, 0), min(last, 2 * half - 1)
    # A ramp without length is a step behind its channel.
    length = last - first or 1e-3
    return 1 - jnp.clip((jnp.arange(half) - first) / length, 0, 1)


class Turn(NamedTuple):
    """Cosine and sine of the angle of each pair of channels, float32 ``[..., head_dim / 2]``."""

    cos: jax.Array
    sin: jax.Array


def turn(positions: jax.Array, speeds: jax.Array, amplitude: jax.Array | None = None) -> Turn:
    """What ``rotate`` takes for int32 ``positions`` ``[...]``, float32 ``speeds`` ``[head_dim /
    2]`` and vectors that shall become ``amplitude`` (a scalar; None: 1) times as long.
    """
    angles = positions[..., None].astype(jnp.float32) * speeds
    cos, sin = jnp.cos(angles), jnp.sin(angles)
    return Turn(cos, sin) if amplitude is None else Turn(cos * amplitude, sin * amplitude)


def rotate(x: jax.Array, by: Turn) -> jax.Array:
    """Rotary position embedding (Su et al. 2021, arXiv 2104.09864, eq. 34), halves paired as in
    Llama: ``[..., heads, head_dim]`` with ``by`` ``[..., head_dim / 2]``, same shape and dtype.
    """
    cos, sin = (each[..., None, :] for each in by)
    half = x.shape[-1] // 2
    first, second = x[..., :half].astype(jnp.float32), x[..., half:].astype(jnp.float32)
    return jnp.concatenate(
        [first * cos - second * sin, second * cos + first * sin], axis=-1
    ).astype(x.dtype)
