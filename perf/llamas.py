"""Random Llamas to measure with: their shapes, their checkpoints, and what they cost at least."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import jax

from perf.peers.work import read
from sinq_jax.models.families import spec_of
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import init_params
from sinq_jax.models.weights import save_params
from sinq_jax.models.written_config import config_of

POSITIONS = 32_768


def _llama(
    vocab: int, width: int, layers: int, heads: int, kv_heads: int, head_dim: int, mlp: int
) -> ModelSpec:
    # google-tunix turns every Llama by this base, whatever its config says; and it is the plain
    # Llama, whose output table is the input one.
    return ModelSpec(
        vocab, width, layers, heads, kv_heads, head_dim, mlp, rope_theta=1e6, embedding_scale=1.0
    )


SHAPES: Mapping[str, ModelSpec] = {
    # The tiny game's layers, ten of them, and the vocabulary of Llama 2.
    "6m": _llama(32_000, 128, 10, 4, 2, 32, 384),
    # As many numbers with a small vocabulary: nearly all is products of matrices.
    "6m-wide": _llama(6_144, 256, 6, 8, 2, 32, 704),
    # The sizes of Qwen2.5 1.5B and 7B.
    "1.5b": _llama(151_936, 1536, 28, 12, 2, 128, 8960),
    "7b": _llama(152_064, 3584, 28, 28, 4, 128, 18_944),
}


def config(spec: ModelSpec) -> dict[str, Any]:
    """The ``config.json`` that all arms read."""
    return config_of(spec, "llama", POSITIONS)


def parameters(spec: ModelSpec) -> int:
    """How many numbers the model has."""
    shapes = jax.eval_shape(partial(init_params, spec), jax.random.key(0))
    return sum(leaf.size for leaf in jax.tree.leaves(shapes))


def write(directory: Path, shape: Mapping[str, Any], dtype: Any) -> None:
    """A checkpoint of random weights. Norms are scaled by other numbers than 1, so that an arm that
    ignored one would give other logits.
    """
    spec = replace(spec_of(shape), param_dtype=dtype)
    params = jax.jit(partial(_random, spec))(jax.random.key(0, impl="rbg"))
    save_params(directory, spec, params, shape, dtype=dtype)


def _random(spec: ModelSpec, key: jax.Array) -> Any:
    def shaken(path: Any, leaf: jax.Array) -> jax.Array:
        noise = 0.1 * jax.random.normal(key, leaf.shape, leaf.dtype)
        return leaf + noise if "scale" in jax.tree_util.keystr(path) else leaf

    return jax.tree_util.tree_map_with_path(shaken, init_params(spec, key))


if __name__ == "__main__":
    work = read(Path(sys.argv[1]))
    write(Path(work.model), work.config, work.dtype)
