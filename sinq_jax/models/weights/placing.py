"""Blocks into leaves and out of them, on the devices that hold them."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from sinq_jax.models.weights.blocks import Block, Blocks, Placement

REPLICATED = PartitionSpec()  # type: ignore[no-untyped-call]


def empty(blocks: Blocks, dtype: np.dtype[Any]) -> jax.Array:
    """A leaf to be filled, all zero, laid out as ``blocks.sharding`` says.

    On a CPU one of bfloat16 is made of ``uint16``: XLA's CPU backend takes bfloat16 by way of
    float32 and the whole leaf with it, for every block, and alters NaNs; as whole numbers a block
    moves alone.
    """
    on_cpu = blocks.sharding.mesh.devices.flat[0].platform == "cpu"
    kept = np.dtype(np.uint16) if on_cpu and dtype.itemsize == 2 else dtype
    shape = blocks.entry.leaf_shape(blocks.spec)
    leaf: jax.Array = jax.jit(partial(jnp.zeros, shape, kept), out_shardings=blocks.sharding)()
    return leaf


def fill(
    leaf: jax.Array, placed: jax.Array, dtype: np.dtype[Any], blocks: Blocks, block: Block
) -> jax.Array:
    """The leaf with ``placed`` at ``block``, cast to ``dtype``; the old leaf is used up."""
    filled: jax.Array = _fill(leaf, placed, _starts(blocks, block), dtype, blocks.placement)
    return filled


def finished(leaf: jax.Array, dtype: np.dtype[Any]) -> jax.Array:
    """The leaf that ``empty`` began, as ``dtype``. Where it was made of other numbers, the same
    memory is given to jax once more, through numpy: a cast in XLA would take it twice.
    """
    if leaf.dtype == dtype:
        return leaf
    parts = [
        jax.device_put(np.asarray(shard.data).view(dtype), shard.device)
        for shard in leaf.addressable_shards
    ]
    return jax.make_array_from_single_device_arrays(leaf.shape, leaf.sharding, parts)


def take(leaf: jax.Array, dtype: np.dtype[Any], blocks: Blocks, block: Block) -> jax.Array:
    """The numbers of ``leaf`` at ``block``, cast to ``dtype``, as bits (unsigned integers)."""
    taken: jax.Array = _take(leaf, _starts(blocks, block), dtype, blocks.placement)
    return taken


def on_mesh(leaf: Any) -> jax.Array:
    """The leaf with a ``NamedSharding``; one that lies on a single device is not copied."""
    if isinstance(leaf, jax.Array) and isinstance(leaf.sharding, NamedSharding):
        return leaf
    device = next(iter(leaf.devices())) if isinstance(leaf, jax.Array) else jax.devices()[0]
    mesh = Mesh(np.array([device]), ("alone",))
    placed: jax.Array = jax.device_put(leaf, NamedSharding(mesh, REPLICATED))
    return placed


def _starts(blocks: Blocks, block: Block) -> Any:
    return np.array(blocks.starts(block), np.int32)


@partial(jax.jit, donate_argnums=0, static_argnums=(3, 4))
def _fill(
    leaf: jax.Array, placed: jax.Array, starts: jax.Array, dtype: np.dtype[Any], how: Placement
) -> jax.Array:
    def on_device(leaf: jax.Array, placed: jax.Array, starts: jax.Array) -> jax.Array:
        cast = placed.astype(dtype)
        part = cast if leaf.dtype == dtype else _bits(cast)
        return jax.lax.dynamic_update_slice(leaf, part.transpose(how.turn), [*starts])

    parts = (how.leaf.spec, how.block.spec, REPLICATED)
    filled: jax.Array = jax.shard_map(
        on_device, mesh=how.leaf.mesh, in_specs=parts, out_specs=how.leaf.spec
    )(leaf, placed, starts)
    return filled


@partial(jax.jit, static_argnums=(2, 3))
def _take(leaf: jax.Array, starts: jax.Array, dtype: np.dtype[Any], how: Placement) -> jax.Array:
    def on_device(leaf: jax.Array, starts: jax.Array) -> jax.Array:
        sizes = [how.own[axis] for axis in how.turn]
        part = jax.lax.dynamic_slice(_bits(leaf), [*starts], sizes)
        cast = jax.lax.bitcast_convert_type(part, leaf.dtype).astype(dtype)
        return _bits(cast).transpose(np.argsort(how.turn))

    taken: jax.Array = jax.shard_map(
        on_device,
        mesh=how.leaf.mesh,
        in_specs=(how.leaf.spec, REPLICATED),
        out_specs=how.block.spec,
    )(leaf, starts)
    return taken


def _bits(numbers: jax.Array) -> jax.Array:
    return jax.lax.bitcast_convert_type(numbers, f"uint{8 * numbers.dtype.itemsize}")
