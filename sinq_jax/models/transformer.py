"""A decoder-only transformer in Flax Linen.

RMSNorm, rotary grouped-query attention, SwiGLU, tied embeddings.
The only room that knows the neural-network library. Everything else passes a plain pytree of
parameters: ``{"embedding", "layers": {... stacked on axis 0 ...}, "final_norm"}``, float32.
"""

import math
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from flax import linen as nn

from sinq_jax.models.attention import KeyValue, attend_full, attend_group_step, rotate
from sinq_jax.models.spec import ModelSpec

Params = Any
"""A pytree of float32 arrays; its structure is decided by ``Transformer`` and a ``ModelSpec``."""


def _logical(names: tuple[str, ...], scale: float) -> Any:
    return nn.with_logical_partitioning(nn.initializers.normal(scale), names)


class RMSNorm(nn.Module):
    """Zhang and Sennrich 2019 (arXiv 1910.07467), computed in float32."""

    spec: ModelSpec

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        ones: Any = nn.with_logical_partitioning(nn.initializers.ones, ("embed",))
        scale = self.param("scale", ones, (self.spec.width,), jnp.float32)
        wide = x.astype(jnp.float32)
        normed = wide * jax.lax.rsqrt(
            jnp.mean(wide**2, axis=-1, keepdims=True) + self.spec.norm_eps
        )
        return jnp.asarray(normed * scale, x.dtype)


class Block(nn.Module):
    """One layer: ``x + attention(norm(x))``, then ``x + mlp(norm(x))``."""

    spec: ModelSpec

    def setup(self) -> None:
        spec = self.spec
        inner, out = spec.width**-0.5, (2 * spec.layers * spec.width) ** -0.5
        shape_q = (spec.width, spec.heads, spec.head_dim)
        shape_kv = (spec.width, spec.kv_heads, spec.head_dim)
        self.attention_norm = RMSNorm(spec)
        self.mlp_norm = RMSNorm(spec)
        self.query = self.param("query", _logical(("embed", "heads", "head_dim"), inner), shape_q)
        self.key = self.param("key", _logical(("embed", "kv_heads", "head_dim"), inner), shape_kv)
        self.value = self.param(
            "value", _logical(("embed", "kv_heads", "head_dim"), inner), shape_kv
        )
        self.output = self.param(
            "output",
            _logical(("heads", "head_dim", "embed"), out),
            (spec.heads, spec.head_dim, spec.width),
        )
        self.gate = self.param("gate", _logical(("embed", "mlp"), inner), (spec.width, spec.mlp))
        self.up = self.param("up", _logical(("embed", "mlp"), inner), (spec.width, spec.mlp))
        self.down = self.param("down", _logical(("mlp", "embed"), out), (spec.mlp, spec.width))

    def _project(
        self, x: jax.Array, positions: jax.Array
    ) -> tuple[jax.Array, jax.Array, jax.Array]:
        x = self.attention_norm(x)
        theta = self.spec.rope_theta
        query = rotate(_dot(x, self.query), positions, theta)
        key = rotate(_dot(x, self.key), positions, theta)
        return query, key, _dot(x, self.value)

    def _finish(self, x: jax.Array, mixed: jax.Array) -> jax.Array:
        output = self.output.astype(x.dtype)
        x = x + jnp.einsum("...hd,hde->...e", mixed, output)
        hidden = self.mlp_norm(x)
        gated = nn.silu(_dot(hidden, self.gate)) * _dot(hidden, self.up)
        return x + _dot(gated, self.down)

    def __call__(
        self, x: jax.Array, positions: jax.Array, mask: jax.Array
    ) -> tuple[jax.Array, KeyValue]:
        """A whole sequence ``[batch, seq, embed]``, and its keys and values, for a cache."""
        query, key, value = self._project(x, positions)
        context = KeyValue(jnp.swapaxes(key, 1, 2), jnp.swapaxes(value, 1, 2))
        return self._finish(x, attend_full(query, context, mask)), context

    def step(
        self,
        x: jax.Array,
        positions: jax.Array,
        prompt: KeyValue,
        prompt_mask: jax.Array,
        own: KeyValue,
        index: jax.Array,
    ) -> tuple[jax.Array, KeyValue]:
        """One new token per sample, ``x`` ``[batch, group, embed]``; writes slot ``index`` of
        ``own``.
        """
        query, key, value = self._project(x, positions)
        own = KeyValue(
            *(
                jax.lax.dynamic_update_slice_in_dim(cache, new[:, :, :, None], index, axis=3)
                for cache, new in zip(own, (key, value), strict=True)
            )
        )
        own_mask = jnp.arange(own.keys.shape[3]) <= index
        return self._finish(x, attend_group_step(query, prompt, prompt_mask, own, own_mask)), own


def _dot(x: jax.Array, kernel: jax.Array) -> jax.Array:
    """``x [..., a]`` times ``kernel [a, ...]`` in the dtype of ``x``."""
    return jnp.tensordot(x, kernel.astype(x.dtype), axes=1)


class Transformer(nn.Module):
    """Token ids in, final hidden states and per-layer keys and values out."""

    spec: ModelSpec

    def setup(self) -> None:
        spec = self.spec
        self.embedding = self.param(
            "embedding",
            _logical(("vocab", "embed"), spec.width**-0.5),
            (spec.vocab, spec.width),
        )
        scanned = nn.scan(
            Block,
            variable_axes={"params": 0},
            split_rngs={"params": True},
            in_axes=(nn.broadcast, nn.broadcast),
            length=spec.layers,
            unroll=spec.unroll,
            metadata_params={nn.PARTITION_NAME: "layers"},
        )
        self.layers = scanned(spec)
        self.final_norm = RMSNorm(spec)

    def embed(self, tokens: jax.Array) -> jax.Array:
        """``[..., embed]`` in the compute dtype. Scaled to unit variance, so that tied logits start
        small.
        """
        table = jnp.asarray(self.embedding, self.spec.compute_dtype)
        return table[tokens] * math.sqrt(self.spec.width)

    def logits(self, hidden: jax.Array) -> jax.Array:
        """``[..., embed]`` to float32 ``[..., vocab]``; applies the final norm."""
        normed = self.final_norm(hidden)
        table = self.embedding.astype(normed.dtype)
        return jnp.einsum("...e,ve->...v", normed, table, preferred_element_type=jnp.float32)

    def __call__(
        self, tokens: jax.Array, positions: jax.Array, mask: jax.Array
    ) -> tuple[jax.Array, KeyValue]:
        """int32 ``[batch, seq]`` twice and bool ``[batch, seq, seq]`` to hidden states ``[batch,
        seq, embed]`` before the final norm, and keys and values ``[layers, batch, kv_heads, seq,
        head_dim]``.
        """
        result: tuple[jax.Array, KeyValue] = self.layers(self.embed(tokens), positions, mask)
        return result


def init_params(spec: ModelSpec, key: jax.Array) -> Params:
    """Fresh parameters, float32."""
    return nn.meta.unbox(_boxed_params(spec, key))


def _boxed_params(spec: ModelSpec, key: jax.Array) -> Params:
    """Fresh parameters wrapped in their logical axis names (``nn.LogicallyPartitioned`` leaves)."""
    model = Transformer(spec)
    tokens = jnp.zeros((1, 1), jnp.int32)
    mask = jnp.ones((1, 1, 1), bool)

    def everything(module: Transformer) -> jax.Array:
        return module.logits(module(tokens, tokens, mask)[0])

    return nn.init(everything, model)(key)["params"]


def logical_axes(spec: ModelSpec) -> Any:
    """The parameters' logical axis names (``PartitionSpec`` leaves), without making parameters."""
    return nn.get_partition_spec(jax.eval_shape(partial(_boxed_params, spec), jax.random.key(0)))


def forward(
    spec: ModelSpec, params: Params, tokens: jax.Array, positions: jax.Array, mask: jax.Array
) -> tuple[jax.Array, KeyValue]:
    """``Transformer.__call__`` as a pure function of its parameters."""
    result: Any = Transformer(spec).apply({"params": params}, tokens, positions, mask)
    hidden, context = result
    return hidden, context


def unembed(spec: ModelSpec, params: Params, hidden: jax.Array) -> jax.Array:
    """float32 logits ``[..., vocab]`` of hidden states ``[..., embed]``."""
    logits: Any = Transformer(spec).apply({"params": params}, hidden, method="logits")
    return jnp.asarray(logits)


def unstack_layers(spec: ModelSpec, params: Params) -> list[Params]:
    """Each layer's own parameters. Done once before a decode loop: slicing inside it costs a copy
    per step.
    """
    return [jax.tree.map(lambda leaf, i=i: leaf[i], params["layers"]) for i in range(spec.layers)]


def decode_step(
    spec: ModelSpec,
    params: Params,
    layers: list[Params],
    tokens: jax.Array,
    positions: jax.Array,
    prompt: list[KeyValue],
    prompt_mask: jax.Array,
    own: list[KeyValue],
    index: jax.Array,
) -> tuple[jax.Array, list[KeyValue]]:
    """One token of every sample, int32 ``[batch, group]``, to float32 logits ``[batch, group,
    vocab]``.

    ``prompt`` and ``own`` hold one ``KeyValue`` per layer; returns the updated ``own`` as well.
    """
    hidden: Any = Transformer(spec).apply({"params": params}, tokens, method="embed")
    updated: list[KeyValue] = []
    for layer, shared, mine in zip(layers, prompt, own, strict=True):
        result: Any = Block(spec).apply(
            {"params": layer}, hidden, positions, shared, prompt_mask, mine, index, method="step"
        )
        hidden, cache = result
        updated.append(cache)
    return unembed(spec, params, hidden), updated
