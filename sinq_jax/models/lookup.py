"""Rows of a table that is split over devices, without a device ever holding more than its part."""

import jax
import jax.numpy as jnp

from sinq_jax.axes import batch_ways, split_by

VOCAB_AXIS, EMBED_AXIS = "tensor", "fsdp"
"""Where ``RULES`` splits the table ``[vocab, embed]``."""


def rows_of(table: jax.Array, tokens: jax.Array, dtype: jnp.dtype) -> jax.Array:
    """``[batch, ..., embed]`` in ``dtype``: the rows of ``table`` ``[vocab, embed]`` that int32
    ``tokens`` ``[batch, ...]`` name, on the mesh of ``axes.on`` split by their batch.

    Where the mesh splits the table, each device looks up what it has for the tokens of all that
    share its part of the vocabulary, and sends the vectors where their rows are: as many bytes as
    the result has. XLA's own partition of a gather sends the gradient twice, and makes vectors
    whole on every device where a mesh has ``data`` beside ``fsdp``; a product with one-hot rows
    takes as many operations as all logits. A batch that the mesh does not divide is left to XLA.
    """
    mesh = jax.sharding.get_abstract_mesh()
    whole = mesh.empty or mesh.shape[VOCAB_AXIS] * mesh.shape[EMBED_AXIS] == 1
    if whole or tokens.shape[0] % batch_ways():
        return jnp.asarray(table[tokens], dtype)

    def look(part: jax.Array, own: jax.Array) -> jax.Array:
        asked = jax.lax.all_gather(own, EMBED_AXIS, axis=0, tiled=True)
        first = jax.lax.axis_index(VOCAB_AXIS) * part.shape[0]
        here = (asked >= first) & (asked < first + part.shape[0])
        found = part[jnp.where(here, asked - first, 0)].astype(dtype)
        found = jnp.where(here[..., None], found, 0)
        found = jax.lax.all_to_all(found, EMBED_AXIS, 0, found.ndim - 1, tiled=True)  # type: ignore[no-untyped-call]
        # One device has the row and all others add zeros, so that the sum is exact.
        summed: jax.Array = jax.lax.psum(found, VOCAB_AXIS)  # type: ignore[no-untyped-call]
        return summed

    return jax.shard_map(
        look,
        in_specs=(split_by("vocab", "embed"), split_by("batch")),
        out_specs=split_by("batch"),
    )(table, tokens)
