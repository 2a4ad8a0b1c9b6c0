"""The weights as decoding reads them: in the narrow dtype that they are computed in, and laid out
for many short steps instead of few long ones.
"""

from functools import partial
from typing import Any

import jax
from jax.sharding import Mesh

from sinq_jax.mesh import policy_sharding
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import Params


def laid_out(spec: ModelSpec, params: Params, mesh: Mesh) -> Params:
    """``params`` on ``mesh``, all but norm scales and adapters in the compute dtype: what every
    step would otherwise convert, and gather from devices that each hold a part, again and again.

    The same arrays where nothing is to be changed. Results are bit for bit those of ``params``: a
    kernel is converted before it is used in any case.
    """
    if spec.compute_dtype != spec.stored_dtype:
        params = narrowed(spec, params)
    shardings = policy_sharding(mesh, spec, params)
    placed: Params = jax.tree.map(_moved, params, shardings)
    return placed


@partial(jax.jit, static_argnames="spec")
def narrowed(spec: ModelSpec, params: Params) -> Params:
    """``params``, all but norm scales and adapters in the compute dtype."""

    def narrow(path: Any, leaf: jax.Array) -> jax.Array:
        name = jax.tree_util.keystr(path)
        kept = "scale" in name or name.startswith("['adapters']")
        return leaf if kept else leaf.astype(spec.compute_dtype)

    narrowed: Params = jax.tree_util.tree_map_with_path(narrow, params)
    return narrowed


def _moved(leaf: jax.Array, sharding: jax.sharding.Sharding) -> jax.Array:
    if leaf.sharding.is_equivalent_to(sharding, leaf.ndim):
        return leaf
    moved: jax.Array = jax.device_put(leaf, sharding)
    return moved
