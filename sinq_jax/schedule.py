"""The order of a run in ticks: stretches of warm-start steps, then rounds."""

from dataclasses import dataclass
from typing import Self

from sinq_jax.config import Config

STEPS_PER_UPDATE = 4
"""Warm-start steps that take about as long as one update of a round with its play: for the time
left and nothing else."""


@dataclass(frozen=True)
class Tick:
    """What is done between two moments at which a run may stop and later go on.

    ``number`` counts from 1. ``round`` is 0 in the warm start, then 1 or more; the steps
    ``first_step`` to ``last_step`` - 1 are made.
    """

    number: int
    round: int
    first_step: int
    last_step: int


@dataclass(frozen=True)
class Schedule:
    """What a config asks for, tick by tick; where a run stands is one number.

    ``closing`` steps come after the last round, in a tick of their own that has the next number:
    the control arm of the paper's procedure has them too.
    """

    warm_steps: int
    stretch: int
    rounds: int
    updates: int
    save_every_steps: int
    save_every_rounds: int
    measure_every_rounds: int
    closing: int = 0

    @classmethod
    def of(cls, config: Config) -> Self:
        return cls(
            warm_steps=config.warm_start.steps,
            stretch=config.warm_start.log_every,
            rounds=config.selfplay.rounds,
            updates=config.learning.updates,
            save_every_steps=config.checkpoint.every_steps,
            save_every_rounds=config.checkpoint.every_rounds,
            measure_every_rounds=config.benchmark.every_rounds,
            closing=config.closing_steps,
        )

    @property
    def warm_ticks(self) -> int:
        return -(-self.warm_steps // self.stretch)

    @property
    def ticks(self) -> int:
        return self.warm_ticks + self.rounds + (self.closing > 0)

    def tick(self, number: int) -> Tick:
        """The tick of that number, 1 to ``ticks``."""
        if number <= self.warm_ticks:
            first = (number - 1) * self.stretch
            return Tick(number, 0, first, min(first + self.stretch, self.warm_steps))
        round_ = number - self.warm_ticks
        first = self.warm_steps + (round_ - 1) * self.updates
        return Tick(number, round_, first, first + self._updates(round_))

    def done_after(self, tick: Tick) -> float:
        """The share of the run's work, 0 to 1, that is done after the tick."""
        last = self.warm_steps + self.rounds * self.updates + self.closing
        return self._work(tick.last_step) / self._work(last)

    def _work(self, steps: int) -> float:
        later = max(0, steps - self.warm_steps)
        return steps + later * (STEPS_PER_UPDATE - 1)

    def _updates(self, number: int) -> int:
        return self.updates if number <= self.rounds else self.closing

    def ends_warm_start(self, tick: Tick) -> bool:
        return tick.number == self.warm_ticks

    def measures_after(self, tick: Tick) -> bool:
        """Whether the benchmark follows: at the end of each phase and every few rounds of play."""
        if tick.number in (self.warm_ticks, self.ticks):
            return True
        return tick.round > 0 and tick.round % self.measure_every_rounds == 0

    def saves_after(self, tick: Tick) -> bool:
        """Whether a checkpoint follows: at the end of each phase and as often as asked for."""
        if tick.number in (self.warm_ticks, self.ticks):
            return True
        if tick.round > 0:
            return tick.round % self.save_every_rounds == 0
        return tick.last_step // self.save_every_steps > tick.first_step // self.save_every_steps
