"""The shape of a transformer: the numbers that decide its parameters and what they compute."""

from dataclasses import dataclass

import jax.numpy as jnp


@dataclass(frozen=True)
class ModelSpec:
    """A decoder-only transformer. Sizes are counts of units; ``dtype`` is what activations are
    computed in.

    Parameters are float32 always; ``dtype`` "bfloat16" casts them at use. ``unroll`` layers are
    compiled as one step of the scan over layers: 1 keeps compilation short, ``layers`` is faster on
    CPU, where a loop's body runs on one core. The legend of array shapes used throughout: batch,
    seq, prompt, vocab, embed (= ``width``), heads, kv_heads, head_dim, mlp, layers, group.
    """

    vocab: int
    width: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    mlp: int
    rope_theta: float = 10000.0
    norm_eps: float = 1e-6
    dtype: str = "float32"
    unroll: int = 1

    @property
    def compute_dtype(self) -> jnp.dtype:
        return jnp.dtype(self.dtype)

    @property
    def repeats(self) -> int:
        """Query heads that share one key-value head."""
        return self.heads // self.kv_heads
