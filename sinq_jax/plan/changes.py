"""Settings that make a program need less memory, the ones that cost least first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sinq_jax.config import Config


@dataclass(frozen=True)
class Change:
    """New values of settings, by name as in ``rollout.tensor``."""

    settings: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """The flags that make this change."""
        return " ".join(f"--config.{name}={value}" for name, value in self.settings.items())

    def __add__(self, later: "Change") -> "Change":
        return Change({**self.settings, **later.settings})

    def applied(self, config: Config) -> Config:
        """Raises ``ConfigError`` where the result is no config."""
        for name, value in self.settings.items():
            section, _, setting = name.partition(".")
            changed = replace(getattr(config, section), **{setting: value})
            config = replace(config, **{section: changed})
        config.check()
        return config


def to_sample(config: Config, devices: int) -> Iterator[Change]:
    """Another layout, fewer prompts at a time, and narrow activations and caches. What is left of
    the devices splits the batch.
    """
    mesh, rollout = config.mesh, config.rollout
    fsdp, tensor = rollout.fsdp or mesh.fsdp, rollout.tensor or mesh.tensor
    for more, wider in ((1, 2), (2, 1), (1, 4), (2, 2), (4, 1)):
        if devices % (mesh.replica * fsdp * more * tensor * wider) == 0:
            yield Change({"rollout.fsdp": fsdp * more, "rollout.tensor": tensor * wider})
    for part in (2, 4):
        if rollout.prompts_per_batch % part == 0:
            yield Change({"rollout.prompts_per_batch": rollout.prompts_per_batch // part})
    if config.model.dtype == "float32":
        yield Change({"model.dtype": "bfloat16"})


def to_learn(config: Config, devices: int) -> Iterator[Change]:
    """More micro-batches, activations computed again, another layout, and narrow numbers. Smaller
    batches would save no more than micro-batches, which learn the same.
    """
    mesh, learning, model = config.mesh, config.learning, config.model
    batches = [learning.evaluator_batch, learning.generator_batch]
    if learning.algorithm == "policy_gradient":
        batches += [learning.evaluator_groups, learning.generator_groups]
    for more in (2, 4):
        if all(rows % (learning.accumulation * more) == 0 for rows in batches):
            yield Change({"learning.accumulation": learning.accumulation * more})
    if not model.remat:
        yield Change({"model.remat": True})
    for more, wider in ((2, 1), (1, 2), (4, 1), (2, 2), (1, 4)):
        fsdp, tensor = mesh.fsdp * more, mesh.tensor * wider
        if devices % (mesh.replica * fsdp * tensor) == 0:
            yield Change({"mesh.data": -1, "mesh.fsdp": fsdp, "mesh.tensor": tensor})
    if config.players.adapter_rank and model.param_dtype == "float32":
        yield Change({"model.param_dtype": "bfloat16"})
    if model.dtype == "float32":
        yield Change({"model.dtype": "bfloat16"})
