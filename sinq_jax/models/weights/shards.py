"""The files of a checkpoint before their numbers: which tensor goes where, heads and index."""

import json
from collections.abc import Iterable, Mapping
from math import prod
from pathlib import Path

from sinq_jax.models.weights.directory import INDEX, SINGLE
from sinq_jax.models.weights.header import DTYPES, Stored, pack_header, read_header

Shapes = Mapping[str, tuple[int, ...]]


def write_frames(directory: Path, shapes: Shapes, kind: str, limit: int) -> dict[str, Stored]:
    """Write one file, or shards of at most ``limit`` bytes and their index, with room for tensors
    of these names and shapes; returns where each belongs. A tensor above the limit has its own
    shard.
    """
    shards = list(_cut(shapes, DTYPES[kind].itemsize, limit))
    names = [SINGLE]
    if len(shards) > 1:
        names = [f"model-{i:05}-of-{len(shards):05}.safetensors" for i in range(1, len(shards) + 1)]
        _write_index(directory / INDEX, dict(zip(names, shards, strict=True)), kind)
    places: dict[str, Stored] = {}
    for name, shard in zip(names, shards, strict=True):
        places |= write_frame(directory / name, shard, kind)
    return places


def write_frame(path: Path, shapes: Shapes, kind: str) -> dict[str, Stored]:
    """Write the head of a file with room for tensors of these names and shapes behind it."""
    header = pack_header({name: (kind, shape) for name, shape in shapes.items()})
    with path.open("wb") as file:
        file.write(header)
        file.truncate(len(header) + _nbytes(shapes, DTYPES[kind].itemsize))
    return {each.name: each for each in read_header(path)}


def _cut(shapes: Shapes, itemsize: int, limit: int) -> Iterable[Shapes]:
    shard: dict[str, tuple[int, ...]] = {}
    for name, shape in shapes.items():
        if shard and _nbytes({**shard, name: shape}, itemsize) > limit:
            yield shard
            shard = {}
        shard[name] = shape
    yield shard


def _write_index(path: Path, shards: Mapping[str, Shapes], kind: str) -> None:
    total = sum(_nbytes(shapes, DTYPES[kind].itemsize) for shapes in shards.values())
    index = {
        "metadata": {"total_size": total},
        "weight_map": {name: shard for shard, shapes in shards.items() for name in shapes},
    }
    path.write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")


def _nbytes(shapes: Shapes, itemsize: int) -> int:
    return itemsize * sum(prod(shape) for shape in shapes.values())
