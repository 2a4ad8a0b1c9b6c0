"""Weights out: from sharded arrays to a directory that ``transformers`` loads.

Block by block, as they came in: a device turns and casts its part, the host writes it to its place
in the file, so that the host never has more than a block.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from sinq_jax.models.families import FAMILIES, family_of
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.weights.blocks import Blocks
from sinq_jax.models.weights.drafts import draft
from sinq_jax.models.weights.errors import WeightsError
from sinq_jax.models.weights.header import Stored, kind_of
from sinq_jax.models.weights.meter import Meter, Watch
from sinq_jax.models.weights.names import entries, leaf_at
from sinq_jax.models.weights.placing import on_mesh, take
from sinq_jax.models.weights.shards import write_frames

GB = 10**9


def save_params(
    directory: Path,
    spec: ModelSpec,
    params: Any,
    config: Mapping[str, Any],
    *,
    dtype: str = "bfloat16",
    shard_bytes: int = 5 * GB,
    beside: Sequence[Path] = (),
    progress: Watch | None = None,
) -> None:
    """Write ``params`` to ``directory``, new or empty, with ``config`` as its ``config.json``.

    ``config`` is that of the checkpoint they came from; its dtype becomes ``dtype`` ("float32",
    "bfloat16" or "float16"), and of one that also describes eyes the text part is kept. ``beside``
    are files to copy, those of the tokenizer. The directory appears when all of it is written.
    Raises WeightsError when it has files in it, the disk refuses, or ``params`` are not those of
    ``spec`` or lie partly on devices of another process; FamilyError for a config of no family.
    """
    _check_tree(spec, params)
    _check_reach(params)
    _check_beside(beside)
    kind = kind_of(jnp.dtype(dtype))
    with draft(directory) as path:
        places = write_frames(path, _shapes(spec), kind, shard_bytes)
        _write_config(path / "config.json", config, dtype)
        for each in beside:
            shutil.copyfile(each, path / each.name)
        meter = Meter(progress, sum(place.nbytes for place in places.values()))
        for entry in entries(spec):
            leaf = on_mesh(leaf_at(params, entry))
            sharding: Any = leaf.sharding
            blocks = Blocks(entry, spec, sharding, leaf.dtype.itemsize)
            _write(leaf, blocks, [places[name] for name in entry.names(spec)], meter)


def _shapes(spec: ModelSpec) -> dict[str, tuple[int, ...]]:
    """The tensors in the order of a forward pass, so that a layer lies in one place."""
    found = entries(spec)
    table, *rest = (entry for entry in found if not entry.layered)
    layers = [entry for entry in found if entry.layered]
    order = [(table, 0), *((e, i) for i in range(spec.layers) for e in layers)]
    order += [(entry, 0) for entry in rest]
    return {entry.names(spec)[i]: entry.file_shape(spec) for entry, i in order}


def _write(leaf: jax.Array, blocks: Blocks, tensors: list[Stored], meter: Meter) -> None:
    """Write every block of a leaf to where its tensors are placed."""
    with ExitStack() as stack:
        paths = {tensor.path for tensor in tensors}
        files = {path: stack.enter_context(path.open("r+b")) for path in paths}
        for block in blocks:
            host = np.asarray(take(leaf, tensors[0].dtype, blocks, block))
            for layer, row, where in blocks.runs(block):
                place = tensors[layer]
                begin = row * place.nbytes // blocks.sizes[blocks.first]
                files[place.path].seek(place.offset + begin)
                files[place.path].write(np.ascontiguousarray(host[where]).data)
            meter.count(tensors, blocks, block)


def _write_config(path: Path, config: Mapping[str, Any], dtype: str) -> None:
    """``torch_dtype`` is what ``transformers`` before 4.56 reads, ``dtype`` what it reads since."""
    family, text = family_of(config)
    written = {
        **text,
        "model_type": family,
        "architectures": [FAMILIES[family].architecture],
        "dtype": dtype,
        "torch_dtype": dtype,
    }
    path.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")


def _check_tree(spec: ModelSpec, params: Any) -> None:
    wanted = {"/".join(entry.keys): entry.leaf_shape(spec) for entry in entries(spec)}
    shapes = {
        jax.tree_util.keystr(path, simple=True, separator="/"): leaf.shape
        for path, leaf in jax.tree_util.tree_leaves_with_path(params)
    }
    for name in sorted(wanted.keys() | shapes.keys()):
        if wanted.get(name) != shapes.get(name):
            expected, got = (list(s[name]) if name in s else "nothing" for s in (wanted, shapes))
            raise WeightsError(
                f"{name}: expected {expected} by the model's shape, got {got}; save parameters "
                "with the spec that they were made for, and adapters by themselves"
            )


def _check_beside(beside: Sequence[Path]) -> None:
    for path in beside:
        if not path.is_file():
            raise WeightsError(f"{path}: expected a file to copy, got none; check the path")


def _check_reach(params: Any) -> None:
    leaves = jax.tree.leaves(params)
    if not all(getattr(leaf, "is_fully_addressable", True) for leaf in leaves):
        raise WeightsError(
            "parameters: expected arrays that this process can reach, got some on devices of "
            "others; restore the run's checkpoint in one process and save it from there"
        )
