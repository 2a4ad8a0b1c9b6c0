"""Logical axes: the one table that says along which mesh axis each is split, and what holds the
arrays inside a program to it.
"""

import math
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

import jax
from jax.sharding import Mesh, PartitionSpec

MESH_AXES = ("replica", "data", "fsdp", "tensor")
"""From the slowest links to the fastest: replicas are slices of machines that hold a copy each."""

BATCH_AXES = ("replica", "data", "fsdp")

RULES: tuple[tuple[str, str | tuple[str, ...] | None], ...] = (
    ("batch", BATCH_AXES),
    ("embed", "fsdp"),
    ("vocab", "tensor"),
    ("rows", ("replica", "data")),
    ("scores", ("tensor", "fsdp")),
    ("draws", "tensor"),
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
"""``rows``, ``scores`` and ``draws`` are the batch, the vocabulary and the group where logits are
made and drawn from.
"""


class Activations(NamedTuple):
    """The logical axes of activations ``[batch, ..., embed]``: of their batch, and of the residual
    stream.
    """

    batch: str
    stream: str | None


SEQUENCES = Activations("batch", None)
"""Many tokens: they stay where they are, and each layer's weights come, gathered over ``fsdp``."""

STEPS = Activations("rows", "embed")
"""A token a row: weights stay where they are, and activations, which are fewer bytes, are summed
over ``fsdp`` (Pope et al. 2022, arXiv 2211.05102, section 3.2.2: weight-stationary in two axes).
No device ever holds more of a weight than its part. Logits likewise, in training as well: ``rows``
by ``scores``.
"""


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
    placed: jax.Array = jax.lax.with_sharding_constraint(x, split_by(*axes))  # type: ignore[no-untyped-call]
    return placed


def split_by(*axes: str | None) -> PartitionSpec:
    """The mesh axes of an array with these logical axes (None: not split)."""
    table = dict(RULES)
    return PartitionSpec(*(table[axis] if axis else None for axis in axes))  # type: ignore[no-untyped-call]
