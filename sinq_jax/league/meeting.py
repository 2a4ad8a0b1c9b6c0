"""Players of any time meet: generators write of the same originals, evaluators answer it all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sinq_jax.experiment import Experiment, Policies
from sinq_jax.game.records import Game, Role
from sinq_jax.models.transformer import Params
from sinq_jax.players import Players
from sinq_jax.playing import Task, admit, answer, judge_answers, write_variants
from sinq_jax.programs.program import Program


@dataclass(frozen=True)
class Meeting:
    """Where players meet: held-out originals, a target for each, and a number for the noise, which
    is the same whoever plays.
    """

    experiment: Experiment
    tasks: tuple[Task, ...]
    number: int

    @property
    def programs(self) -> tuple[Program, ...]:
        """The originals."""
        return tuple(task.program for task in self.tasks)

    def written(self, players: Players) -> tuple[Game, ...]:
        """What their generator writes of all originals, admitted or refused, unanswered."""
        policies: Policies = {"generator": self._policy(players, "generator")}
        written = write_variants(self.experiment, policies, [*self.tasks], self.number)
        return admit(self.experiment, [*self.tasks], written, self.number)

    def answered(self, players: Players, games: Sequence[Game]) -> tuple[Game, ...]:
        """The same games with their evaluator's answers to all that were admitted."""
        policies: Policies = {"evaluator": self._policy(players, "evaluator")}
        unanswered = tuple(replace(game, answers=()) for game in games)
        found = answer(self.experiment, policies, unanswered, self.number)
        return judge_answers(self.experiment, unanswered, found)

    def _policy(self, players: Players, role: Role) -> Params:
        experiment = self.experiment
        return experiment.roller.lay_out(experiment.learner.params(players, role))


def meeting_of(experiment: Experiment) -> Meeting:
    """The first held-out originals, each asked for at the levels of play in turn."""
    config = experiment.config
    wanted, play = config.crossplay, config.selfplay
    size = replace(
        play,
        variants=wanted.variants,
        answers=wanted.answers,
        writer="generator",
        ask_unproven=False,
    )
    held_out = dict.fromkeys(pair.original for pair in experiment.exam)
    fitting = [
        program
        for program in held_out
        if experiment.roller.fits(experiment.form.generator_prompt(program, 10))
    ]
    spread = play.highest_target - play.lowest_target + 1
    tasks = [
        Task(program, play.lowest_target + place % spread)
        for place, program in enumerate(fitting[: wanted.originals])
    ]
    sound = replace(config.rewards, judge="sound")
    plain = replace(experiment, config=replace(config, selfplay=size, rewards=sound))
    # The round after the last, so that no draw of the run is drawn again.
    return Meeting(plain, tuple(tasks), play.rounds + 1)


def rates(games: Sequence[Game]) -> tuple[list[float], list[str]]:
    """The solve rate of each answered game, and the name of its original."""
    asked = [game for game in games if game.answers]
    return [game.solved / len(game.answers) for game in asked], [g.program.name for g in asked]


def counts(
    programs: Sequence[Program],
    played: Mapping[tuple[int, int], Sequence[Game]],
    shape: tuple[int, int],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Diverging answers and all answers, float64 ``[originals, generators, evaluators]``, from the
    games of each (generator, evaluator).
    """
    place = {program: index for index, program in enumerate(programs)}
    solved = np.zeros((len(programs), *shape))
    tried = np.zeros_like(solved)
    for (generator, evaluator), games in played.items():
        for game in games:
            where = (place[game.program], generator, evaluator)
            solved[where] += game.solved
            tried[where] += len(game.answers)
    return solved, tried
