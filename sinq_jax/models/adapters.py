"""Low-rank adapters of the layers' matrices: several of them over one base, chosen row by row.

``{target: {"a": [layers, adapters, inputs..., rank], "b": [layers, adapters, rank, outputs...]}}``
for any of the targets in ``KERNELS``, under the key ``"adapters"`` of the parameters.
"""

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec

from sinq_jax.models.kernels import KERNELS
from sinq_jax.models.spec import ModelSpec

Adapters = Any
"""A pytree as above; inside a layer, the same without the leading axis ``layers``."""


def init_adapters(
    spec: ModelSpec, key: jax.Array, targets: Sequence[str], rank: int, count: int = 1
) -> Adapters:
    """``count`` fresh adapters, float32, that change nothing yet: ``b`` is 0, ``a`` is normal with
    the variance 1 / inputs (Hu et al. 2021, arXiv 2106.09685, section 4.1).

    A target's draw does not depend on which other targets there are.
    """
    fresh = {}
    for index, (name, kernel) in enumerate(KERNELS.items()):
        if name in targets:
            inputs, outputs = spec.shape(kernel.inputs), spec.shape(kernel.outputs)
            drawn = jax.random.fold_in(key, index)
            a = jax.random.normal(drawn, (spec.layers, count, *inputs, rank))
            scale: float = math.prod(inputs) ** -0.5
            b = jnp.zeros((spec.layers, count, rank, *outputs))
            fresh[name] = {"a": a * scale, "b": b}
    return fresh


def adapter_axes(targets: Sequence[str]) -> Any:
    """The logical axis names of every leaf (``PartitionSpec``), as of ``init_adapters``."""
    front = ("layers", "adapters")
    return {
        name: {
            "a": PartitionSpec(*front, *kernel.inputs, "rank"),  # type: ignore[no-untyped-call]
            "b": PartitionSpec(*front, "rank", *kernel.outputs),  # type: ignore[no-untyped-call]
        }
        for name, kernel in KERNELS.items()
        if name in targets
    }


def low_rank(x: jax.Array, adapter: Adapters, rows: jax.Array | None) -> jax.Array:
    """What one layer's adapters of one target add for ``x`` ``[batch, ..., inputs...]``, unscaled.

    ``rows`` int32 ``[batch]`` says which adapter each row has (None: all have the first). All are
    computed as one matrix of rank adapters x rank, of which a row keeps its own part: no weights
    are copied per row.
    """
    a, b = adapter["a"].astype(x.dtype), adapter["b"].astype(x.dtype)
    inputs = a.ndim - 2
    if rows is None:
        return jnp.tensordot(jnp.tensordot(x, a[0], inputs), b[0], 1)
    inner = jnp.tensordot(x, jnp.moveaxis(a, 0, -2), inputs)
    own = jax.nn.one_hot(rows, a.shape[0], dtype=x.dtype)
    own = own.reshape(own.shape[0], *[1] * (inner.ndim - 3), own.shape[1], 1)
    return jnp.tensordot(inner * own, b, 2)
