"""The shape of a transformer: the numbers that decide its parameters and what they compute."""

from dataclasses import dataclass
from typing import Literal

import jax.numpy as jnp


@dataclass(frozen=True)
class RopeScaling:
    """How rotary frequencies are stretched to contexts longer than those of the first training.

    ``linear`` divides all by ``factor``. The others keep a frequency that turns more than
    ``high_turns`` times over ``original_positions``, divide one that turns less than ``low_turns``
    times, and blend in between. ``amplitude`` multiplies the rotated vectors; ``whole_channels``
    (yarn) rounds the ends of the blend outwards. See ``sinq_jax/models/rope.py`` for the formulas.
    """

    kind: Literal["linear", "llama3", "yarn"]
    factor: float
    original_positions: int = 0
    low_turns: float = 1.0
    high_turns: float = 4.0
    amplitude: float = 1.0
    whole_channels: bool = True


@dataclass(frozen=True)
class ModelSpec:
    """A decoder-only transformer. Sizes are counts of units; ``dtype`` is what activations are
    computed in, ``param_dtype`` what parameters are stored in (cast to ``dtype`` at use).

    The legend of array shapes used throughout: batch, seq, prompt, vocab, embed (= ``width``),
    heads, kv_heads, head_dim, mlp, layers, group.

    - ``norm_offset`` is added to the stored scale of every RMSNorm; ``post_norms`` normalises what
      attention and MLP give back as well as what they get.
    - ``windows`` has one number a layer: a token sees that many positions, itself included; 0 is
      all of them. Empty: no layer has a window. Layers with one turn by ``local_rope_theta``,
      unscaled, where that is given.
    - A cap c bounds scores x to c tanh(x / c); None leaves them. ``query_scale`` None is
      ``head_dim ** -0.5``, ``embedding_scale`` None the square root of ``width``.
    - ``adapter_scale`` multiplies what low-rank adapters add.
    - ``unroll`` layers are compiled as one step of the scan over layers: 1 keeps compilation short,
      ``layers`` is faster on CPU, where a loop's body runs on one core. ``remat`` keeps no
      activations inside a layer for the backward pass and computes them again.
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
    norm_offset: float = 0.0
    post_norms: bool = False
    query_key_norm: bool = False
    qkv_bias: bool = False
    output_bias: bool = False
    rope: RopeScaling | None = None
    local_rope_theta: float | None = None
    windows: tuple[int, ...] = ()
    attention_softcap: float | None = None
    logit_softcap: float | None = None
    query_scale: float | None = None
    tied: bool = True
    embedding_scale: float | None = None
    activation: Literal["silu", "gelu_tanh"] = "silu"
    param_dtype: Literal["float32", "bfloat16"] = "float32"
    adapter_scale: float = 1.0
    remat: bool = False

    @property
    def compute_dtype(self) -> jnp.dtype:
        return jnp.dtype(self.dtype)

    @property
    def stored_dtype(self) -> jnp.dtype:
        return jnp.dtype(self.param_dtype)

    def shape(self, axes: tuple[str, ...]) -> tuple[int, ...]:
        """The sizes of axes of parameters, by the names of the legend."""
        sizes = {
            "vocab": self.vocab,
            "embed": self.width,
            "heads": self.heads,
            "kv_heads": self.kv_heads,
            "head_dim": self.head_dim,
            "mlp": self.mlp,
        }
        return tuple(sizes[axis] for axis in axes)

    @property
    def repeats(self) -> int:
        """Query heads that share one key-value head."""
        return self.heads // self.kv_heads

    @property
    def windowed(self) -> bool:
        """Whether any layer sees less than everything before it."""
        return any(self.windows)
