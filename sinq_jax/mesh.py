"""The device mesh and the one table that says along which mesh axis each logical axis is split."""

from functools import partial
from typing import Any, TypeVar

import jax
import numpy as np
from flax import linen as nn
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from sinq_jax.models.adapters import adapter_axes
from sinq_jax.models.lora import AdapterSpec
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import init_params, logical_axes

Batch = TypeVar("Batch")

MESH_AXES = ("data", "fsdp", "tensor")

RULES: tuple[tuple[str, str | tuple[str, ...] | None], ...] = (
    ("batch", ("data", "fsdp")),
    ("embed", "fsdp"),
    ("vocab", "tensor"),
    ("heads", "tensor"),
    ("kv_heads", "tensor"),
    ("mlp", "tensor"),
    ("head_dim", None),
    ("layers", None),
    ("adapters", None),
    ("rank", None),
    ("group", None),
    ("seq", None),
    ("prompt", None),
)


def make_mesh(data: int, fsdp: int, tensor: int) -> Mesh:
    """A mesh over all devices; ``data`` -1 takes whatever the other two leave.

    Raises ``ValueError`` naming the sizes when they do not multiply to the number of devices.
    """
    devices = jax.device_count()
    rest = fsdp * tensor
    sizes = (devices // rest if data == -1 else data, fsdp, tensor)
    if int(np.prod(sizes)) != devices:
        raise ValueError(
            f"config.mesh: expected data x fsdp x tensor = {devices} devices, "
            f"got {' x '.join(map(str, sizes))}; set data=-1 to take what is left"
        )
    return jax.make_mesh(sizes, MESH_AXES, axis_types=(AxisType.Auto,) * len(MESH_AXES))


def place_batch(mesh: Mesh, arrays: Batch) -> Batch:
    """A pytree of arrays whose first axis is ``batch``, split over ``data`` and ``fsdp``.

    Raises ``ValueError`` when these do not divide the batch.
    """
    ways = mesh.shape["data"] * mesh.shape["fsdp"]
    for rows in {leaf.shape[0] for leaf in jax.tree.leaves(arrays)}:
        if rows % ways:
            raise ValueError(
                f"config.mesh: expected data x fsdp = {ways} to divide every batch, got one of "
                f"{rows} rows; choose another mesh or batch size"
            )
    sharding = NamedSharding(mesh, PartitionSpec(("data", "fsdp")))  # type: ignore[no-untyped-call]
    placed: Batch = jax.device_put(arrays, sharding)
    return placed


def replicated(mesh: Mesh) -> NamedSharding:
    """Every device holds the whole array."""
    return NamedSharding(mesh, PartitionSpec())  # type: ignore[no-untyped-call]


def params_sharding(mesh: Mesh, spec: ModelSpec) -> Any:
    """A pytree of ``NamedSharding`` like the parameters, by ``RULES``.

    Raises ``ValueError`` naming the parameter when its axes do not divide by those of the mesh.
    """
    shapes = jax.eval_shape(partial(init_params, spec), jax.random.key(0))
    return _placed(mesh, logical_axes(spec), shapes)


def adapters_sharding(mesh: Mesh, spec: ModelSpec, shape: AdapterSpec) -> Any:
    """The same for adapters, which are split like the projections that they lie beside."""
    shapes = jax.eval_shape(partial(shape.fresh, spec), jax.random.key(0))
    return _placed(mesh, adapter_axes(shape.targets), shapes)


def _placed(mesh: Mesh, axes: Any, shapes: Any) -> Any:
    shardings = nn.logical_to_mesh_sharding(axes, mesh, list(RULES))
    for (path, sharding), leaf in zip(
        jax.tree_util.tree_leaves_with_path(shardings), jax.tree.leaves(shapes), strict=True
    ):
        name = jax.tree_util.keystr(path, simple=True, separator="/")
        _check_divides(name, sharding, leaf.shape)
    return shardings


def _check_divides(name: str, sharding: NamedSharding, shape: tuple[int, ...]) -> None:
    try:
        sharding.shard_shape(shape)
    except ValueError as error:
        split = ", ".join(f"{axis}={size}" for axis, size in sharding.mesh.shape.items())
        raise ValueError(
            f"config.mesh: expected {name} {list(shape)} to divide by {sharding.spec}, "
            f"got a mesh of {split}; choose another mesh or model size"
        ) from error
