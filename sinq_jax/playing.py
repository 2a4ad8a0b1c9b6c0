"""The steps of playing a round: draw tasks, write variants, admit them, answer, judge, suspect."""

from dataclasses import dataclass, replace

from sinq_jax.experiment import Experiment, Policies
from sinq_jax.game.edit_kinds import edit_share
from sinq_jax.game.prompts import Reply
from sinq_jax.game.records import Answer, Completion, Game, Proposal, Ruling, Unparsed
from sinq_jax.game.referee import Claim, invalid, judge
from sinq_jax.game.rewards import worth_searching
from sinq_jax.game.suspicion import examine
from sinq_jax.league.mutation import mutated
from sinq_jax.league.opponents import NOBODY, Opponents
from sinq_jax.models.transformer import Params
from sinq_jax.passes import of_pass
from sinq_jax.programs.density import densities
from sinq_jax.programs.program import Program
from sinq_jax.randomness import device_key, host_generator
from sinq_jax.rollout import Group


@dataclass(frozen=True)
class Task:
    """What one generator prompt asks for: a variant of ``program`` at difficulty ``target``."""

    program: Program
    target: int


def draw_tasks(experiment: Experiment, number: int) -> list[Task]:
    """The originals of a round, each at most once, and the difficulty asked for with each."""
    play = experiment.config.selfplay
    rng = host_generator(experiment.config.seed, "tasks", number)
    count = min(play.originals, len(experiment.playable))
    if play.order == "passes":
        chosen = of_pass(len(experiment.playable), count, number, experiment.config.seed)
    else:
        chosen = rng.choice(len(experiment.playable), size=count, replace=False).tolist()
    targets = [int(rng.integers(play.lowest_target, play.highest_target + 1)) for _ in range(count)]
    return [
        Task(experiment.playable[index], target)
        for index, target in zip(chosen, targets, strict=True)
    ]


def write_variants(
    experiment: Experiment,
    policies: Policies,
    tasks: list[Task],
    number: int,
    opponents: Opponents = NOBODY,
) -> list[Group]:
    """One group a task: the generator's completions, or those of whoever writes in its place."""
    if experiment.config.selfplay.writer == "mutation":
        return mutated(experiment, [task.program for task in tasks], number)
    own, past = opponents.own_originals(len(tasks)), opponents.generator
    groups = _written(experiment, policies["generator"], tasks[:own], number)
    if past:
        groups += _written(experiment, past.params, tasks[own:], number, "past")
    return groups


def _written(
    experiment: Experiment, params: Params, tasks: list[Task], number: int, *label: str
) -> list[Group]:
    config = experiment.config
    return list(
        experiment.roller(
            params,
            [experiment.form.generator_prompt(task.program, task.target) for task in tasks],
            config.selfplay.variants,
            experiment.decoding(config.rollout.generator_tokens),
            device_key(config.seed, "generator", number, *label),
        )
    )


def admit(
    experiment: Experiment, tasks: list[Task], written: list[Group], number: int
) -> tuple[Game, ...]:
    """One game per completion, with the referee's word on the generator's own input."""
    games, claims = [], []
    for task, group in zip(tasks, written, strict=True):
        for sample, completion in enumerate(group.completions):
            parsed = (
                experiment.form.parse_proposal(task.program, completion.text)
                if completion.finished
                else Unparsed("not finished")
            )
            claims.append(_claim(experiment, task.program, parsed))
            games.append(
                Game(
                    round=number,
                    program=task.program,
                    target=task.target,
                    sample=sample,
                    completion=completion,
                    proposal=parsed if isinstance(parsed, Proposal) else None,
                    admission=invalid("not judged"),
                )
            )
    rulings = judge(experiment.sandbox, claims, experiment.config.rewards.judge)
    ruled = [replace(game, admission=ruling) for game, ruling in zip(games, rulings, strict=True)]
    return _with_densities(experiment, _once_each(ruled))


def _once_each(games: list[Game]) -> list[Game]:
    """The games with a variant played once, proven where it ever is: more of the same would be paid
    again for one idea. What is invalid keeps its own reason.
    """
    first: dict[tuple[Program, str], int] = {}
    for index, game in sorted(enumerate(games), key=lambda each: not each[1].admitted):
        if game.proposal and _counts(game):
            first.setdefault((game.program, game.proposal.variant), index)
    kept = set(first.values())
    return [
        game
        if index in kept or not _counts(game)
        else replace(game, admission=invalid("duplicate of this round"))
        for index, game in enumerate(games)
    ]


def _counts(game: Game) -> bool:
    """Whether there is more to a variant than the reason why it is invalid."""
    return game.admitted or game.admission.verdict != "invalid"


def _claim(
    experiment: Experiment, program: Program, parsed: Proposal | Unparsed
) -> Claim | Unparsed:
    if isinstance(parsed, Unparsed):
        return parsed
    prompt = experiment.form.evaluator_prompt(program.source, parsed.variant, program.entry_point)
    if not experiment.roller.fits(prompt):
        return Unparsed("too long for the evaluator")
    budget = experiment.config.variety.edit_budget
    if budget and (edit_share(program.source, parsed.variant) or 0.0) > budget:
        return Unparsed("over the edit budget")
    return Claim(program, parsed.variant, parsed.input)


def _with_densities(experiment: Experiment, games: list[Game]) -> tuple[Game, ...]:
    """The games, with the density of every variant that could be run, proven or not."""
    ran = [
        (index, game.program, game.proposal.variant)
        for index, game in enumerate(games)
        if game.proposal and (game.admitted or game.admission.verdict in ("diverges", "same"))
    ]
    pairs = [(program, variant) for _, program, variant in ran]
    measured = densities(experiment.sandbox, pairs, experiment.config.benchmark.inputs)
    for (index, _, _), density in zip(ran, measured, strict=True):
        games[index] = replace(games[index], density=density)
    return tuple(games)


def answer(
    experiment: Experiment,
    policies: Policies,
    games: tuple[Game, ...],
    number: int,
    opponents: Opponents = NOBODY,
) -> dict[int, Group]:
    """The evaluator's answers to every game worth searching, by the game's index.

    With ``selfplay.ask_unproven`` also to those whose own proof failed: they are the ones that the
    players cannot do yet.
    """
    config = experiment.config
    asked = [
        index
        for index, game in enumerate(games)
        if (game.admitted or config.selfplay.ask_unproven)
        and worth_searching(game, config.rewards.max_density)
    ]
    theirs, past = opponents.cast(games).answered, opponents.evaluator
    own = [index for index in asked if index not in theirs]
    answered = _answered(experiment, policies["evaluator"], games, own, number)
    if past:
        rest = [index for index in asked if index in theirs]
        answered |= _answered(experiment, past.params, games, rest, number, "past")
    return answered


def _answered(
    experiment: Experiment,
    params: Params,
    games: tuple[Game, ...],
    asked: list[int],
    number: int,
    *label: str,
) -> dict[int, Group]:
    config = experiment.config
    groups = experiment.roller(
        params,
        [evaluator_question(experiment, games[i]) for i in asked],
        config.selfplay.answers,
        experiment.decoding(config.rollout.evaluator_tokens),
        device_key(config.seed, "evaluator", number, *label),
    )
    return dict(zip(asked, groups, strict=True))


def evaluator_question(experiment: Experiment, game: Game) -> str:
    """The prompt that the evaluator answers in this game."""
    assert game.proposal is not None
    program = game.program
    return experiment.form.evaluator_prompt(
        program.source, game.proposal.variant, program.entry_point
    )


def judge_answers(
    experiment: Experiment, games: tuple[Game, ...], answered: dict[int, Group]
) -> tuple[Game, ...]:
    """The games with all answers and rulings."""
    replies = {
        index: [
            experiment.form.parse_reply(completion.text)
            if completion.finished
            else Unparsed("not finished")
            for completion in group.completions
        ]
        for index, group in answered.items()
    }
    claims = [
        reply_claim(games[index].program, games[index].proposal.variant, reply)  # type: ignore[union-attr]
        for index, group in replies.items()
        for reply in group
    ]
    rulings = iter(judge(experiment.sandbox, claims, experiment.config.rewards.judge))
    judged = list(games)
    for index, group in answered.items():
        judged[index] = replace(
            games[index],
            answers=tuple(
                _answer(completion, reply, next(rulings))
                for completion, reply in zip(group.completions, replies[index], strict=True)
            ),
        )
    return tuple(judged)


def suspect(experiment: Experiment, games: tuple[Game, ...]) -> tuple[Game, ...]:
    """The games, those that nobody solved with what the suspicion pass found."""
    config = experiment.config
    budget, sample = config.rewards.suspicion_inputs, config.benchmark.inputs
    return examine(experiment.sandbox, games, budget, sample)


def reply_claim(program: Program, variant: str, reply: Reply | Unparsed) -> Claim | Unparsed:
    """What the referee looks at; that an admitted pair is equivalent is wrong without a run."""
    if isinstance(reply, Unparsed):
        return reply
    if reply.input is None:
        return Unparsed("claims equivalence")
    return Claim(program, variant, reply.input)


def _answer(completion: Completion, reply: Reply | Unparsed, ruling: Ruling) -> Answer:
    given = reply.input if isinstance(reply, Reply) else None
    return Answer(completion, given, isinstance(reply, Reply) and given is None, ruling)
