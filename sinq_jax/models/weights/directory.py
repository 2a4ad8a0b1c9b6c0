"""Which tensors a Hugging Face directory holds, and in which of its files."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sinq_jax.models.weights.errors import WeightsError
from sinq_jax.models.weights.header import Stored, read_header

SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"


def stored_tensors(directory: Path) -> dict[str, Stored]:
    """Every tensor of ``model.safetensors``, or else of the shards of its index, by name.

    Raises WeightsError when there are none, an index does not match its shards, or a file is
    damaged.
    """
    if (directory / SINGLE).is_file():
        return {each.name: each for each in read_header(directory / SINGLE)}
    if not (directory / INDEX).is_file():
        raise WeightsError(f"{directory}: expected {SINGLE} or {INDEX}, got {_instead(directory)}")
    shard_of = _read_index(directory / INDEX)
    found: dict[str, Stored] = {}
    for shard in sorted(set(shard_of.values())):
        for each in _read_shard(directory, shard):
            if each.name in found:
                raise WeightsError(
                    f"{each.name} in {directory}: expected in one shard, got it in "
                    f"{found[each.name].path.name} and {shard}; write the checkpoint again"
                )
            found[each.name] = each
    _check_promises(directory, shard_of, found)
    return found


def _instead(directory: Path) -> str:
    """What is there and what to do about it."""
    if not directory.is_dir():
        return "no such directory; check the path"
    names = sorted(path.name for path in directory.iterdir())
    if "adapter_model.safetensors" in names:
        return "an adapter; give the directory of the model that it was trained over"
    if any(name.endswith((".bin", ".pt", ".pth")) for name in names):
        return (
            "weights in pickle files only; convert them: load them with transformers and call "
            "save_pretrained"
        )
    if any(name.endswith(".safetensors") for name in names):
        return "other safetensors files; fetch the index that names them, or rename a single one"
    return "neither; fetch the weights too" if names else "an empty directory; check the path"


def _read_index(path: Path) -> Mapping[str, str]:
    """The shard of every tensor."""
    try:
        shard_of: Any = json.loads(path.read_text(encoding="utf-8"))["weight_map"]
        # A name with a path in it would lead out of the directory.
        sound = all(Path(shard).name == shard for shard in shard_of.values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        sound = False
    if not sound or not shard_of:
        raise WeightsError(
            f"{path}: expected a weight_map from tensors to files beside it, got something else; "
            "copy or download the index again"
        )
    return dict(shard_of)


def _read_shard(directory: Path, shard: str) -> list[Stored]:
    if not (directory / shard).is_file():
        raise WeightsError(
            f"{directory / INDEX}: expected every shard that it names, got no {shard}; "
            "fetch that file too"
        )
    return read_header(directory / shard)


def _check_promises(
    directory: Path, shard_of: Mapping[str, str], found: Mapping[str, Stored]
) -> None:
    for name, shard in shard_of.items():
        if name not in found or found[name].path.name != shard:
            raise WeightsError(
                f"{name} in {directory}: expected in {shard} by the index, got a shard without it; "
                "the index and the shards are of two checkpoints: fetch them again"
            )
