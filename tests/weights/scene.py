"""Small models with the reference's options of every family, and parameters of any bits at all."""

import json
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from sinq_jax.mesh import make_mesh, params_sharding
from sinq_jax.models.families import spec_of
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import init_params
from sinq_jax.models.weights import save_params
from sinq_jax.models.weights.header import pack_header, read_header
from tests.reference.cases import CASES

SPECS = {name: spec_of(config) for name, config in CASES.items()}
TIED, UNTIED = "qwen2", "llama3"


def random_params(spec: ModelSpec, dtype: str, seed: int = 0) -> dict[str, Any]:
    """Parameters on the host of any bits, NaNs and numbers next to 0 among them."""
    shapes = jax.eval_shape(lambda: init_params(spec, jax.random.key(0)))
    rng, kind = np.random.default_rng(seed), np.dtype(jnp.dtype(dtype))
    return jax.tree.map(
        lambda leaf: np.frombuffer(rng.bytes(leaf.size * kind.itemsize), kind).reshape(leaf.shape),
        shapes,
    )


@cache
def one_device(spec: ModelSpec) -> Any:
    return params_sharding(make_mesh(1, 1, 1), spec)


def bits(leaf: Any) -> NDArray[np.uint8]:
    return np.frombuffer(np.asarray(leaf).tobytes(), np.uint8)


def assert_same_bits(left: Any, right: Any) -> None:
    assert jax.tree.structure(left) == jax.tree.structure(right)
    for (path, one), other in zip(
        jax.tree_util.tree_leaves_with_path(left), jax.tree.leaves(right), strict=True
    ):
        assert (one.shape, one.dtype) == (other.shape, other.dtype)
        assert np.array_equal(bits(one), bits(other)), jax.tree_util.keystr(path)


def save(directory: Path, name: str, dtype: str = "float32", **options: Any) -> dict[str, Any]:
    """Save random parameters of a case; returns them."""
    params = random_params(SPECS[name], dtype)
    save_params(directory, SPECS[name], params, CASES[name], dtype=dtype, **options)
    return params


Tensors = dict[str, tuple[str, tuple[int, ...], bytes]]


def tensors_of(path: Path) -> Tensors:
    """Dtype, shape and bytes of every tensor in a file."""
    data = path.read_bytes()
    return {
        each.name: (each.kind, each.shape, data[each.offset : each.offset + each.nbytes])
        for each in read_header(path)
    }


def write_tensors(path: Path, tensors: Mapping[str, tuple[str, tuple[int, ...], bytes]]) -> None:
    head = pack_header({name: (kind, shape) for name, (kind, shape, _) in tensors.items()})
    path.write_bytes(head + b"".join(data for *_, data in tensors.values()))


def edit_header(path: Path, edit: Any) -> None:
    """Let ``edit`` change the header, as a dict, in place; the tensors stay."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    edit(header)
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data[8 + length :])


def copied(directory: Path, target: Path) -> Path:
    shutil.copytree(directory, target)
    return target
