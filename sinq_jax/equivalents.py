"""Equivalent pairs in a round of play: made, checked, asked about, and what there is to learn."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sinq_jax.config import Config
from sinq_jax.experiment import Experiment, Policies
from sinq_jax.game.equivalents import EquivalentQuestion, equivalent_measures, equivalent_reward
from sinq_jax.game.prompts import Reply
from sinq_jax.game.records import Answer, Unparsed
from sinq_jax.game.referee import Claim, judge
from sinq_jax.lessons import Rewarded
from sinq_jax.programs.equivalents import make_equivalents
from sinq_jax.programs.program import Program
from sinq_jax.randomness import device_key, host_generator
from sinq_jax.rollout import Group


@dataclass(frozen=True)
class MixedIn:
    """The round's questions about equivalent pairs, each with the group of its answers.

    ``thrown_away`` counts the pairs that a search told apart or could not compare: nobody was asked
    about them. ``sandbox_s`` is how many seconds the sandbox was waited for.
    """

    questions: tuple[EquivalentQuestion, ...] = ()
    groups: tuple[Group, ...] = ()
    thrown_away: int = 0
    sandbox_s: float = 0.0


NOTHING = MixedIn()


def questions_for(share: float, others: int) -> int:
    """How many questions make up that share of all, where there are so many others."""
    return round(others * share / (1.0 - share))


def mix_in(experiment: Experiment, policies: Policies, others: int, number: int) -> MixedIn:
    """Equivalent pairs for round ``number``, so many that they are ``selfplay.equivalent_share`` of
    all questions, and the evaluator's answers; ``others`` counts the other questions.
    """
    config = experiment.config
    count = questions_for(config.selfplay.equivalent_share, others)
    if not count:
        return NOTHING
    rng = host_generator(config.seed, "equivalents", number)
    order = rng.permutation(len(experiment.playable)).tolist()
    programs = [experiment.playable[place] for place in order[:count]]
    began = time.monotonic()
    made = make_equivalents(
        experiment.sandbox,
        programs,
        count,
        f"{config.seed}/{number}",
        config.benchmark.inputs,
        lambda program, variant: experiment.roller.fits(
            question_text(experiment, program, variant)
        ),
    )
    searched_s = time.monotonic() - began
    asked = [
        EquivalentQuestion(number, pair.original, pair.variant, pair.rewrites, pair.tried)
        for pair in made.pairs
    ]
    groups = experiment.roller(
        policies["evaluator"],
        [question_text(experiment, each.program, each.variant) for each in asked],
        config.selfplay.answers,
        experiment.decoding(config.rollout.evaluator_tokens),
        device_key(config.seed, "equivalents", number),
    )
    answered = tuple(groups)
    began = time.monotonic()
    judged = judge_equivalents(experiment, asked, answered)
    sandbox_s = searched_s + time.monotonic() - began
    return MixedIn(judged, answered, made.diverging + made.unclear, sandbox_s)


def question_text(experiment: Experiment, program: Program, variant: str) -> str:
    """The prompt that the evaluator answers: as for any other pair."""
    return experiment.form.evaluator_prompt(program.source, variant, program.entry_point)


def judge_equivalents(
    experiment: Experiment, asked: Sequence[EquivalentQuestion], answered: Sequence[Group]
) -> tuple[EquivalentQuestion, ...]:
    """The questions with their answers. Inputs are run: one that tells the two apart refutes what
    the question says.
    """
    replies = [
        experiment.form.parse_reply(completion.text)
        if completion.finished
        else Unparsed("not finished")
        for group in answered
        for completion in group.completions
    ]
    size = experiment.config.selfplay.answers
    claims = [_claim(asked[place // size], reply) for place, reply in enumerate(replies)]
    rulings = judge(experiment.sandbox, claims)
    judged = []
    for place, (question, group) in enumerate(zip(asked, answered, strict=True)):
        rows = slice(place * size, (place + 1) * size)
        answers = tuple(
            Answer(completion, given, isinstance(reply, Reply) and given is None, ruling)
            for completion, reply, ruling in zip(
                group.completions, replies[rows], rulings[rows], strict=True
            )
            for given in [reply.input if isinstance(reply, Reply) else None]
        )
        judged.append(replace(question, answers=answers))
    return tuple(judged)


def _claim(question: EquivalentQuestion, reply: Reply | Unparsed) -> Claim | Unparsed:
    if isinstance(reply, Unparsed):
        return reply
    if reply.input is None:
        return Unparsed("claims equivalence")
    return Claim(question.program, question.variant, reply.input)


def equivalent_rewards(mixed: MixedIn) -> list[Rewarded]:
    """What the answers to equivalent pairs earned; those of a refuted pair teach nothing."""
    return [
        Rewarded(
            group,
            np.array([equivalent_reward(question, each) for each in question.answers], np.float32),
        )
        for question, group in zip(mixed.questions, mixed.groups, strict=True)
        if not question.refuted
    ]


def mixed_in_measures(config: Config, mixed: MixedIn, solve_rate: float | None) -> dict[str, float]:
    """The metrics ``equivalent/...`` of a round, and the evaluator's balanced accuracy in it: the
    mean of its solve rate on variants and its share of "equivalent" on equivalent pairs. None where
    no such pairs are mixed in.
    """
    if not config.selfplay.equivalent_share:
        return {}
    measures = equivalent_measures(mixed.questions)
    recognised = measures.get("equivalent/recognised")
    if recognised is not None and solve_rate is not None:
        measures["evaluator/balanced_accuracy"] = (solve_rate + recognised) / 2
    return {**measures, "equivalent/thrown_away": float(mixed.thrown_away)}
