"""One layer: attention and a gated MLP, each behind a norm and added to the residual stream."""

from typing import Any

import jax
import jax.numpy as jnp
from flax import linen as nn

from sinq_jax.axes import SEQUENCES, Activations, held
from sinq_jax.models.adapters import low_rank
from sinq_jax.models.attention import (
    KeyValue,
    Scoring,
    attend_full,
    attend_group_step,
    extend,
)
from sinq_jax.models.kernels import KERNELS, WRITES_TO_STREAM
from sinq_jax.models.rope import Turn, rotate, turn
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.traits import Traits

ACTIVATIONS = {"silu": nn.silu, "gelu_tanh": nn.gelu}


def named(initializer: Any, axes: tuple[str, ...]) -> Any:
    """An initializer that keeps the logical axis names with what it makes."""
    return nn.with_logical_partitioning(initializer, axes)


class RMSNorm(nn.Module):
    """Zhang and Sennrich 2019 (arXiv 1910.07467) over the last axis, computed in float32."""

    spec: ModelSpec
    axis: str = "embed"

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        spec, axes = self.spec, (self.axis,)
        one = named(nn.initializers.constant(1.0 - spec.norm_offset), axes)
        scale = self.param("scale", one, spec.shape(axes), spec.stored_dtype)
        wide = x.astype(jnp.float32)
        normed = wide * jax.lax.rsqrt(jnp.mean(wide**2, axis=-1, keepdims=True) + spec.norm_eps)
        return jnp.asarray(normed * (scale.astype(jnp.float32) + spec.norm_offset), x.dtype)


class Block(nn.Module):
    """``x + attention(norm(x))``, then ``x + mlp(norm(x))``, where the spec says so with another
    norm around attention and MLP.
    """

    spec: ModelSpec
    activations: Activations = SEQUENCES

    def setup(self) -> None:
        spec = self.spec
        self.attention_norm, self.mlp_norm = RMSNorm(spec), RMSNorm(spec)
        self.kernels = {name: self._kernel(name) for name in KERNELS}
        biased = ["query", "key", "value"] * spec.qkv_bias + ["output"] * spec.output_bias
        self.biases = {name: self._bias(name) for name in biased}
        if spec.post_norms:
            self.attention_post_norm, self.mlp_post_norm = RMSNorm(spec), RMSNorm(spec)
        if spec.query_key_norm:
            self.query_norm, self.key_norm = (RMSNorm(spec, "head_dim") for _ in range(2))

    def _kernel(self, name: str) -> jax.Array:
        spec, axes = self.spec, KERNELS[name].axes
        variance = 1 / spec.width
        if name in WRITES_TO_STREAM:
            variance /= 2 * spec.layers
        fresh = named(nn.initializers.normal(variance**0.5), axes)
        kernel: jax.Array = self.param(name, fresh, spec.shape(axes), spec.stored_dtype)
        return kernel

    def _bias(self, name: str) -> jax.Array:
        axes = KERNELS[name].outputs
        zero = named(nn.initializers.zeros, axes)
        shape, dtype = self.spec.shape(axes), self.spec.stored_dtype
        bias: jax.Array = self.param(f"{name}_bias", zero, shape, dtype)
        return bias

    def _apply(
        self, name: str, x: jax.Array, traits: Traits, adapter_rows: jax.Array | None
    ) -> jax.Array:
        """``x [batch, ..., inputs...]`` through a kernel, its bias and its adapters, in the dtype
        of ``x``.
        """
        x = self._placed(x, KERNELS[name].inputs)
        result = jnp.einsum(KERNELS[name].equation, x, self.kernels[name].astype(x.dtype))
        if name in self.biases:
            result = result + self.biases[name].astype(x.dtype)
        if traits.adapters and name in traits.adapters:
            added = low_rank(x, traits.adapters[name], adapter_rows)
            result = result + self.spec.adapter_scale * added
        return self._placed(result, KERNELS[name].outputs)

    def _placed(self, x: jax.Array, last: tuple[str, ...]) -> jax.Array:
        """``x [batch, ..., last...]`` where activations lie."""
        batch, stream = self.activations
        between = (None,) * (x.ndim - 1 - len(last))
        axes = (stream if axis == "embed" else axis for axis in last)
        return held(x, batch, *between, *axes)

    def _project(
        self, x: jax.Array, by: Turn, traits: Traits, adapter_rows: jax.Array | None
    ) -> tuple[jax.Array, jax.Array, jax.Array]:
        """Query, key and value ``[batch, seq, heads or kv_heads, head_dim]``."""
        x = self.attention_norm(x)
        query, key, value = (
            self._apply(name, x, traits, adapter_rows) for name in ("query", "key", "value")
        )
        if self.spec.query_key_norm:
            query, key = self.query_norm(query), self.key_norm(key)
        return rotate(query, by), rotate(key, by), value

    def _finish(
        self, x: jax.Array, mixed: jax.Array, traits: Traits, adapter_rows: jax.Array | None
    ) -> jax.Array:
        """The residual stream after attention gave ``mixed`` ``[batch, seq, heads, head_dim]``."""

        def apply(name: str, values: jax.Array) -> jax.Array:
            return self._apply(name, values, traits, adapter_rows)

        attended = apply("output", mixed)
        x = x + (self.attention_post_norm(attended) if self.spec.post_norms else attended)
        hidden = self.mlp_norm(x)
        gated = ACTIVATIONS[self.spec.activation](apply("gate", hidden)) * apply("up", hidden)
        out = apply("down", gated)
        return x + (self.mlp_post_norm(out) if self.spec.post_norms else out)

    @property
    def _scoring(self) -> Scoring:
        scale = self.spec.query_scale
        return Scoring(
            self.spec.head_dim**-0.5 if scale is None else scale, self.spec.attention_softcap
        )

    def __call__(
        self,
        x: jax.Array,
        traits: Traits,
        positions: jax.Array,
        mask: jax.Array,
        adapter_rows: jax.Array | None,
    ) -> tuple[jax.Array, KeyValue]:
        """A whole sequence ``[batch, seq, embed]``, and its keys and values, for a cache."""
        by = turn(positions, traits.frequencies, traits.amplitude)
        query, key, value = self._project(x, by, traits, adapter_rows)
        context = KeyValue(jnp.moveaxis(key, 1, 3), jnp.swapaxes(value, 1, 2))
        if traits.window is not None:
            mask = mask & (positions[:, :, None] - positions[:, None, :] < traits.window)
        mixed = attend_full(query, context, mask, self._scoring)
        return self._finish(x, mixed, traits, adapter_rows), context

    def step(
        self,
        x: jax.Array,
        traits: Traits,
        by: Turn,
        positions: jax.Array,
        prompt: KeyValue,
        prompt_mask: jax.Array,
        own: KeyValue,
        index: jax.Array,
        adapter_rows: jax.Array | None,
    ) -> tuple[jax.Array, KeyValue]:
        """One new token per sample, ``x`` ``[batch, group, embed]``, turned ``by`` what belongs to
        its position; writes slot ``index`` of ``own``.
        """
        query, key, value = self._project(x, by, traits, adapter_rows)
        own = extend(own, key, value, index)
        slots = jnp.arange(own.keys.shape[-1])
        seen, own_mask = prompt_mask[:, None], slots <= index
        if traits.window is not None:
            places = jnp.arange(prompt_mask.shape[1])
            seen = seen & (positions[:, :, None] - places < traits.window)
            own_mask = own_mask & (index - slots < traits.window)
        mixed = attend_group_step(query, prompt, seen, own, own_mask, self._scoring)
        return self._finish(x, mixed, traits, adapter_rows), own
