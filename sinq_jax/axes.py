"""Logical axes: the one table that says along which mesh axis each is split, and what holds the
arrays inside a program to it.
"""

import math
from contextlib import AbstractContextManager, nullcontext

import jax
from jax.sharding import Mesh, PartitionSpec

MESH_AXES = ("replica", "data", "fsdp", "tensor")
"""From the slowest links to the fastest: replicas are slices of machines that hold a copy each."""

BATCH_AXES = ("replica", "data", "fsdp")

RULES: tuple[tuple[str, str | tuple[str, ...] | None], ...] = (
    ("batch", BATCH_AXES),
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

STREAM = None
"""In the place of ``embed`` for activations: they are split by their batch, over ``fsdp`` too."""


def on(mesh: Mesh) -> AbstractContextManager[object]:
    """While entered, ``held`` places arrays on this mesh. One device needs no placing."""
    entered: AbstractContextManager[object] = jax.set_mesh(mesh) if mesh.size > 1 else nullcontext()
    return entered


def batch_ways() -> int:
    """Into how many parts a batch is split on the mesh of ``on``; 1 where there is none."""
    mesh = jax.sharding.get_abstract_mesh()
    return 1 if mesh.empty else math.prod(mesh.shape[axis] for axis in BATCH_AXES)


def held(x: jax.Array, *axes: str | None) -> jax.Array:
    """``x``, laid out as the table says for its logical axes (None: not split), on the mesh of
    ``on``; as it is where there is none.
    """
    if jax.sharding.get_abstract_mesh().empty:
        return x
    table = dict(RULES)
    split = PartitionSpec(*(table[axis] if axis else None for axis in axes))  # type: ignore[no-untyped-call]
    placed: jax.Array = jax.lax.with_sharding_constraint(x, split)  # type: ignore[no-untyped-call]
    return placed
