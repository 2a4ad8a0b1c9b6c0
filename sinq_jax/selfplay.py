"""One round of the game, and what is learned from it: what everything else serves."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import jax

from sinq_jax.experiment import Experiment
from sinq_jax.game.records import Game
from sinq_jax.lessons import (
    Taught,
    evaluator_advantages,
    generator_advantages,
    policy_lessons,
    replay_lessons,
)
from sinq_jax.players import Players
from sinq_jax.playing import admit, answer, draw_tasks, judge_answers, suspect, write_variants
from sinq_jax.rollout import Group
from sinq_jax.schedule import Tick
from sinq_jax.warmstart import learning_rate


@dataclass(frozen=True)
class PlayedRound:
    """``games`` are in the order of ``written`` (task by task, sample by sample); ``answered[i]``
    belongs to game i.

    Seconds of wall time: ``layout_s`` until the weights lay as sampling reads them, ``sampling_s``
    and ``judging_s`` that the device and the sandbox were waited for; ``suspicion_s`` is the part
    of the latter that the suspicion pass took.
    """

    games: tuple[Game, ...]
    written: tuple[Group, ...]
    answered: Mapping[int, Group]
    layout_s: float
    sampling_s: float
    judging_s: float
    suspicion_s: float


def play_round(experiment: Experiment, players: Players, number: int) -> PlayedRound:
    """Round ``number``: variants are written, admitted or refused, answered, judged and suspected.

    The same players and number give the same round.
    """
    marks = [time.monotonic()]
    policies = experiment.policies(players)
    jax.block_until_ready(policies)  # type: ignore[no-untyped-call]
    marks.append(time.monotonic())
    tasks = draw_tasks(experiment, number)
    written = write_variants(experiment, policies, tasks, number)
    marks.append(time.monotonic())
    games = admit(experiment, tasks, written, number)
    marks.append(time.monotonic())
    answered = answer(experiment, policies, games, number)
    marks.append(time.monotonic())
    games = judge_answers(experiment, games, answered)
    marks.append(time.monotonic())
    games = suspect(experiment, games)
    marks.append(time.monotonic())
    spent = [later - sooner for sooner, later in pairwise(marks)]
    placed, wrote, admitted, asked, judged, last = spent
    waited = admitted + judged + last
    return PlayedRound(games, tuple(written), answered, placed, wrote + asked, waited, last)


def learn_round(
    experiment: Experiment,
    players: Players,
    played: PlayedRound,
    memory: Sequence[Taught],
    tick: Tick,
) -> tuple[Players, dict[str, float]]:
    """The updates of one round: both roles learn from its games, and from replayed ones.

    ``memory`` is what the last rounds teach, this one too. Each update sees another part of the
    round's groups. The metrics are those of the last update.
    """
    config = experiment.config
    evaluator = evaluator_advantages(played.games, played.answered)
    generator = generator_advantages(experiment, played.games, played.written)
    metrics = {}
    for update, step in enumerate(range(tick.first_step, tick.last_step)):
        lessons = replay_lessons(experiment, memory, tick, update)
        if config.learning.algorithm == "policy_gradient":
            part = slice(update, None, config.learning.updates)
            lessons += policy_lessons(experiment, evaluator[part], generator[part])
        rate = learning_rate(config, tick, step)
        players, report = experiment.learner.update(players, lessons, rate)
        metrics = {**report, "learning/rate": rate}
    metrics["learning/evaluator_groups"] = len(evaluator)
    metrics["learning/generator_groups"] = len(generator)
    return players, metrics
