"""A round: it repeats exactly, accounts for every completion, and teaches what was rewarded."""

from collections import Counter
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from numpy.typing import NDArray

from sinq_jax.batching import Weighted
from sinq_jax.experiment import Experiment
from sinq_jax.game.records import Completion, Proposal, Role, Ruling, Suspicion
from sinq_jax.game.referee import Claim, judge
from sinq_jax.game.rewards import worth_searching
from sinq_jax.game.store import timeless
from sinq_jax.game.suspicion import unsolved
from sinq_jax.learning.baselines import RunningBaseline
from sinq_jax.learning.losses import score
from sinq_jax.learning.train_step import new_player
from sinq_jax.lessons import (
    evaluator_rewards,
    generator_rewards,
    policy_lesson,
    teaches,
    weighted_groups,
)
from sinq_jax.players import Lesson, Players
from sinq_jax.playing import Task, admit, suspect
from sinq_jax.programs.inputs import enumerate_inputs
from sinq_jax.programs.pairs import LabelledPair
from sinq_jax.rollout import Group
from sinq_jax.selfplay import PlayedRound, play_round

ROUND = 4
"""The first that the small run did not play."""


@pytest.fixture
def played(experiment: Experiment, players: Players) -> PlayedRound:
    return play_round(experiment, players, ROUND)


def test_a_round_repeats_exactly(
    experiment: Experiment, players: Players, played: PlayedRound
) -> None:
    again = play_round(experiment, players, ROUND)
    assert [*map(timeless, again.games)] == [*map(timeless, played.games)]
    assert again.answered.keys() == played.answered.keys()
    for first, second in zip(played.written, again.written, strict=True):
        assert np.array_equal(first.tokens, second.tokens)
        assert np.array_equal(first.logprobs, second.logprobs)


def test_another_round_asks_for_something_else(
    experiment: Experiment, players: Players, played: PlayedRound
) -> None:
    later = play_round(experiment, players, ROUND + 1)
    assert [(game.program, game.target) for game in later.games] != [
        (game.program, game.target) for game in played.games
    ]


def test_every_completion_is_a_game_and_every_game_has_a_verdict_with_a_reason(
    experiment: Experiment, played: PlayedRound
) -> None:
    play = experiment.config.selfplay
    assert len(played.games) == play.originals * play.variants
    assert [(game.completion) for game in played.games] == [
        completion for group in played.written for completion in group.completions
    ]
    verdicts = Counter(game.admission.verdict for game in played.games)
    assert verdicts.keys() <= {"diverges", "same", "invalid", "unstable"}
    assert all(game.admission.reason not in ("", "not judged") for game in played.games)
    assert verdicts["diverges"] > 0
    assert verdicts["invalid"] > 0


def test_what_takes_a_search_is_answered_n_times_and_nothing_else(
    experiment: Experiment, played: PlayedRound
) -> None:
    pay, n = experiment.config.rewards, experiment.config.selfplay.answers
    for index, game in enumerate(played.games):
        assert len(game.answers) == (n if index in played.answered else 0)
        assert (index in played.answered) == worth_searching(game, pay.max_density)


def test_unproven_variants_can_be_left_out(experiment: Experiment, players: Players) -> None:
    play = replace(experiment.config.selfplay, ask_unproven=False)
    strict = replace(experiment, config=replace(experiment.config, selfplay=play))
    rounds = [play_round(strict, players, number) for number in range(ROUND, ROUND + 3)]
    answered = [game for played in rounds for game in played.games if game.answers]
    assert answered
    assert all(game.admitted for game in answered)


def test_what_nobody_solved_is_examined_and_what_is_suspect_teaches_nothing(
    experiment: Experiment, played: PlayedRound
) -> None:
    failed = Ruling("same", "same outcome", {})
    games = tuple(
        replace(game, answers=tuple(replace(answer, ruling=failed) for answer in game.answers))
        for game in played.games
    )
    examined = suspect(experiment, games)
    assert any(game.suspicion for game in examined)
    for game in examined:
        assert (game.suspicion is not None) == unsolved(game)
        if unsolved(game):
            assert teaches(experiment, game) is not game.suspect
            riddle = replace(game, suspicion=Suspicion("budget used up", 128))
            assert not teaches(experiment, riddle)
    assert [*map(timeless, suspect(experiment, games))] == [*map(timeless, examined)]


def written(experiment: Experiment, pair: LabelledPair, inputs: list[str]) -> Group:
    """What a generator would have written that claims the pair's variant once with each input."""
    texts = [
        experiment.form.generator_completion(pair.original, Proposal(pair.variant, text))
        for text in inputs
    ]
    nothing = np.zeros((len(texts), 1), np.int32)
    completions = tuple(Completion(text, 9, True) for text in texts)
    return Group(nothing[0], nothing, nothing.astype(np.float32), nothing[:, 0], completions)


def test_a_variant_is_played_once_in_a_round_proven_where_it_ever_is(
    experiment: Experiment,
) -> None:
    pair = min(experiment.pairs, key=lambda pair: pair.density)
    proof, alike = pair.inputs[0], same_input(experiment, pair)
    task, tries = Task(pair.original, 5), ["{'nobody': 0}", alike, proof, alike, proof]
    games = admit(experiment, [task], [written(experiment, pair, tries)], 1)
    assert [game.admission.reason for game in games] == [
        "does not bind",
        "duplicate of this round",
        "different values",
        "duplicate of this round",
        "duplicate of this round",
    ]
    games = admit(experiment, [task], [written(experiment, pair, [alike, alike])], 1)
    reasons = [game.admission.reason for game in games]
    assert reasons == ["same outcome", "duplicate of this round"]


def same_input(experiment: Experiment, pair: LabelledPair) -> str:
    """An input on which the two programs do the same."""
    inputs = enumerate_inputs(pair.original, 16, 0)
    claims = [Claim(pair.original, pair.variant, text) for text in inputs]
    rulings = judge(experiment.sandbox, claims)
    return next(t for t, r in zip(inputs, rulings, strict=True) if r.verdict == "same")


def rewarded(experiment: Experiment, players: Players, role: str) -> list[Weighted]:
    """Groups with contrast of one role, from as many rounds as it takes."""
    for number in count(ROUND):
        played = play_round(experiment, players, number)
        if role == "evaluator":
            groups = evaluator_rewards(played.games, played.answered)
        else:
            groups = generator_rewards(experiment, played.games, played.written)
        weighted = weighted_groups(experiment.config, groups, RunningBaseline())
        if weighted:
            return weighted
    raise AssertionError


def advantage(experiment: Experiment, players: Players, lesson: Lesson) -> tuple[float, float]:
    """Log-probability, in nats a completion, of samples with an advantage and of those without."""
    params = experiment.learner.params(players, lesson.role)
    batch = lesson.batch
    logprobs = np.asarray(score(experiment.learner.spec, params, batch).logprobs)
    there = np.arange(logprobs.shape[-1]) < np.asarray(batch.completion_length)[..., None]
    totals: NDArray[np.float32] = np.where(there, logprobs, 0).sum(-1)
    weight = np.asarray(batch.weight)
    return float(totals[weight > 0].mean()), float(totals[weight < 0].mean())


@pytest.mark.parametrize("role", ["generator", "evaluator"])
def test_a_policy_gradient_raises_what_was_rewarded_and_lowers_what_was_not(
    experiment: Experiment, players: Players, role: Role
) -> None:
    lesson = policy_lesson(experiment.config, role, rewarded(experiment, players, role))
    learner = experiment.learner
    # Without the moments of earlier updates, which point elsewhere.
    fresh = {name: new_player(each.params, learner.optimizer) for name, each in players.items()}
    good, bad = advantage(experiment, fresh, lesson)
    updated, _ = learner.update(fresh, [lesson], 1e-3)
    better, worse = advantage(experiment, updated, lesson)
    assert better > good
    assert worse < bad
