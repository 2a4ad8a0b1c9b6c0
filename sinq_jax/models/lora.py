"""Adapters as the weights that learn: their shape, and how they are put on frozen weights."""

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp

from sinq_jax.models.adapters import Adapters, init_adapters
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import Params


@dataclass(frozen=True)
class AdapterSpec:
    """What decides an adapter's arrays, and ``alpha``: what it adds is multiplied by ``scale`` (Hu
    et al. 2021, arXiv 2106.09685, section 4.1).
    """

    rank: int
    alpha: float
    targets: tuple[str, ...]

    @property
    def scale(self) -> float:
        return self.alpha / self.rank

    def fresh(self, spec: ModelSpec, key: jax.Array) -> Adapters:
        """One adapter, float32, that changes nothing yet."""
        return init_adapters(spec, key, self.targets, self.rank)


def stack_adapters(each: Sequence[Adapters]) -> Adapters:
    """Adapters of one shape side by side, so that the rows of one batch may choose among them."""
    return jax.tree.map(lambda *leaves: jnp.concatenate(leaves, axis=1), *each)


def with_adapters(base: Params, adapters: Adapters) -> Params:
    """The parameters that a model is run with: frozen weights and adapters, neither copied."""
    return {**base, "adapters": adapters}
