"""Everything random comes from one seed folded with what it is for, so a restart repeats it
exactly.
"""

import zlib

import jax
import numpy as np


def _numbers(labels: tuple[str | int, ...]) -> list[int]:
    return [zlib.crc32(part.encode()) if isinstance(part, str) else part for part in labels]


def device_key(seed: int, *labels: str | int) -> jax.Array:
    """A PRNG key for one purpose, such as ``device_key(seed, "generator", round)``."""
    key = jax.random.key(seed)
    for number in _numbers(labels):
        key = jax.random.fold_in(key, number)
    return key


def host_generator(seed: int, *labels: str | int) -> np.random.Generator:
    """A numpy generator for one purpose, for choices made on the host."""
    # Numpy takes a seed with zeros at its end for the one without them; so the end is the length.
    return np.random.default_rng([seed, *_numbers(labels), len(labels) + 1])
