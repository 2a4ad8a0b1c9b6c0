"""A run by the paper's procedure (arXiv 2505.03818): play, train anew from the base, play again.

In every round the generator of the last one writes variants, the base evaluator answers, and the
next generator is trained from the base on the games of all rounds so far. After the last round the
evaluator is trained, once, from the base too. The base is what the warm start ends with.
"""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sinq_jax.config import Config
from sinq_jax.curriculum import Training, evaluator_training, generator_training
from sinq_jax.experiment import Experiment
from sinq_jax.fitting import begin_again, fit
from sinq_jax.game.records import Game, Role
from sinq_jax.hosts import ALONE, Hosts
from sinq_jax.learning.rates import trapezoid
from sinq_jax.learning.train_step import Player
from sinq_jax.lessons import Taught
from sinq_jax.paper.judged import Judged, judged
from sinq_jax.paper.sets import sets_of
from sinq_jax.players import ROLES, Players
from sinq_jax.progress import Progress, Standing
from sinq_jax.randomness import device_key
from sinq_jax.round_metrics import metrics_of_round
from sinq_jax.schedule import Tick
from sinq_jax.selfplay import play_round
from sinq_jax.stages import Stage, Stages
from sinq_jax.training import Run, State, imitate


def run_of(config: Config) -> type[Run]:
    """The kind of run that a config asks for."""
    return PaperRun if config.by_paper else Run


class PaperRun(Run):
    """One run by the procedure. Beside the two players its checkpoints hold the base of each: one
    for both where the config's players share one.
    """

    def __init__(
        self, experiment: Experiment, workdir: Path, progress: Progress, hosts: Hosts = ALONE
    ) -> None:
        super().__init__(experiment, workdir, progress, hosts)
        config = experiment.config
        self.schedule = self.stages = Stages.of(config)
        self.together = config.players.shared
        learner = replace(experiment.learner, shared=self.together)
        self.beginning = replace(experiment, learner=learner)
        self._variants: list[Judged] = []
        self._training: Training | None = None

    def _base(self, role: Role) -> str:
        """Where ``role``'s base stands among the players."""
        return "base" if self.together else f"{role}_base"

    def _with_bases(self, players: Players) -> Players:
        """The players of the beginning as both roles' and, without an optimizer, as their bases."""
        roles: Players = {role: players["shared" if self.together else role] for role in ROLES}
        return {**roles, **{self._base(role): _resting(roles[role]) for role in ROLES}}

    def _template(self) -> Players:
        players = self.experiment.learner.template()
        return {**players, **{self._base(role): _resting(players[role]) for role in ROLES}}

    def _new_players(self) -> Players:
        key = device_key(self.experiment.config.seed, "players")
        return self._with_bases(self.beginning.learner.new_players(key))

    def _remembered(self, number: int) -> deque[Taught]:
        """Reads what was judged in the rounds up to ``number`` again; nothing is replayed here."""
        played = list(range(1, min(number, self.stages.rounds) + 1))
        self._expect_games(played)
        for each in played:
            self._remember(self.ledger.games(each))
        return deque()

    def _remember(self, games: Sequence[Game]) -> None:
        config = self.experiment.config
        quirks = config.paper.reference_quirks
        self._variants += judged(games, config.seed, reference_quirks=quirks)

    def _do(self, state: State, tick: Tick) -> dict[str, float]:
        stage = self.stages.stage(tick)
        if stage.kind == "warm start":
            return self._warm_up(state, tick)
        if stage.kind == "play":
            return self._play(state, tick)
        return self._train(state, stage, stage.kind)

    def _warm_up(self, state: State, tick: Tick) -> dict[str, float]:
        players: Players = {role: state.players[role] for role in ROLES}
        if self.together:
            players = {"shared": players["generator"]}
        players, metrics = imitate(self.beginning, players, tick)
        state.players = self._with_bases(players)
        return metrics

    def _play(self, state: State, tick: Tick) -> dict[str, float]:
        began = time.monotonic()
        self.league.keep(tick.round, state.players)
        played = play_round(self.experiment, state.players, tick.round)
        self.ledger.write_games(tick.round, played.games)
        self._remember(played.games)
        self._training = None
        spent = time.monotonic() - began
        return {"time/round_s": spent, **metrics_of_round(self.experiment, played, spent)}

    def _train(self, state: State, stage: Stage, role: Role) -> dict[str, float]:
        """A stretch of a role's training, which leaves it at its base where nothing can be learned
        from.
        """
        began, learner, tick = time.monotonic(), self.experiment.learner, stage.tick
        base = state.players[self._base(role)]
        if stage.begins:
            state.players[role] = begin_again(learner, base.params, role)
            self._training = None
        if self._training is None:
            self._training = self._training_of(stage, base)
        training, metrics = self._training, dict[str, float]()
        steps = range(tick.first_step, tick.last_step)
        for step, batch in zip(steps, training.batches, strict=False):
            rate = rate_of(self.experiment.config, stage, step)
            state.players[role], told = fit(
                learner, state.players[role], training.criterion, batch, rate
            )
            metrics = {**training.named(told), "learning/rate": rate}
        counts = {f"learning/{role}_{name}": n for name, n in training.counts.items()}
        return {**metrics, **counts, "time/learn_s": time.monotonic() - began}

    def _training_of(self, stage: Stage, base: Player) -> Training:
        """What the role learns from, from the first step of this stage on."""
        number, done = stage.tick.round, stage.tick.first_step - stage.first
        sets = sets_of(self._variants, self.experiment.config.seed)
        if stage.kind == "evaluator":
            training = evaluator_training(self.experiment, sets, number, done)
        else:
            training = generator_training(self.experiment, sets, base, number, done)
        told = [f"{count} {name.replace('_', ' ')}" for name, count in training.counts.items()]
        self.progress.say(f"the {training.role} learns from {', '.join(told)}")
        return training

    def _show(self, tick: Tick, metrics: Mapping[str, float]) -> None:
        stage, rounds = self.stages.stage(tick), self.stages.rounds
        step = (tick.last_step - stage.first, stage.steps)
        self.progress.show(
            Standing(
                phase=f"the {stage.kind} learns" if stage.kind in ROLES else stage.kind,
                done=self.stages.done_after(tick),
                round_of=(min(tick.round, rounds), rounds) if tick.round else None,
                step_of=None if stage.kind == "play" else step,
                tokens_per_s=metrics.get("time/tokens_per_s"),
                checks_per_s=metrics.get("time/checks_per_s"),
                success=metrics.get("evaluator/solve_rate"),
            )
        )


def _resting(player: Player) -> Player:
    """The same weights without an optimizer."""
    return Player(player.params, (), player.step)


def rate_of(config: Config, stage: Stage, step: int) -> float:
    """Each training has a rise, a plateau and a fall of its own, as play has in other runs."""
    learning = config.learning
    fall = round(stage.steps * learning.decay_share)
    final, peak = learning.final_learning_rate, learning.learning_rate
    rise = learning.rise_updates
    return trapezoid(step - stage.first, stage.steps, final, peak, final, rise, fall)
