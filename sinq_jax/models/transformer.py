"""A decoder-only transformer in Flax Linen, described by a ``ModelSpec``.

With ``block.py`` the only room that knows the neural-network library. Everything else passes a
plain pytree of parameters: ``{"embedding", "layers": {... stacked on axis 0 ...}, "final_norm"}``,
where the spec says so ``"unembedding"``, and where there are adapters ``"adapters"``.
"""

import math
from functools import cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from flax import linen as nn

from sinq_jax.axes import SEQUENCES, STEPS, held
from sinq_jax.models.adapters import Adapters
from sinq_jax.models.attention import KeyValue
from sinq_jax.models.block import Block, RMSNorm, named
from sinq_jax.models.lookup import rows_of
from sinq_jax.models.rope import Turn, turn
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.traits import Traits, layer_traits, stacked_traits
from sinq_jax.models.vocabulary import TokenScores, logits_of, token_scores

Params = Any
"""A pytree of arrays; its structure is decided by ``Transformer`` and a ``ModelSpec``."""


class Transformer(nn.Module):
    """Token ids in, final hidden states and per-layer keys and values out."""

    spec: ModelSpec

    def setup(self) -> None:
        spec = self.spec
        self.embedding = self._table("embedding")
        self.layers = nn.scan(
            nn.remat(Block, prevent_cse=False) if spec.remat else Block,
            variable_axes={"params": 0},
            split_rngs={"params": True},
            in_axes=(0, nn.broadcast, nn.broadcast, nn.broadcast),
            length=spec.layers,
            unroll=spec.unroll,
            metadata_params={nn.PARTITION_NAME: "layers"},
        )(spec)
        self.final_norm = RMSNorm(spec)
        self.unembedding = self.embedding if spec.tied else self._table("unembedding")

    def _table(self, name: str) -> jax.Array:
        spec, axes = self.spec, ("vocab", "embed")
        fresh = named(nn.initializers.normal(spec.width**-0.5), axes)
        table: jax.Array = self.param(name, fresh, spec.shape(axes), spec.stored_dtype)
        return table

    def embed(self, tokens: jax.Array) -> jax.Array:
        """``[..., embed]`` in the compute dtype, in which the scale is rounded too, as in Gemma.
        The scale is to unit variance unless the spec says otherwise, so that tied logits start
        small.
        """
        scale = self.spec.embedding_scale
        vectors = rows_of(self.embedding, tokens, self.spec.compute_dtype)
        vectors = held(vectors, "batch", *(None,) * (tokens.ndim - 1), SEQUENCES.stream)
        return vectors * (math.sqrt(self.spec.width) if scale is None else scale)

    def logits(self, hidden: jax.Array) -> jax.Array:
        """``[..., embed]`` to float32 ``[..., vocab]``; applies the final norm."""
        logits = logits_of(self.spec, self.unembedding, self.final_norm(hidden))
        return held(logits, "batch", *(None,) * (logits.ndim - 2), "vocab")

    def scores(self, hidden: jax.Array, tokens: jax.Array, size: int) -> TokenScores:
        """See ``score_tokens``."""
        normed = self.final_norm(hidden)
        return token_scores(self.spec, size, self.unembedding, normed, tokens)

    def __call__(
        self,
        tokens: jax.Array,
        positions: jax.Array,
        mask: jax.Array,
        adapters: Adapters = None,
        adapter_rows: jax.Array | None = None,
    ) -> tuple[jax.Array, KeyValue]:
        """See ``forward``."""
        traits = stacked_traits(self.spec, adapters)
        result: tuple[jax.Array, KeyValue] = self.layers(
            self.embed(tokens), traits, positions, mask, adapter_rows
        )
        return result


def init_params(spec: ModelSpec, key: jax.Array) -> Params:
    """Fresh parameters in the spec's ``param_dtype``, without adapters."""
    return nn.meta.unbox(_boxed_params(spec, key))


def _boxed_params(spec: ModelSpec, key: jax.Array) -> Params:
    """Fresh parameters wrapped in their logical axis names (``nn.LogicallyPartitioned`` leaves)."""
    model = Transformer(spec)
    tokens = jnp.zeros((1, 1), jnp.int32)
    mask = jnp.ones((1, 1, 1), bool)

    def everything(module: Transformer) -> jax.Array:
        return module.logits(module(tokens, tokens, mask)[0])

    return nn.init(everything, model)(key)["params"]


def param_shapes(spec: ModelSpec) -> Params:
    """Shapes and dtypes of ``init_params`` (``ShapeDtypeStruct`` leaves), without making any."""
    shapes: Params = jax.eval_shape(nn.meta.unbox, _boxed_shapes(spec))
    return shapes


def logical_axes(spec: ModelSpec) -> Any:
    """The parameters' logical axis names (``PartitionSpec`` leaves), without making parameters."""
    return nn.get_partition_spec(_boxed_shapes(spec))


@cache  # a run asks a dozen times, and each trace takes a tenth of a second
def _boxed_shapes(spec: ModelSpec) -> Params:
    shapes: Params = jax.eval_shape(partial(_boxed_params, spec), jax.random.key(0))
    return shapes


def _apart(params: Params) -> tuple[dict[str, Params], Adapters]:
    """The base's parameters as Linen takes them, and the adapters (None: there are none)."""
    base = {name: leaf for name, leaf in params.items() if name != "adapters"}
    return {"params": base}, params.get("adapters")


def forward(
    spec: ModelSpec,
    params: Params,
    tokens: jax.Array,
    positions: jax.Array,
    mask: jax.Array,
    adapter_rows: jax.Array | None = None,
) -> tuple[jax.Array, KeyValue]:
    """int32 ``[batch, seq]`` twice and bool ``[batch, seq, seq]`` (query, key) to hidden states
    ``[batch, seq, embed]`` before the final norm, and ``KeyValue`` ``[layers, batch, ...]``.

    Windows are taken off the mask here: they depend on the layer and count ``positions``.
    ``adapter_rows`` int32 ``[batch]`` chooses among the adapters; None: all rows have the first.
    """
    base, adapters = _apart(params)
    result: Any = Transformer(spec).apply(base, tokens, positions, mask, adapters, adapter_rows)
    hidden, context = result
    return hidden, context


def unembed(spec: ModelSpec, params: Params, hidden: jax.Array) -> jax.Array:
    """float32 logits ``[..., vocab]`` of hidden states ``[..., embed]``."""
    logits: Any = Transformer(spec).apply(_apart(params)[0], hidden, method="logits")
    return jnp.asarray(logits)


def score_tokens(
    spec: ModelSpec, params: Params, hidden: jax.Array, tokens: jax.Array, size: int
) -> TokenScores:
    """Scores ``[batch, seq]`` of int32 ``tokens`` ``[batch, seq]``, each after its hidden state
    ``[embed]``; logits of ``size`` tokens of each row exist at a time, and ``size`` divides seq.
    """
    base = _apart(params)[0]
    scores: Any = Transformer(spec).apply(base, hidden, tokens, size, method="scores")
    return TokenScores(*scores)


class Layer(NamedTuple):
    """One layer's own parameters and traits, and how it turns each position: ``turns``
    ``[positions, head_dim / 2]``.
    """

    params: Params
    traits: Traits
    turns: Turn


def unstack_layers(spec: ModelSpec, params: Params, positions: int) -> list[Layer]:
    """The layers one by one, for texts of so many ``positions``.

    Done once before a decode loop: slicing layers inside it costs a copy per step, and angles are
    computed there anew for every head.
    """
    every = jnp.arange(positions, dtype=jnp.int32)
    return [
        Layer(
            params=jax.tree.map(lambda leaf, i=i: leaf[i], params["layers"]),
            traits=traits,
            turns=turn(every, traits.frequencies, traits.amplitude),
        )
        for i, traits in enumerate(layer_traits(spec, params.get("adapters")))
    ]


def decode_step(
    spec: ModelSpec,
    params: Params,
    layers: list[Layer],
    tokens: jax.Array,
    positions: jax.Array,
    prompt: list[KeyValue],
    prompt_mask: jax.Array,
    own: list[KeyValue],
    index: jax.Array,
    adapter_rows: jax.Array | None = None,
) -> tuple[jax.Array, list[KeyValue]]:
    """One token of every sample, int32 ``[batch, group]``, to float32 logits ``[batch, group,
    vocab]``.

    ``prompt`` and ``own`` hold one ``KeyValue`` per layer; returns the updated ``own`` as well.
    """
    hidden: Any = Transformer(spec).apply(_apart(params)[0], tokens, method="embed")
    updated: list[KeyValue] = []
    for layer, shared, mine in zip(layers, prompt, own, strict=True):
        result: Any = Block(spec, STEPS).apply(
            {"params": layer.params},
            hidden,
            layer.traits,
            Turn(*(table[positions] for table in layer.turns)),
            positions,
            shared,
            prompt_mask,
            mine,
            index,
            adapter_rows,
            method="step",
        )
        hidden, cache = result
        updated.append(cache)
    return unembed(spec, params, hidden), updated
