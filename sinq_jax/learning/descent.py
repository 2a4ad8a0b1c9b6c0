"""One optimizer step down any criterion, as one jitted program."""

from functools import partial
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import optax

from sinq_jax.learning.layout import in_micro_batches
from sinq_jax.learning.train_step import Player
from sinq_jax.models.lora import with_adapters
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import Params


class Criterion(Protocol):
    """What is to become small: a sum over a batch, to be divided by what ``count`` says of the
    whole of it. Hashable, because the program depends on it.
    """

    def count(self, batch: Any) -> jax.Array:
        """float32 scalar."""

    def __call__(
        self, spec: ModelSpec, params: Params, batch: Any
    ) -> tuple[jax.Array, dict[str, jax.Array]]:
        """The loss, and named measures beside it, float32 scalars; all are sums."""

    def __hash__(self) -> int: ...


@partial(
    jax.jit,
    static_argnames=("spec", "optimizer", "criterion", "accumulation"),
    donate_argnames="player",
)
def descend(
    spec: ModelSpec,
    optimizer: optax.GradientTransformation,
    criterion: Criterion,
    player: Player,
    batch: Any,
    learning_rate: jax.Array,
    accumulation: int = 1,
    base: Params | None = None,
) -> tuple[Player, dict[str, jax.Array]]:
    """The updated player, and float32 scalars: ``loss`` and the measures of the criterion, each a
    mean, ``count``, and ``grad_norm`` before clipping. ``player`` is donated.

    The batch is cut into ``accumulation`` equal micro-batches, which make no difference to the
    mean. With ``base``, the player is adapters over these weights, which get no gradient.
    """
    count = criterion.count(batch)

    def loss(learning: Params, rows: Any) -> tuple[jax.Array, dict[str, jax.Array]]:
        params = learning if base is None else with_adapters(base, learning)
        total, measures = criterion(spec, params, rows)
        scale = 1.0 / jnp.maximum(count, 1.0)
        return total * scale, {
            name: value * scale for name, value in {"loss": total, **measures}.items()
        }

    def add(carry: Any, rows: Any) -> tuple[Any, None]:
        found = jax.grad(loss, has_aux=True)(player.params, rows)
        return jax.tree.map(jnp.add, carry, found), None

    parts = in_micro_batches(batch, accumulation)
    shapes = jax.eval_shape(
        jax.grad(loss, has_aux=True), player.params, jax.tree.map(lambda leaf: leaf[0], parts)
    )
    nothing = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), shapes)
    (gradients, means), _ = jax.lax.scan(add, nothing, parts)
    updates, state = optimizer.update(gradients, player.optimizer, player.params)
    params = jax.tree.map(lambda leaf, up: leaf + learning_rate * up, player.params, updates)
    report = {**means, "count": count, "grad_norm": optax.tree.norm(gradients)}
    return Player(params, state, player.step + 1), report
