"""The policy that players are held to: themselves at the end of the warm start, or their base."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from sinq_jax.axes import on
from sinq_jax.checkpoint import CheckpointError, Checkpoints
from sinq_jax.checkpoint_record import Progress
from sinq_jax.config import Config
from sinq_jax.game.records import Role
from sinq_jax.hosts import ALONE, Hosts
from sinq_jax.learning.layout import GroupBatch
from sinq_jax.learning.reference import batch_logprobs
from sinq_jax.learning.train_step import Player
from sinq_jax.mesh import place_batch, readable
from sinq_jax.models.transformer import Params
from sinq_jax.players import Learner, Players


class Reference:
    """A copy of the players that never learns, kept under ``directory`` as a checkpoint of its own:
    saved once, before the first checkpoint that builds on it, and as safe from ``kill -9``.

    Without a ``directory`` the reference is the frozen base of the learner's adapters, of which
    there is nothing to keep. It takes the memory of the parameters once more for each player.
    """

    def __init__(self, learner: Learner, directory: Path | None, hosts: Hosts = ALONE) -> None:
        self._learner = learner
        self._players: Players = {}
        self._kept = (
            None
            if directory is None
            else Checkpoints(directory, 1, learner.origin.fingerprint, hosts)
        )

    def take(self, players: Players, progress: Progress) -> None:
        """These players are the reference from now on. Raises ``CheckpointError`` when they cannot
        be saved.
        """
        if self._kept is None:
            return
        self._players = {
            name: Player(jax.tree.map(jnp.copy, player.params), (), jnp.copy(player.step))
            for name, player in players.items()
        }
        self._kept.save(progress.tick, self._players, progress)

    def restore(self) -> None:
        """What was taken before this process began. Raises ``CheckpointError`` when it is gone."""
        if self._kept is None:
            return
        template = self._learner.template()
        restored = self._kept.restore(
            {name: player._replace(optimizer=()) for name, player in template.items()}
        )
        if restored is None:
            raise CheckpointError(
                f"{self._kept.directory}: expected the reference that the players are held to, got "
                "none; put it back or choose another --workdir"
            )
        self._players = restored.players

    def logprobs(self, role: Role, batch: GroupBatch) -> NDArray[np.float32]:
        """Its log-probability of every completion token, float32 ``[batch, group, new]``."""
        learner = self._learner
        params, base = self._params(role)
        with on(learner.mesh):
            found = batch_logprobs(
                learner.spec,
                params,
                place_batch(learner.mesh, batch),
                learner.accumulation,
                base,
            )
        return np.asarray(readable(learner.mesh, found))

    def _params(self, role: Role) -> tuple[Params, Params | None]:
        base = self._learner.origin.base
        if self._kept is None:
            return base, None
        return self._players["shared" if self._learner.shared else role].params, base


def reference_of(
    config: Config, learner: Learner, workdir: Path, hosts: Hosts = ALONE
) -> Reference | None:
    """The reference that a config asks for; None where nothing is compared with one."""
    policy = config.policy
    online = config.learning.algorithm == "policy_gradient" and not config.by_paper
    if not (online and config.play) or not (policy.generator_kl or policy.evaluator_kl):
        return None
    return Reference(
        learner, workdir / "reference" if policy.reference == "warm_start" else None, hosts
    )
