"""What a layer gets besides its parameters, and may be another thing in every layer."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from sinq_jax.models.adapters import Adapters
from sinq_jax.models.rope import frequencies
from sinq_jax.models.spec import ModelSpec

EVERYTHING = 2**30
"""The window of a layer without one, where layers with and without are computed alike."""


class Traits(NamedTuple):
    """``window`` int32 (None: the layer sees everything), of the rotary positions float32
    ``frequencies`` ``[head_dim / 2]`` and ``amplitude`` (None: 1), and the layer's adapters (None:
    there are none).
    """

    window: jax.Array | int | None
    frequencies: jax.Array
    amplitude: jax.Array | None
    adapters: Adapters


def layer_traits(spec: ModelSpec, adapters: Adapters) -> list[Traits]:
    """The traits of every layer. ``adapters`` have the leading axis ``layers``, or are None."""
    rotary = {local: _rotary(spec, local) for local in map(bool, spec.windows or (0,))}
    return [
        Traits(
            window or None,
            *rotary[bool(window)],
            jax.tree.map(lambda leaf, i=i: leaf[i], adapters),
        )
        for i, window in enumerate(spec.windows or (0,) * spec.layers)
    ]


def stacked_traits(spec: ModelSpec, adapters: Adapters) -> Traits:
    """The same as one, with a leading axis ``layers``, for a scan over layers."""
    each = layer_traits(spec, None)
    windows = jnp.array([traits.window or EVERYTHING for traits in each], jnp.int32)
    amplitudes = [traits.amplitude for traits in each if traits.amplitude is not None]
    return Traits(
        windows if spec.windowed else None,
        jnp.stack([traits.frequencies for traits in each]),
        jnp.stack(amplitudes) if amplitudes else None,
        adapters,
    )


def _rotary(spec: ModelSpec, local: bool) -> tuple[jax.Array, jax.Array | None]:
    """Frequencies and amplitude of a layer. If one layer has an amplitude, all have."""
    amplitude = spec.rope.amplitude if spec.rope else 1.0
    if local and spec.local_rope_theta is not None:
        speeds, own = frequencies(spec.head_dim, spec.local_rope_theta), 1.0
    else:
        speeds, own = frequencies(spec.head_dim, spec.rope_theta, spec.rope), amplitude
    return speeds, None if amplitude == 1 else jnp.float32(own)
