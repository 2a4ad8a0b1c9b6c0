"""Right answers to imitate, made from labelled pairs and from games that were played."""

from collections.abc import Sequence

from sinq_jax.batching import Example
from sinq_jax.game.difficulty import level, level_of_density
from sinq_jax.game.prompts import Format, Reply
from sinq_jax.game.records import Game, Proposal
from sinq_jax.programs.input_text import size_key
from sinq_jax.programs.pairs import LabelledPair


def evaluator_example(form: Format, pair: LabelledPair, labels: int) -> Example:
    """The pair as a question, answered by its ``labels`` smallest diverging inputs."""
    prompt = form.evaluator_prompt(pair.original.source, pair.variant, pair.original.entry_point)
    answers = tuple(form.evaluator_completion(Reply(text)) for text in pair.inputs[:labels])
    return Example(prompt, answers)


def generator_example(form: Format, pair: LabelledPair) -> Example:
    """The pair as a variant worth writing. Nobody has played it, so its level is that of a random
    guesser.
    """
    target = level_of_density(pair.diverging, pair.tried)
    completion = form.generator_completion(pair.original, Proposal(pair.variant, pair.inputs[0]))
    return Example(form.generator_prompt(pair.original, target), (completion,))


def proven_answers(form: Format, game: Game, labels: int) -> Example | None:
    """What an evaluator should have said in a played game: the ``labels`` smallest inputs that the
    game proved to diverge, its own right answers and the generator's proof.

    None for a game that proves nothing, or that every answer solved: there is nothing left to learn
    from it. Smallest first, as in the warm start: one rule for what a right answer looks like.
    """
    if not game.admitted or game.proposal is None or game.solved == len(game.answers):
        return None
    solved = [answer.input for answer in game.answers if answer.solved and answer.input]
    inputs = sorted({*solved, game.proposal.input}, key=size_key)[:labels]
    prompt = form.evaluator_prompt(
        game.program.source, game.proposal.variant, game.program.entry_point
    )
    return Example(prompt, tuple(form.evaluator_completion(Reply(text)) for text in inputs))


def proven_variant(form: Format, game: Game) -> Example | None:
    """A played variant as the answer to its *measured* difficulty, whatever was asked for.

    None for a variant that proves nothing or that every answer solved.
    """
    if not game.admitted or game.proposal is None or game.solved == len(game.answers):
        return None
    measured = level(game.solved, len(game.answers))
    completion = form.generator_completion(game.program, game.proposal)
    return Example(form.generator_prompt(game.program, measured), (completion,))


def distinct(examples: Sequence[Example | None]) -> list[Example]:
    """The examples that are there, each once, in order."""
    return list(dict.fromkeys(example for example in examples if example is not None))
