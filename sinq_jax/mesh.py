"""The device mesh, and where parameters and batches lie on it."""

import math
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, TypeVar

import jax
from flax import linen as nn
from jax.experimental import mesh_utils
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from sinq_jax.axes import BATCH_AXES, MESH_AXES, RULES
from sinq_jax.errors import SinqError
from sinq_jax.models.adapters import adapter_axes
from sinq_jax.models.lora import AdapterSpec
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import logical_axes, param_shapes

Batch = TypeVar("Batch")


class MeshError(SinqError, ValueError):
    """A mesh that does not fit the devices, the model or a batch; the message is one line."""


def make_mesh(
    data: int,
    fsdp: int,
    tensor: int,
    replica: int = 1,
    devices: Sequence[jax.Device] | None = None,
) -> Mesh:
    """A mesh over ``devices`` (None: all there are); ``data`` -1 takes whatever the others leave.
    Replicas are slices of machines where there are several, so that only they talk over slow links.

    Raises ``MeshError`` naming the sizes when they do not multiply to the number of devices.
    """
    devices = jax.devices() if devices is None else devices
    rest = replica * fsdp * tensor
    sizes = (replica, len(devices) // rest if data == -1 else data, fsdp, tensor)
    if math.prod(sizes) != len(devices):
        raise MeshError(
            f"config.mesh: expected {' x '.join(MESH_AXES)} = {len(devices)} devices, "
            f"got {' x '.join(map(str, sizes))}; set data=-1 to take what is left"
        )
    slices = len({getattr(device, "slice_index", 0) for device in devices})
    if slices > 1 and replica == slices:
        inside, across = (1, *sizes[1:]), (slices, 1, 1, 1)
        placed = mesh_utils.create_hybrid_device_mesh(inside, across, devices)
    else:
        placed = mesh_utils.create_device_mesh(sizes, devices)
    return Mesh(placed, MESH_AXES, axis_types=(AxisType.Auto,) * len(MESH_AXES))


def batch_ways(mesh: Mesh) -> int:
    """Into how many parts a batch is split."""
    return math.prod(mesh.shape[axis] for axis in BATCH_AXES)


def batch_sharding(mesh: Mesh) -> NamedSharding:
    """Where an array lies whose first axis is ``batch``."""
    return NamedSharding(mesh, PartitionSpec(BATCH_AXES))  # type: ignore[no-untyped-call]


def place_batch(mesh: Mesh, arrays: Batch) -> Batch:
    """A pytree of arrays whose first axis is ``batch``, split over all mesh axes but ``tensor``.

    Raises ``MeshError`` when these do not divide the batch.
    """
    ways = batch_ways(mesh)
    for rows in {leaf.shape[0] for leaf in jax.tree.leaves(arrays)}:
        if rows % ways:
            raise MeshError(
                f"config.mesh: expected {' x '.join(BATCH_AXES)} = {ways} to divide every batch, "
                f"got one of {rows} rows; choose another mesh or batch size"
            )
    return place(mesh, arrays, batch_sharding(mesh))


def place(mesh: Mesh, arrays: Batch, shardings: Any) -> Batch:
    """A pytree of host arrays on ``mesh``, laid out by one sharding for all or a pytree of them.

    Where the mesh has devices of several processes, each of them has the arrays, and puts on its
    own devices what these are to hold.
    """
    if not mesh.is_multi_process:
        placed: Batch = jax.device_put(arrays, shardings)
        return placed
    if isinstance(shardings, NamedSharding):
        shardings = jax.tree.map(lambda _: shardings, arrays)
    spread: Batch = jax.tree.map(
        lambda leaf, how: jax.make_array_from_callback(leaf.shape, how, lambda part: leaf[part]),
        arrays,
        shardings,
    )
    return spread


def readable(mesh: Mesh, arrays: Batch) -> Batch:
    """A pytree of arrays on ``mesh`` as one that this process can read whole.

    Where the mesh has devices of several processes, every device gets a copy. This is for what
    becomes texts, games and rows of metrics, of which each process needs all to go on like the
    others: 8 bytes a sampled token. Parameters, caches and logits never come here.
    """
    if not mesh.is_multi_process:
        return arrays
    copied: Batch = _copier(mesh)(arrays)
    return copied


@cache
def _copier(mesh: Mesh) -> Callable[[Any], Any]:
    copier: Callable[[Any], Any] = jax.jit(lambda arrays: arrays, out_shardings=replicated(mesh))
    return copier


def replicated(mesh: Mesh) -> NamedSharding:
    """Every device holds the whole array."""
    return NamedSharding(mesh, PartitionSpec())  # type: ignore[no-untyped-call]


def params_sharding(mesh: Mesh, spec: ModelSpec) -> Any:
    """A pytree of ``NamedSharding`` like the parameters, by ``RULES``.

    Raises ``MeshError`` naming the parameter when its axes do not divide by those of the mesh.
    """
    return _placed(mesh, logical_axes(spec), param_shapes(spec))


def adapters_sharding(mesh: Mesh, spec: ModelSpec, shape: AdapterSpec) -> Any:
    """The same for adapters, which are split like the projections that they lie beside."""
    shapes = jax.eval_shape(partial(shape.fresh, spec), jax.random.key(0))
    return _placed(mesh, adapter_axes(shape.targets), shapes)


def policy_sharding(mesh: Mesh, spec: ModelSpec, params: Any) -> Any:
    """The same for parameters that may have adapters beside them, any number of any rank."""
    shardings = params_sharding(mesh, spec)
    if "adapters" in params:
        adapters = params["adapters"]
        shardings = {**shardings, "adapters": _placed(mesh, adapter_axes([*adapters]), adapters)}
    return shardings


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
        raise MeshError(
            f"config.mesh: expected {name} {list(shape)} to divide by {sharding.spec}, "
            f"got a mesh of {split}; choose another mesh or model size"
        ) from error
