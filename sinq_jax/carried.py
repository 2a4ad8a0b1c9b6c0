"""What learning carries from one round to the next beside the players: a part of the checkpoint."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sinq_jax.config import Config
from sinq_jax.game.records import Role
from sinq_jax.learning.baselines import Floats, RunningBaseline


@dataclass(frozen=True)
class Carried:
    """``baselines`` are the mean rewards of each role over rounds; ``entropy`` is what the
    evaluator's last update saw, in nats per token (None: there was none yet). What the config does
    not use stays as it begins.
    """

    baselines: Mapping[Role, RunningBaseline] = field(default_factory=dict)
    entropy: float | None = None

    def baseline(self, role: Role) -> RunningBaseline:
        """The baseline before the next round."""
        return self.baselines.get(role, RunningBaseline())

    def after_update(self, config: Config, metrics: Mapping[str, float]) -> "Carried":
        """With what the evaluator's samples looked like; an update without any tells nothing."""
        seen = metrics.get("learning/evaluator_policy_tokens", 0.0)
        if not config.policy.entropy_floor or not seen:
            return self
        return Carried(self.baselines, metrics["learning/evaluator_policy_entropy"])

    def after_round(self, config: Config, rewards: Mapping[Role, list[Floats]]) -> "Carried":
        """With the rewards of a round, by group."""
        if config.policy.baseline != "running":
            return self
        decay = config.policy.baseline_decay
        return Carried(
            {role: self.baseline(role).after(given, decay) for role, given in rewards.items()},
            self.entropy,
        )

    def plain(self) -> dict[str, Any]:
        """As JSON holds it; floats come back as they were."""
        return {
            "baselines": {role: [*each] for role, each in self.baselines.items()},
            "entropy": self.entropy,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Carried":
        """The inverse of ``plain``; nothing given is a fresh start."""
        baselines = plain.get("baselines", {}).items()
        return cls({role: RunningBaseline(*each) for role, each in baselines}, plain.get("entropy"))
