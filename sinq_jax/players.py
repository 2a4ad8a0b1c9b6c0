"""The two players and what learns for them: weights or adapters, one set each or one for both."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from sinq_jax.axes import on
from sinq_jax.game.records import Role
from sinq_jax.learning.layout import GroupBatch
from sinq_jax.learning.objective import Objective
from sinq_jax.learning.train_step import Player, StepReport, new_player, player_sharding, train_step
from sinq_jax.mesh import place_batch, readable, replicated
from sinq_jax.models.lora import stack_adapters, with_adapters
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import Params
from sinq_jax.origins import Origin

ROLES: tuple[Role, Role] = ("generator", "evaluator")

Players = dict[str, Player]
"""``{"shared": ...}`` when both roles learn as one, else ``{"generator": ...,
"evaluator": ...}``.
"""


PLAIN = Objective()
"""Weights times log-probabilities: imitation, and REINFORCE without a reference."""


class Lesson(NamedTuple):
    """A batch for one role: ``share`` is its weight in the update's loss, ``entropy`` that of its
    entropy bonus, ``objective`` what its weights do.
    """

    role: Role
    name: str
    batch: GroupBatch
    share: float
    entropy: float = 0.0
    objective: Objective = PLAIN


@dataclass(frozen=True)
class Learner:
    """How players are made and updated: what they begin with, and the optimizer."""

    origin: Origin
    optimizer: optax.GradientTransformation
    shared: bool
    accumulation: int

    @property
    def spec(self) -> ModelSpec:
        """The shape of the model that plays."""
        return self.origin.spec

    @property
    def mesh(self) -> jax.sharding.Mesh:
        """The devices that it plays and learns on."""
        return self.origin.mesh

    @property
    def names(self) -> list[str]:
        """The players that learn."""
        return ["shared"] if self.shared else list(ROLES)

    def new_players(self, key: jax.Array) -> Players:
        """Players that made no update yet. From scratch, separate ones start from different
        weights; from a checkpoint, from the same.
        """
        begun = self.origin.begin(self.names, key)
        make = jax.jit(
            partial(new_player, optimizer=self.optimizer),
            donate_argnums=0,
            out_shardings=self._sharding(),
        )
        return {name: make(begun.pop(name)) for name in self.names}

    def anew(self, players: Players) -> Players:
        """Players with the weights of ``players`` (consumed) that made no update yet."""
        make = jax.jit(
            partial(new_player, optimizer=self.optimizer),
            donate_argnums=0,
            out_shardings=self._sharding(),
        )
        return {name: make(player.params) for name, player in players.items()}

    def template(self) -> Players:
        """What players look like and where they lie, without making any."""
        player = jax.eval_shape(partial(new_player, optimizer=self.optimizer), self.origin.shapes())
        placed = jax.tree.map(
            _placed_shape,
            player,
            self._sharding(),
        )
        return dict.fromkeys(self.names, placed)

    def template_to_play(self) -> dict[str, Any]:
        """The part of ``template`` that ``resting`` makes players of."""
        return {name: {"params": player.params} for name, player in self.template().items()}

    def _sharding(self) -> Any:
        origin = self.origin
        whole = replicated(self.mesh)
        return player_sharding(self.optimizer, origin.shapes(), origin.sharding(), whole)

    def params(self, players: Players, role: Role) -> Params:
        """The weights that ``role`` samples with."""
        return self._over_base(players["shared" if self.shared else role].params)

    def params_of_both(self, players: Players) -> Params:
        """The weights that rows of both roles sample with in one batch, for separate adapters over
        one base: a row of role ``ROLES[i]`` chooses adapter i.
        """
        return self._over_base(stack_adapters([players[role].params for role in ROLES]))

    def _over_base(self, learned: Params) -> Params:
        base = self.origin.base
        return learned if base is None else with_adapters(base, learned)

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
        objectives = tuple(lesson.objective for lesson in lessons)
        with on(self.mesh):
            stepped: tuple[Player, StepReport] = train_step(
                self.spec,
                self.optimizer,
                player,
                tuple(place_batch(self.mesh, lesson.batch) for lesson in lessons),
                jnp.array([lesson.share for lesson in lessons], jnp.float32),
                jnp.float32(learning_rate),
                jnp.array([lesson.entropy for lesson in lessons], jnp.float32),
                self.accumulation,
                self.origin.base,
                None if all(each == PLAIN for each in objectives) else objectives,
            )
        player, report = stepped
        return player, readable(self.mesh, report)


def resting(params: Params) -> Player:
    """A player that plays and does not learn, so that it needs no optimizer."""
    return Player(params, (), jnp.int32(0))


def _placed_shape(leaf: jax.ShapeDtypeStruct, sharding: Any) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=sharding)  # type: ignore[no-untyped-call]


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
        if lesson.entropy:
            metrics[f"{prefix}_bonus"] = lesson.entropy
        if host.cut is not None and lesson.objective.loss != "reinforce":
            metrics[f"{prefix}_cut"] = float(host.cut[index])
        if host.kl is not None and lesson.objective.kl:
            metrics[f"{prefix}_kl"] = float(host.kl[index])
    return metrics
