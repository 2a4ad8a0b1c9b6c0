"""The nearest change of a config that fits a device, found by compiling one after the other."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from sinq_jax.config import Config, ConfigError
from sinq_jax.mesh import MeshError
from sinq_jax.plan.changes import Change, to_learn, to_sample
from sinq_jax.plan.estimate import (
    Estimate,
    drawn_sampler_memory,
    sampler_memory,
    train_memory,
)
from sinq_jax.plan.layout import Layout
from sinq_jax.plan.memory import GIB

LONGEST_S = 900.0
"""No further change is tried after so many seconds. One that is being compiled is waited for."""

DEEPEST = 3
"""Changes of one program that are tried together."""


@dataclass(frozen=True)
class Tried:
    """What ``program`` needs at most with a change, in bytes; ``how`` that was found."""

    change: Change
    program: str
    peak: int
    how: str


@dataclass
class Search:
    """``memory`` bytes of a device, ``lay_out`` a config on the devices; what was ``tried``."""

    memory: int
    lay_out: Callable[[Config], Layout]
    say: Callable[[str], None]
    tried: list[Tried] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def in_time(self) -> bool:
        """Whether another change may be tried."""
        return time.monotonic() - self.began < LONGEST_S

    def nearest(self, config: Config, large: Mapping[str, int]) -> Change | None:
        """The first change with which all programs fit, where those that ``large`` names do not;
        None when none was found.
        """
        change = Change()
        for program in large:
            found = self._fit(config, change, program)
            if found is None:
                return None
            change = found
        return change if self._confirmed(config, change, large) else None

    def _fit(self, config: Config, before: Change, program: str) -> Change | None:
        """``before`` and what else ``program`` needs to fit: one change, or several, where the best
        of those that are not enough is kept.
        """
        if before.settings and self._peak(config, before, program) <= self.memory:
            return before
        for _ in range(DEEPEST):
            best: tuple[int, Change] | None = None
            for change in self._options(config, before, program):
                peak = self._peak(config, change, program)
                if peak <= self.memory:
                    return change
                best = min(best or (peak, change), (peak, change), key=lambda each: each[0])
            if best is None:
                return None
            before = best[1]
        return None

    def _options(self, config: Config, before: Change, program: str) -> Iterator[Change]:
        """The changes that make a config which the devices can hold in that layout."""
        options = to_sample if program.startswith("sampler") else to_learn
        changed = before.applied(config)
        for option in options(changed, self.lay_out(changed).devices):
            if not self.in_time:
                return
            try:
                self.lay_out(option.applied(changed))
            except (ConfigError, MeshError):
                continue
            yield before + option

    def _peak(self, config: Config, change: Change, program: str) -> int:
        """What the program needs at most: at least what the weights take, if that is too much."""
        layout = self.lay_out(change.applied(config))
        standing = layout.standing
        peak, how = standing.least(program), "weights alone, not compiled"
        if peak <= self.memory:
            self.say(f"{program} with {change}")
            peak, how = standing.peak(_sketched(layout, program)), "compiled"
            if program.startswith("sampler"):
                how = "drawn from one and two periods of layers"
        self.tried.append(Tried(change, program, peak, how))
        return peak

    def _confirmed(self, config: Config, change: Change, large: Mapping[str, int]) -> bool:
        """Whether everything fits that the change touches, compiled as a run would."""
        layout = self.lay_out(change.applied(config))
        everywhere = any(name.startswith(("mesh.", "model.")) for name in change.settings)
        for program in layout.programs:
            if everywhere or program in large:
                self.say(f"{program} with {change}, whole")
                peak = layout.standing.peak(_whole(layout, program))
                self.tried.append(Tried(change, program, peak, "compiled whole"))
                if peak > self.memory:
                    return False
        return True

    def lines(self) -> list[str]:
        """What was tried, and what came of it."""
        rows = [
            f"  {each.peak / GIB:9.3f}  {each.program}: {each.change} ({each.how})"
            for each in self.tried
        ]
        return ["tried, GiB of one device at most", *rows] if rows else []


def _sketched(layout: Layout, program: str) -> Estimate:
    rollout = layout.rollout_of(program)
    if rollout is None:
        return train_memory(layout.work, layout.training)
    return drawn_sampler_memory(layout.work, layout.sampling, rollout)


def _whole(layout: Layout, program: str) -> Estimate:
    rollout = layout.rollout_of(program)
    if rollout is None:
        return train_memory(layout.work, layout.training)
    return sampler_memory(layout.work, layout.sampling, rollout)
