"""The order of a run by the paper's procedure: warm start, rounds of play and training, the end."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from sinq_jax.schedule import STEPS_PER_UPDATE, Schedule, Tick

Kind = Literal["warm start", "play", "generator", "evaluator"]


@dataclass(frozen=True)
class Stage:
    """What a tick is for: the warm start, a round's play (which has no step), or a stretch of the
    training of one role, which makes ``steps`` steps in all from step ``first`` on.
    """

    kind: Kind
    tick: Tick
    first: int
    steps: int

    @property
    def begins(self) -> bool:
        return self.tick.first_step == self.first

    @property
    def ends(self) -> bool:
        return self.tick.last_step == self.first + self.steps


@dataclass(frozen=True)
class Stages(Schedule):
    """Each round is played in one tick, and its generator trained in stretches as long as those of
    the warm start, so that a kill in a long training costs neither the round's games nor all of
    the training. The evaluator's training, of ``closing`` steps, has the number after the last
    round's.
    """

    @cached_property
    def all(self) -> tuple[Stage, ...]:
        """Every stage in its order; that of tick n stands at n - 1."""
        return tuple(self._stages())

    def _stages(self) -> Iterator[Stage]:
        for number in range(1, self.warm_ticks + 1):
            yield Stage("warm start", super().tick(number), 0, self.warm_steps)
        number, step = self.warm_ticks, self.warm_steps
        for round_ in range(1, self.rounds + 1):
            number += 1
            yield Stage("play", Tick(number, round_, step, step), step, 0)
            for stage in self._training("generator", number, round_, step, self.updates):
                yield stage
                number = stage.tick.number
            step += self.updates
        yield from self._training("evaluator", number, self.rounds + 1, step, self.closing)

    def _training(
        self, kind: Kind, number: int, round_: int, step: int, steps: int
    ) -> Iterator[Stage]:
        for index, first in enumerate(range(step, step + steps, self.stretch), 1):
            last = min(first + self.stretch, step + steps)
            yield Stage(kind, Tick(number + index, round_, first, last), step, steps)

    @property
    def ticks(self) -> int:
        return len(self.all)

    def tick(self, number: int) -> Tick:
        return self.all[number - 1].tick

    def stage(self, tick: Tick) -> Stage:
        """What a tick of this schedule is for."""
        return self.all[tick.number - 1]

    def done_after(self, tick: Tick) -> float:
        played = sum(stage.kind == "play" for stage in self.all[: tick.number])
        whole = self.all[-1].tick.last_step + self.rounds * self._cost_of_play
        return (tick.last_step + played * self._cost_of_play) / whole

    @property
    def _cost_of_play(self) -> int:
        """Steps that take about as long as a round's play: for the time left and nothing else."""
        return self.updates * STEPS_PER_UPDATE

    def measures_after(self, tick: Tick) -> bool:
        """Whether the benchmark follows: at the end of the warm start, after every few rounds'
        training, and at the end.
        """
        stage = self.stage(tick)
        if tick.number in (self.warm_ticks, self.ticks):
            return True
        return (
            stage.kind == "generator" and stage.ends and tick.round % self.measure_every_rounds == 0
        )

    def saves_after(self, tick: Tick) -> bool:
        """Whether a checkpoint follows: after all play, at the end of each training, and as often
        as asked for in between.
        """
        stage = self.stage(tick)
        if stage.ends:
            return True
        return tick.last_step // self.save_every_steps > tick.first_step // self.save_every_steps
