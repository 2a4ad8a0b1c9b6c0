"""One player that learns alone: from a base, down a criterion, against a reference."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from sinq_jax.axes import on
from sinq_jax.game.records import Role
from sinq_jax.learning.descent import Criterion, descend
from sinq_jax.learning.layout import GroupBatch
from sinq_jax.learning.preferences import completion_logprobs
from sinq_jax.learning.train_step import Player, new_player
from sinq_jax.mesh import place_batch, readable
from sinq_jax.models.transformer import Params
from sinq_jax.players import Learner


def begin_again(learner: Learner, base: Params, role: Role) -> Player:
    """A player with a copy of ``base`` that made no update yet, placed like ``role``'s."""
    places = jax.tree.map(lambda leaf: leaf.sharding, learner.template()[role])

    def begin(params: Params) -> Player:
        return new_player(jax.tree.map(jnp.copy, params), learner.optimizer)

    made: Player = jax.jit(begin, out_shardings=places)(base)
    return made


def fit(
    learner: Learner, player: Player, criterion: Criterion, batch: Any, learning_rate: float
) -> tuple[Player, dict[str, float]]:
    """One optimizer step, and what ``descend`` reports of it. ``player`` is consumed."""
    with on(learner.mesh):
        stepped: tuple[Player, dict[str, jax.Array]] = descend(
            learner.spec,
            learner.optimizer,
            criterion,
            player,
            place_batch(learner.mesh, batch),
            jnp.float32(learning_rate),
            learner.accumulation,
            learner.origin.base,
        )
    player, report = stepped
    host = jax.device_get(readable(learner.mesh, report))
    return player, {name: float(value) for name, value in host.items()}


def reference_logprobs(
    learner: Learner, player: Player, role: Role, pairs: GroupBatch, rows: int
) -> NDArray[np.float32]:
    """What ``player`` gives each completion, float32 ``[batch, group]`` in host memory, computed
    ``rows`` prompts at a time.
    """
    params = learner.params({role: player}, role)
    total = len(pairs.prompt)
    parts = []
    for start in range(0, total, rows):
        # The last part is filled up with rows that are there already: one program for all.
        chosen = np.arange(start, start + rows) % total
        part = jax.tree.map(lambda leaf, chosen=chosen: leaf[chosen], pairs)
        with on(learner.mesh):
            found = _completion_logprobs(learner.spec, params, place_batch(learner.mesh, part))
        parts.append(np.asarray(jax.device_get(readable(learner.mesh, found)), np.float32))
    return np.concatenate(parts)[:total]


_completion_logprobs = partial(jax.jit, static_argnums=0)(completion_logprobs)
