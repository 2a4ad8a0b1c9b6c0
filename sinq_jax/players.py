"""The two players and the weights behind them: one set each, or one set for both."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from sinq_jax.game.records import Role
from sinq_jax.learning.layout import GroupBatch
from sinq_jax.learning.train_step import Player, StepReport, new_player, player_sharding, train_step
from sinq_jax.mesh import params_sharding, place_batch, replicated
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import Params, init_params

ROLES: tuple[Role, Role] = ("generator", "evaluator")

Players = dict[str, Player]
"""``{"shared": ...}`` when both roles use one set of weights, else ``{"generator": ...,
"evaluator": ...}``.
"""


class Lesson(NamedTuple):
    """A batch for one role: ``share`` is its weight in the update's loss, ``entropy`` that of its
    entropy bonus.
    """

    role: Role
    name: str
    batch: GroupBatch
    share: float
    entropy: float = 0.0


@dataclass(frozen=True)
class Learner:
    """How players are made and updated: the model's shape, the mesh and the optimizer."""

    spec: ModelSpec
    mesh: jax.sharding.Mesh
    optimizer: optax.GradientTransformation
    shared: bool
    accumulation: int

    def new_players(self, key: jax.Array) -> Players:
        """Fresh players. Separate ones start from different weights."""
        names = ["shared"] if self.shared else list(ROLES)
        make = jax.jit(self._new_player, out_shardings=self._sharding())
        return {name: make(jax.random.fold_in(key, index)) for index, name in enumerate(names)}

    def _new_player(self, key: jax.Array) -> Player:
        return new_player(init_params(self.spec, key), self.optimizer)

    def _sharding(self) -> Any:
        """Players are made where they lie, so that no device ever holds more than its part."""
        shapes = jax.eval_shape(partial(init_params, self.spec), jax.random.key(0))
        placed = params_sharding(self.mesh, self.spec)
        return player_sharding(self.optimizer, shapes, placed, replicated(self.mesh))

    def params(self, players: Players, role: Role) -> Params:
        """The weights that ``role`` samples with."""
        return players["shared" if self.shared else role].params

    def update(
        self, players: Players, lessons: list[Lesson], learning_rate: float
    ) -> tuple[Players, Mapping[str, float]]:
        """One optimizer step of every player that has a lesson, and its metrics ``learning/...``.

        ``players`` is consumed: its buffers are donated.
        """
        updated = dict(players)
        metrics: dict[str, float] = {}
        for name, player in players.items():
            mine = [lesson for lesson in lessons if name in ("shared", lesson.role)]
            if mine:
                updated[name], report = self._step(player, mine, learning_rate)
                metrics |= _metrics(mine, report)
        return updated, metrics

    def _step(
        self, player: Player, lessons: list[Lesson], learning_rate: float
    ) -> tuple[Player, StepReport]:
        stepped: tuple[Player, StepReport] = train_step(
            self.spec,
            self.optimizer,
            player,
            tuple(place_batch(self.mesh, lesson.batch) for lesson in lessons),
            jnp.array([lesson.share for lesson in lessons], jnp.float32),
            jnp.float32(learning_rate),
            jnp.array([lesson.entropy for lesson in lessons], jnp.float32),
            self.accumulation,
        )
        return stepped


def _metrics(lessons: list[Lesson], report: StepReport) -> dict[str, float]:
    host = StepReport(*jax.device_get(report))
    metrics = {f"learning/{lessons[0].role}_grad_norm": float(host.grad_norm)}
    for index, lesson in enumerate(lessons):
        prefix = f"learning/{lesson.role}_{lesson.name}"
        metrics[f"{prefix}_loss"] = float(host.loss[index])
        metrics[f"{prefix}_entropy"] = float(host.entropy[index])
        metrics[f"{prefix}_tokens"] = float(host.tokens[index])
        if np.any(lesson.batch.sampled):
            metrics[f"{prefix}_logprob_gap"] = float(host.logprob_gap[index])
    return metrics
