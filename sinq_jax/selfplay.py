"""One round of the game, and what is learned from it: what everything else serves."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import jax

from sinq_jax.carried import Carried
from sinq_jax.equivalents import NOTHING, MixedIn, equivalent_rewards, mix_in
from sinq_jax.experiment import Experiment
from sinq_jax.game.records import Game, Role
from sinq_jax.league.opponents import NOBODY, Cast, Opponents
from sinq_jax.lessons import (
    Rewarded,
    Taught,
    evaluator_rewards,
    generator_rewards,
    per_update,
    policy_lesson,
    replay_lessons,
    weighted_groups,
    without_contrast,
)
from sinq_jax.players import Players
from sinq_jax.playing import admit, answer, draw_tasks, judge_answers, suspect, write_variants
from sinq_jax.reference import Reference
from sinq_jax.rollout import Group
from sinq_jax.schedule import Tick
from sinq_jax.variety import KeptArchive
from sinq_jax.warmstart import interleaved, learning_rate


@dataclass(frozen=True)
class PlayedRound:
    """``games`` are in the order of ``written`` (task by task, sample by sample); ``answered[i]``
    belongs to game i. These two are what today's players sampled and can learn from: ``cast`` says
    which games others wrote, after those in ``written``, or answered. ``mixed`` are the questions
    about equivalent pairs, which belong to no game.

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
    cast: Cast = field(default_factory=Cast)
    mixed: MixedIn = NOTHING


def play_round(
    experiment: Experiment,
    players: Players,
    number: int,
    opponents: Opponents = NOBODY,
    archive: KeptArchive | None = None,
) -> PlayedRound:
    """Round ``number``: variants are written, admitted or refused, answered, judged and suspected.

    The same players, number, opponents and archive give the same round.
    """
    marks = [time.monotonic()]
    policies = experiment.policies(players)
    jax.block_until_ready(policies)  # type: ignore[no-untyped-call]
    marks.append(time.monotonic())
    tasks = draw_tasks(experiment, number)
    written = write_variants(experiment, policies, tasks, number, opponents)
    marks.append(time.monotonic())
    games = admit(experiment, tasks, written, number)
    games = archive.placed(experiment, games) if archive else games
    marks.append(time.monotonic())
    answered = answer(experiment, policies, games, number, opponents)
    mixed = mix_in(experiment, policies, len(answered), number)
    marks.append(time.monotonic())
    games = judge_answers(experiment, games, answered)
    marks.append(time.monotonic())
    games = suspect(experiment, games)
    marks.append(time.monotonic())
    spent = [later - sooner for sooner, later in pairwise(marks)]
    placed, wrote, admitted, asked, judged, last = spent
    waited = admitted + judged + last + mixed.sandbox_s
    sampled_s = wrote + asked - mixed.sandbox_s
    cast = opponents.cast(games)
    sampled = experiment.config.selfplay.writer == "generator"
    own = written[: opponents.own_originals(len(tasks)) if sampled else 0]
    answered = {index: group for index, group in answered.items() if index not in cast.answered}
    return PlayedRound(games, tuple(own), answered, placed, sampled_s, waited, last, cast, mixed)


def learn_round(
    experiment: Experiment,
    players: Players,
    played: PlayedRound,
    memory: Sequence[Taught],
    tick: Tick,
    carried: Carried,
    reference: Reference | None = None,
) -> tuple[Players, Carried, dict[str, float]]:
    """The updates of one round: both roles learn from its games, and from replayed ones.

    ``memory`` is what the last rounds teach, this one too. ``carried`` comes from the round before,
    and comes back for the next. Metrics are those of the last update, but the gap between trainer
    and sampler is that of the first, when both still have the same weights.
    """
    config = experiment.config
    rewarded: dict[Role, list[Rewarded]] = {
        "evaluator": interleaved(
            evaluator_rewards(played.games, played.answered), equivalent_rewards(played.mixed)
        ),
        "generator": generator_rewards(experiment, played.games, played.written),
    }
    groups = {
        role: weighted_groups(config, each, carried.baseline(role))
        for role, each in rewarded.items()
    }
    online = config.learning.algorithm == "policy_gradient"
    shown = {
        role: per_update(config, role, each, reference)
        for role, each in (groups.items() if online else ())
    }
    metrics: dict[str, float] = {}
    gaps: dict[str, float] = {}
    for update, step in enumerate(range(tick.first_step, tick.last_step)):
        lessons = replay_lessons(experiment, memory, tick, update)
        lessons += [
            policy_lesson(config, role, each[update], carried.entropy)
            for role, each in shown.items()
        ]
        rate = learning_rate(config, tick, step)
        players, report = experiment.learner.update(players, lessons, rate)
        carried = carried.after_update(config, report)
        gaps = {name: gap for name, gap in report.items() if name.endswith("_gap")} | gaps
        metrics = {**report, "learning/rate": rate}
    for role, each in rewarded.items():
        metrics[f"learning/{role}_groups"] = len(groups[role])
        metrics[f"learning/{role}_groups_without_contrast"] = without_contrast(each)
    rewards = {role: [one.rewards for one in each] for role, each in rewarded.items()}
    return players, carried.after_round(config, rewards), metrics | gaps
