"""What each tensor of a Hugging Face checkpoint is called, and how it lies in the file and in ours.

A row is (name in the file, leaf of our tree, axes in the file, axes of the leaf). The files keep a
linear layer as ``[out, in]`` with several axes joined into one, written ``(heads head_dim)``.

The families share one table and differ in what they add to it:

=========== =====================================================================
llama       ``PRE_NORMS``
qwen2       ``PRE_NORMS``, ``QKV_BIASES``
qwen3       ``PRE_NORMS``, ``QUERY_KEY_NORMS``
gemma2      ``SANDWICH_NORMS``, in which a known name means another norm
gemma3_text ``SANDWICH_NORMS``, ``QUERY_KEY_NORMS``
=========== =====================================================================

Any of them may be untied, or have biases by an option, so a ``ModelSpec`` chooses the rows.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

from sinq_jax.models.spec import ModelSpec

Row = tuple[str, str, str, str]

MODEL: tuple[Row, ...] = (
    ("embed_tokens.weight", "embedding", "vocab embed", "vocab embed"),
    ("norm.weight", "final_norm/scale", "embed", "embed"),
)
HEAD: tuple[Row, ...] = (("lm_head.weight", "unembedding", "vocab embed", "vocab embed"),)

# Below, names come after "layers.N." and every leaf has the layers stacked on its first axis.
PROJECTIONS: tuple[Row, ...] = (
    ("self_attn.q_proj.weight", "query", "(heads head_dim) embed", "embed heads head_dim"),
    ("self_attn.k_proj.weight", "key", "(kv_heads head_dim) embed", "embed kv_heads head_dim"),
    ("self_attn.v_proj.weight", "value", "(kv_heads head_dim) embed", "embed kv_heads head_dim"),
    ("self_attn.o_proj.weight", "output", "embed (heads head_dim)", "heads head_dim embed"),
    ("mlp.gate_proj.weight", "gate", "mlp embed", "embed mlp"),
    ("mlp.up_proj.weight", "up", "mlp embed", "embed mlp"),
    ("mlp.down_proj.weight", "down", "embed mlp", "mlp embed"),
)
PRE_NORMS: tuple[Row, ...] = (
    ("input_layernorm.weight", "attention_norm/scale", "embed", "embed"),
    ("post_attention_layernorm.weight", "mlp_norm/scale", "embed", "embed"),
)
SANDWICH_NORMS: tuple[Row, ...] = (
    ("input_layernorm.weight", "attention_norm/scale", "embed", "embed"),
    ("post_attention_layernorm.weight", "attention_post_norm/scale", "embed", "embed"),
    ("pre_feedforward_layernorm.weight", "mlp_norm/scale", "embed", "embed"),
    ("post_feedforward_layernorm.weight", "mlp_post_norm/scale", "embed", "embed"),
)
QUERY_KEY_NORMS: tuple[Row, ...] = (
    ("self_attn.q_norm.weight", "query_norm/scale", "head_dim", "head_dim"),
    ("self_attn.k_norm.weight", "key_norm/scale", "head_dim", "head_dim"),
)
QKV_BIASES: tuple[Row, ...] = (
    ("self_attn.q_proj.bias", "query_bias", "(heads head_dim)", "heads head_dim"),
    ("self_attn.k_proj.bias", "key_bias", "(kv_heads head_dim)", "kv_heads head_dim"),
    ("self_attn.v_proj.bias", "value_bias", "(kv_heads head_dim)", "kv_heads head_dim"),
)
OUTPUT_BIAS: tuple[Row, ...] = (("self_attn.o_proj.bias", "output_bias", "embed", "embed"),)

PREFIXES = ("model.", "language_model.model.", "model.language_model.", "")
"""What stands before the names of ``MODEL`` and before ``layers.N.``: the second and the third in
checkpoints that also see images, the last where a model was saved without its head.
"""
HEAD_PREFIXES = ("", "language_model.")
IGNORED = re.compile(
    r".*rotary_emb\.inv_freq"  # a buffer that older checkpoints carry; it follows from the config
    r"|(model\.)?(vision_tower|multi_modal_projector)\..*"  # the eyes of a Gemma 3 that reads text
)


@dataclass(frozen=True)
class Entry:
    """One leaf of our tree and what its tensors are: ``file`` has the axes that the file joins into
    one as an inner tuple, ``leaf`` the leaf's own axes without ``layers``.
    """

    name: str
    path: str
    file: tuple[tuple[str, ...], ...]
    leaf: tuple[str, ...]
    layered: bool

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the leaf in our tree."""
        return ("layers", *self.path.split("/")) if self.layered else tuple(self.path.split("/"))

    @cached_property
    def file_axes(self) -> tuple[str, ...]:
        """All axes in the order of the file, with ``layers`` first where tensors are stacked."""
        single = tuple(axis for joined in self.file for axis in joined)
        return ("layers", *single) if self.layered else single

    @cached_property
    def leaf_axes(self) -> tuple[str, ...]:
        """All axes in the order of the leaf."""
        return ("layers", *self.leaf) if self.layered else self.leaf

    def leaf_shape(self, spec: ModelSpec) -> tuple[int, ...]:
        """The shape of the leaf, with the layers stacked."""
        return (spec.layers,) * self.layered + spec.shape(self.leaf)

    def file_shape(self, spec: ModelSpec) -> tuple[int, ...]:
        """The shape of one tensor in the file."""
        return tuple(prod(spec.shape(joined)) for joined in self.file)

    def names(self, spec: ModelSpec, prefix: str = "model.", head: str = "") -> list[str]:
        """The full names of the leaf's tensors, by layer."""
        if self.layered:
            return [f"{prefix}layers.{i}.{self.name}" for i in range(spec.layers)]
        return [f"{head if self.path == 'unembedding' else prefix}{self.name}"]


def entries(spec: ModelSpec) -> tuple[Entry, ...]:
    """Every leaf of the parameters of ``spec``, in the order in which a checkpoint is written."""
    layer = PROJECTIONS + (SANDWICH_NORMS if spec.post_norms else PRE_NORMS)
    if spec.query_key_norm:
        layer += QUERY_KEY_NORMS
    if spec.qkv_bias:
        layer += QKV_BIASES
    if spec.output_bias:
        layer += OUTPUT_BIAS
    whole = MODEL if spec.tied else MODEL + HEAD
    return (*_parsed(whole, layered=False), *_parsed(layer, layered=True))


def projections() -> tuple[Entry, ...]:
    """The leaves that an adapter can target; each ``file`` is (outputs, inputs)."""
    return tuple(_parsed(PROJECTIONS, layered=True))


def leaf_at(tree: Any, entry: Entry) -> Any:
    """The leaf of ``entry`` in a tree of dicts; KeyError where it has none."""
    for key in entry.keys:
        tree = tree[key]
    return tree


def put_leaf(tree: dict[str, Any], entry: Entry, leaf: Any) -> None:
    """Give a tree of dicts its leaf of ``entry``."""
    for key in entry.keys[:-1]:
        tree = tree.setdefault(key, {})
    tree[entry.keys[-1]] = leaf


def _parsed(rows: Iterable[Row], *, layered: bool) -> Iterable[Entry]:
    for name, path, file, leaf in rows:
        yield Entry(name, path, _joined(file), tuple(leaf.split()), layered)


def _joined(text: str) -> tuple[tuple[str, ...], ...]:
    """``(a b) c`` to ``(("a", "b"), ("c",))``."""
    return tuple(tuple(part.strip("()").split()) for part in re.findall(r"\([^)]*\)|\w+", text))
