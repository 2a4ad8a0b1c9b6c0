"""Right answers to imitate, made from labelled pairs, from games that were played, and from games
that others published.
"""

from collections.abc import Sequence

from sinq_jax.batching import Example
from sinq_jax.game.difficulty import level, level_of_density
from sinq_jax.game.prompts import Format, Reply
from sinq_jax.game.published import Published, program_of
from sinq_jax.game.records import Game, Proposal
from sinq_jax.programs.inputs import size_key
from sinq_jax.programs.pairs import LabelledPair
from sinq_jax.programs.program import Program

Known = LabelledPair | Published
"""What a warm start learns from."""


def evaluator_example(form: Format, pair: LabelledPair, labels: int) -> Example:
    """The pair as a question, answered by its ``labels`` smallest diverging inputs."""
    prompt = form.evaluator_prompt(pair.original.source, pair.variant, pair.original.entry_point)
    answers = tuple(form.evaluator_completion(Reply(text)) for text in pair.inputs[:labels])
    return Example(prompt, answers)


def equivalent_example(form: Format, original: Program, variant: str) -> Example:
    """A pair that does the same as a question, answered by saying so."""
    prompt = form.evaluator_prompt(original.source, variant, original.entry_point)
    return Example(prompt, (form.evaluator_completion(Reply(None)),))


def generator_example(form: Format, pair: LabelledPair) -> Example:
    """The pair as a variant worth writing. Nobody has played it, so its level is that of a random
    guesser.
    """
    target = level_of_density(pair.diverging, pair.tried)
    completion = form.generator_completion(pair.original, Proposal(pair.variant, pair.inputs[0]))
    return Example(form.generator_prompt(pair.original, target), (completion,))


def proven_answers(form: Format, game: Game, labels: int) -> Example | None:
    """What an evaluator should have said in a played game: the ``labels`` smallest inputs that were
    seen to diverge, whoever found them. None without a proof.

    Smallest first, as in the warm start: one rule for what a right answer looks like.
    """
    if game.proposal is None or not game.proofs:
        return None
    inputs = sorted(game.proofs, key=size_key)[:labels]
    prompt = form.evaluator_prompt(
        game.program.source, game.proposal.variant, game.program.entry_point
    )
    return Example(prompt, tuple(form.evaluator_completion(Reply(text)) for text in inputs))


def proven_variant(form: Format, game: Game) -> Example | None:
    """A played variant as the answer to its *measured* difficulty, whatever was asked for.

    Where the generator's own proof failed, one that the evaluator found takes its place: the edit
    was good, and this is what should have been said of it. None for a variant without any proof, or
    without answers.
    """
    if game.proposal is None or not game.proofs or not game.answers:
        return None
    proof = game.proposal.input if game.admitted else min(game.proofs, key=size_key)
    proposal = Proposal(game.proposal.variant, proof)
    measured = level(game.solved, len(game.answers))
    completion = form.generator_completion(game.program, proposal)
    return Example(form.generator_prompt(game.program, measured), (completion,))


def published_answers(form: Format, published: Published, labels: int) -> Example:
    """A published variant as a question, answered by its ``labels`` smallest known inputs."""
    inputs = sorted((published.input, *published.others), key=size_key)[:labels]
    prompt = form.evaluator_prompt(published.original, published.variant, published.entry_point)
    return Example(prompt, tuple(form.evaluator_completion(Reply(text)) for text in inputs))


def published_variant(form: Format, published: Published) -> Example:
    """A published variant, after what its writer thought, as the answer to its measured difficulty,
    or to any difficulty where nobody measured it.
    """
    program, proposal = program_of(published), Proposal(published.variant, published.input)
    completion = form.generator_completion(program, proposal, published.analysis)
    return Example(form.generator_prompt(program, published.level), (completion,))


def right_answers(form: Format, known: Known, labels: int) -> Example:
    """``evaluator_example`` or ``published_answers``."""
    if isinstance(known, Published):
        return published_answers(form, known, labels)
    return evaluator_example(form, known, labels)


def right_variant(form: Format, known: Known) -> Example:
    """``generator_example`` or ``published_variant``."""
    if isinstance(known, Published):
        return published_variant(form, known)
    return generator_example(form, known)


def distinct(examples: Sequence[Example | None]) -> list[Example]:
    """The examples that are there, each once, in order."""
    return list(dict.fromkeys(example for example in examples if example is not None))
