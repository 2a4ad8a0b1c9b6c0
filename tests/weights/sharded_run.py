"""Loads and saves on eight virtual devices; a process of its own, for jax counts them once.

Prints what it found as JSON.
"""

import json
import sys
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from sinq_jax.mesh import make_mesh, params_sharding
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.weights import blocks, load_params, save_params
from tests.weights.scene import bits, random_params

DEVICES = 8
LAYOUTS = {"data": (8, 1, 1), "all three": (2, 2, 2), "tensor": (1, 2, 4)}
CONFIG = {"model_type": "llama"}
SPEC = ModelSpec(
    vocab=520,
    width=2048,
    layers=2,
    heads=8,
    kv_heads=4,
    head_dim=16,
    mlp=264,
    tied=False,
    qkv_bias=True,
    query_key_norm=True,
    post_norms=True,
)
"""Wide enough that half a row of a float32 matrix fills a page."""


def bytes_read() -> int:
    """What this process has read from files so far, cached or not."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(dict(line.split(": ") for line in lines)["rchar"])


def same(loaded: Any, params: Any) -> bool:
    equal = jax.tree.map(lambda one, two: np.array_equal(bits(one), bits(two)), loaded, params)
    return all(jax.tree.leaves(equal))


def holds_its_part(leaf: jax.Array, whole: Any) -> bool:
    """Whether every device has what its place in the sharding says, and no more."""
    return all(
        shard.data.shape == leaf.sharding.shard_shape(leaf.shape)
        and np.array_equal(bits(shard.data), bits(whole[shard.index]))
        for shard in leaf.addressable_shards
    )


def over_layers(mesh: Mesh, shardings: Any) -> Any:
    """The same with the layers split over ``data`` as well."""

    def split(path: Any, sharding: NamedSharding) -> NamedSharding:
        if path[0].key != "layers":
            return sharding
        return NamedSharding(mesh, PartitionSpec("data", *sharding.spec[1:]))

    return jax.tree_util.tree_map_with_path(split, shardings)


def report(folder: Path, name: str, dtype: str, layers: bool) -> dict[str, Any]:
    mesh = make_mesh(*LAYOUTS[name])
    shardings = params_sharding(mesh, SPEC)
    if layers:
        shardings = over_layers(mesh, shardings)
    params = random_params(SPEC, dtype)
    before = bytes_read()
    loaded = load_params(folder / dtype, SPEC, shardings, dtype)
    read = bytes_read() - before
    placed = jax.tree.map(lambda leaf, how: leaf.sharding == how, loaded, shardings)
    parts = jax.tree.map(holds_its_part, loaded, params)
    again = folder / f"{name} {dtype} {layers}"
    save_params(again, SPEC, loaded, CONFIG, dtype=dtype)
    files = [path / "model.safetensors" for path in (folder / dtype, again)]
    return {
        "same": same(loaded, params),
        "placed": all(jax.tree.leaves(placed)),
        "parts": all(jax.tree.leaves(parts)),
        "read": read / files[0].stat().st_size,
        "saved": files[0].read_bytes() == files[1].read_bytes(),
    }


def main(folder: Path) -> None:
    jax.config.update("jax_num_cpu_devices", DEVICES)
    jax.config.update("jax_platforms", "cpu")
    blocks.BLOCK = 1 << 18  # so that most leaves have several
    for dtype in ("float32", "bfloat16"):
        save_params(folder / dtype, SPEC, random_params(SPEC, dtype), CONFIG, dtype=dtype)
    said = {
        f"{name} {dtype}": report(folder, name, dtype, layers=False)
        for name in LAYOUTS
        for dtype in ("float32", "bfloat16")
    }
    said["layers apart"] = report(folder, "all three", "float32", layers=True)
    print(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
