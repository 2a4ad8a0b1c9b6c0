"""What players begin with: weights of their own, a checkpoint's, or adapters over frozen ones."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Protocol

import jax
import jax.numpy as jnp

from sinq_jax.mesh import adapters_sharding, params_sharding, place
from sinq_jax.models.adapters import Adapters
from sinq_jax.models.lora import AdapterSpec
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import Params, init_params, param_shapes


class Origin(Protocol):
    """Where the weights that learn come from. Everything is made where it lies, so that no device
    ever holds more than its part.
    """

    @property
    def spec(self) -> ModelSpec: ...

    @property
    def mesh(self) -> jax.sharding.Mesh: ...

    @property
    def base(self) -> Params | None:
        """Frozen weights under those that learn; None where all weights learn."""

    @property
    def fingerprint(self) -> str:
        """What tells the weights on disk from others; empty where there are none."""

    def shapes(self) -> Params:
        """What learns, as shapes and dtypes."""

    def sharding(self) -> Any:
        """Where it lies."""

    def begin(self, names: Sequence[str], key: jax.Array) -> dict[str, Params]:
        """Fresh arrays for each player, which the caller may donate."""


@dataclass(frozen=True)
class FromScratch:
    """Random weights, different ones for each player."""

    spec: ModelSpec
    mesh: jax.sharding.Mesh
    fingerprint: str = ""
    base: None = None

    def shapes(self) -> Params:
        return param_shapes(self.spec)

    def sharding(self) -> Any:
        return params_sharding(self.mesh, self.spec)

    def begin(self, names: Sequence[str], key: jax.Array) -> dict[str, Params]:
        make = jax.jit(partial(init_params, self.spec), out_shardings=self.sharding())
        return {name: make(jax.random.fold_in(key, index)) for index, name in enumerate(names)}


@dataclass(frozen=True)
class FromCheckpoint(FromScratch):
    """Weights that ``load`` reads, placed by ``sharding``: read once, and copied for each further
    player.
    """

    load: Callable[[], Params] = field(kw_only=True)

    def begin(self, names: Sequence[str], key: jax.Array) -> dict[str, Params]:
        first = self.load()
        copies = {name: jax.tree.map(jnp.copy, first) for name in names[1:]}
        return {names[0]: first, **copies}


@dataclass(frozen=True)
class OverFrozen:
    """Adapters over what ``load`` reads when it is first wanted: what ``given`` reads for a player,
    else fresh ones that change nothing yet.
    """

    spec: ModelSpec
    mesh: jax.sharding.Mesh
    adapter: AdapterSpec
    load: Callable[[], Params]
    fingerprint: str = ""
    given: Mapping[str, Callable[[], Adapters]] = field(default_factory=dict)

    @cached_property
    def base(self) -> Params:
        return self.load()

    def shapes(self) -> Params:
        return jax.eval_shape(partial(self.adapter.fresh, self.spec), jax.random.key(0))

    def sharding(self) -> Any:
        return adapters_sharding(self.mesh, self.spec, self.adapter)

    def begin(self, names: Sequence[str], key: jax.Array) -> dict[str, Params]:
        sharding = self.sharding()
        fresh = jax.jit(partial(self.adapter.fresh, self.spec), out_shardings=sharding)
        return {
            name: jax.tree.map(jnp.copy, place(self.mesh, self.given[name](), sharding))
            if name in self.given
            else fresh(jax.random.fold_in(key, index))
            for index, name in enumerate(names)
        }
