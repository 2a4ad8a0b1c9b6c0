"""A whole run: warm start, then rounds of play (or the control arm), resumable after any tick."""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from sinq_jax.alarms import Watch
from sinq_jax.benchmarks.held_out import measure
from sinq_jax.benchmarks.items import exam_of, items_of
from sinq_jax.benchmarks.within import Within
from sinq_jax.carried import Carried
from sinq_jax.checkpoint import Checkpoints
from sinq_jax.checkpoint_record import Progress as Saved
from sinq_jax.experiment import Experiment
from sinq_jax.game.store import StoreError
from sinq_jax.hosts import ALONE, Hosts
from sinq_jax.interruption import Interrupted, Interruption
from sinq_jax.league.league import League
from sinq_jax.ledger import Ledger
from sinq_jax.lessons import Taught, taught
from sinq_jax.players import Players
from sinq_jax.progress import Progress, Standing
from sinq_jax.randomness import device_key
from sinq_jax.reference import reference_of
from sinq_jax.round_metrics import metrics_of_round
from sinq_jax.schedule import Schedule, Tick
from sinq_jax.selfplay import learn_round, play_round
from sinq_jax.variety import KeptArchive
from sinq_jax.warmstart import learning_rate, warm_start_step


@dataclass
class State:
    """Where a run stands. ``tick`` is the last finished one (0: none); ``baseline`` float64
    ``[pairs]`` is the exam success at the end of the warm start; ``memory`` holds what the games
    of the last rounds teach, for replay; ``carried`` is what learning knows of rounds before.
    """

    tick: int
    players: Players
    baseline: NDArray[np.float64] | None = None
    memory: deque[Taught] = field(default_factory=deque)
    carried: Carried = field(default_factory=Carried)


class Run:
    """One run in one workdir: the experiment, and everything that is written down on the way."""

    def __init__(
        self, experiment: Experiment, workdir: Path, progress: Progress, hosts: Hosts = ALONE
    ) -> None:
        config = experiment.config
        self.experiment = experiment
        self.hosts = hosts
        self.schedule = Schedule.of(config)
        self.progress = progress
        origin = experiment.learner.origin.fingerprint
        self.checkpoints = Checkpoints(
            workdir / "checkpoints", config.checkpoint.keep, origin, hosts
        )
        self.ledger = Ledger(workdir, hosts)
        self.league = League(experiment, workdir, hosts)
        self.reference = reference_of(config, experiment.learner, workdir, hosts)
        self.watch = Watch(config.alarms)
        self.archive = KeptArchive(config)
        self.within = Within(experiment, workdir, progress, hosts)

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, *_: object) -> None:
        self.ledger.close()

    def train(self, interruption: Interruption) -> State:
        """Goes on from the last checkpoint to the end; returns the final state. An alarm
        (``watch.stopped_by``) or the stop rule may end it before, with everything saved.

        Raises ``Interrupted`` after a signal, with everything saved.
        """
        state = self._restore()
        if state.tick == 0:
            self._look(state, Tick(0, 0, 0, 0))
        saved = state.tick
        interruption.at_once = False
        for number in range(state.tick + 1, self.schedule.ticks + 1):
            if self.watch.ends_run:
                break
            tick = self.schedule.tick(number)
            self._advance(state, tick)
            # A signal may have come to one host alone, or at another moment to each.
            asked = self.hosts.any_of("signals", interruption.requested)
            if self.schedule.saves_after(tick) or asked or self.watch.ends_run:
                self._save(state, tick)
                saved = number
            if asked:
                self._stop(tick, asked)
        assert saved == state.tick
        if self.watch.ends_run and state.tick < self.schedule.ticks:
            self.progress.say(self.watch.farewell)
        return state

    def _stop(self, tick: Tick, asked: int) -> NoReturn:
        self.progress.say(f"stopped after {_told(tick)}; the same command goes on from here")
        self.hosts.part()
        raise Interrupted(asked)

    def _restore(self) -> State:
        """The state at the newest usable checkpoint, with metrics and games cut back to it."""
        restored = self.checkpoints.restore(self._template())
        if restored is None:
            self.ledger.cut_back(-1, 0)
            most = self.experiment.config.learning.memory_rounds
            return State(0, self._new_players(), memory=deque(maxlen=most))
        for line in restored.skipped:
            self.progress.say(line)
        saved = restored.progress
        self.ledger.cut_back(saved.round, saved.step)
        self.progress.say(f"resuming after round {saved.round}, step {saved.step}")
        self.league.restore(saved.extra)
        state = State(saved.tick, restored.players)
        if saved.extra.get("baseline") is not None:
            state.baseline = np.array(saved.extra["baseline"], np.float64)
        state.memory = self._remembered(saved.round)
        state.carried = Carried.from_plain(saved.extra.get("carried", {}))
        self.watch.restore(saved.extra.get("watch", {}))
        if self.reference and saved.tick >= self.schedule.warm_ticks:
            self.reference.restore()
        return state

    def _template(self) -> Players:
        """What the players of a checkpoint look like."""
        return self.experiment.learner.template()

    def _new_players(self) -> Players:
        key = device_key(self.experiment.config.seed, "players")
        return self.experiment.learner.new_players(key)

    def _remembered(self, number: int) -> deque[Taught]:
        """What the last games up to round ``number`` teach; ``StoreError`` where some are gone."""
        config = self.experiment.config
        played = list(range(1, number + 1)) if config.play else []
        self._expect_games(played)
        self.archive.restore(self.ledger.games, played)
        most = config.learning.memory_rounds
        last = ((self.ledger.games(each), self.ledger.equivalents(each)) for each in played[-most:])
        return deque((taught(self.experiment, *each) for each in last), maxlen=most)

    def _expect_games(self, played: list[int]) -> None:
        """Raises ``StoreError`` unless the games of exactly these rounds are kept."""
        stored = self.ledger.rounds()
        if stored != played:
            raise StoreError(
                f"{self.ledger.games_path}: expected the games of {len(played)} rounds, which the "
                f"checkpoint has learned from, got {len(stored)}; put the file back or choose "
                "another --workdir"
            )

    def _save(self, state: State, tick: Tick) -> None:
        extra = {
            "baseline": None if state.baseline is None else state.baseline.tolist(),
            "carried": state.carried.plain(),
            "watch": self.watch.plain(),
            **self.league.extra(),
        }
        self.checkpoints.save(tick.number, state.players, _saved(tick, extra))

    def _advance(self, state: State, tick: Tick) -> None:
        """One tick, its metrics and games, and the benchmark where one is due."""
        metrics = self._do(state, tick)
        if tick.round > 0:
            metrics = metrics | self._alarms(metrics)
        self.ledger.write(tick.round, tick.last_step, metrics)
        state.tick = tick.number
        self._look(state, tick)
        self._show(tick, metrics)

    def _look(self, state: State, tick: Tick) -> None:
        """The measurements that are due after a tick; before the first one there is one too."""
        if tick.number == 0 or self.schedule.measures_after(tick):
            self._measure(state, tick)
        if self.within.due(self.schedule, tick):
            metrics = self.within.measure(state.players, tick)
            self.ledger.write(tick.round, tick.last_step, metrics)

    def _alarms(self, metrics: Mapping[str, float]) -> dict[str, float]:
        seen, lines = self.watch.look(metrics)
        for line in lines:
            self.progress.say(line)
        return seen

    def _do(self, state: State, tick: Tick) -> dict[str, float]:
        """What a tick is for, and its metrics."""
        if tick.round > 0 and self.experiment.config.play:
            return self._play(state, tick)
        state.players, metrics = imitate(self.experiment, state.players, tick)
        return metrics

    def _play(self, state: State, tick: Tick) -> dict[str, float]:
        began = time.monotonic()
        opponents = self.league.opponents(tick.round, state.players)
        played = play_round(self.experiment, state.players, tick.round, opponents, self.archive)
        between = time.monotonic()
        learned = taught(self.experiment, played.games, played.mixed.questions)
        state.players, state.carried, metrics = learn_round(
            self.experiment,
            state.players,
            played,
            [*state.memory, learned],
            tick,
            state.carried,
            self.reference,
        )
        self.ledger.write_games(
            tick.round, played.games, played.cast.as_metadata(), played.mixed.questions
        )
        state.memory.append(learned)
        ended = time.monotonic()
        return {
            **metrics,
            **metrics_of_round(self.experiment, played, ended - began),
            **self.archive.record(played.games),
            **self.league.record(played.cast, played.games),
            "time/round_s": ended - began,
            "time/learn_s": ended - between,
        }

    def _measure(self, state: State, tick: Tick) -> None:
        began = time.monotonic()
        measured = measure(self.experiment, state.players, state.baseline)
        if self.schedule.ends_warm_start(tick):
            state.baseline = measured.success
            if self.reference:
                self.reference.take(state.players, _saved(tick, {}))
        self.watch.measured(measured.metrics["benchmark/success"])
        timing = {"time/benchmark_s": time.monotonic() - began}
        self.ledger.write(tick.round, tick.last_step, measured.metrics | timing)
        exam = exam_of(self.experiment)
        self.ledger.write_items(exam, items_of(measured, exam, tick.round, tick.last_step))
        self.progress.say(
            f"held-out success {measured.metrics['benchmark/success']:.3f} after {_told(tick)}"
        )

    def _show(self, tick: Tick, metrics: Mapping[str, float]) -> None:
        schedule = self.schedule
        later = "play" if self.experiment.config.play else "control"
        self.progress.show(
            Standing(
                phase=later if tick.round else "warm start",
                done=schedule.done_after(tick),
                round_of=(min(tick.round, schedule.rounds), schedule.rounds)
                if tick.round
                else None,
                step_of=None if tick.round else (tick.last_step, schedule.warm_steps),
                tokens_per_s=metrics.get("time/tokens_per_s"),
                checks_per_s=metrics.get("time/checks_per_s"),
                success=metrics.get("evaluator/solve_rate"),
            )
        )


def imitate(
    experiment: Experiment, players: Players, tick: Tick
) -> tuple[Players, dict[str, float]]:
    """Steps on warm-start data: the warm start, and what the control arm does for a round."""
    began, tokens = time.monotonic(), 0.0
    metrics: dict[str, float] = {}
    for step in range(tick.first_step, tick.last_step):
        rate = learning_rate(experiment.config, tick, step)
        players, metrics = warm_start_step(experiment, players, step, rate)
        tokens += _tokens(metrics)
    return players, metrics | {"time/tokens_per_s": tokens / (time.monotonic() - began)}


def _saved(tick: Tick, extra: Mapping[str, Any]) -> Saved:
    return Saved(tick.round, tick.last_step, tick.number, extra)


def _told(tick: Tick) -> str:
    return f"round {tick.round}" if tick.round else f"warm-start step {tick.last_step}"


def _tokens(metrics: Mapping[str, float]) -> float:
    return sum(value for name, value in metrics.items() if name.endswith("_tokens"))
