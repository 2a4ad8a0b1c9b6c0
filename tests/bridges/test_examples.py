"""Claims about examples: answers to imitate were proven, and are asked for by what was measured."""

from dataclasses import replace

import jax
import pytest

from sinq_jax.batching import Example, Shape, example_batch
from sinq_jax.examples import (
    distinct,
    evaluator_example,
    generator_example,
    proven_answers,
    proven_variant,
    published_answers,
    published_variant,
)
from sinq_jax.game.prompts import EditFormat, Format, ProgramFormat, Reply
from sinq_jax.game.published import publish
from sinq_jax.game.records import Answer, Completion, Game, Proposal, Ruling
from sinq_jax.players import Lesson
from sinq_jax.programs.pairs import LabelledPair
from sinq_jax.programs.program import Program
from tests.bridges.scene import TOKENIZER, learner

PROGRAM = Program("p", "def f(x):\n    if x > 3:\n        return x\n    return 0\n", "f")
VARIANT = PROGRAM.source.replace("x > 3", "x > 5")
INPUTS = ('{"x": 4}', '{"x": 5}')
PAIR = LabelledPair(PROGRAM, VARIANT, "boundary", 0.02, 2, 100, INPUTS)

each_format = pytest.mark.parametrize(
    "form", [EditFormat(), ProgramFormat()], ids=lambda form: type(form).__name__
)


def answer(text: str | None, verdict: str) -> Answer:
    return Answer(Completion(text or "", 3, True), text, False, Ruling(verdict, "reason", {}))


def game(*answers: Answer, admission: str = "diverges", proof: str = INPUTS[1]) -> Game:
    return Game(
        round=1,
        program=PROGRAM,
        target=9,
        sample=0,
        completion=Completion("", 1, True),
        proposal=Proposal(VARIANT, proof),
        admission=Ruling(admission, "reason", {}),
        answers=answers,
        density=(2, 100),
    )


RIGHT, WRONG = answer(INPUTS[0], "diverges"), answer('{"x": 0}', "same")
PLAYED = game(RIGHT, WRONG, WRONG, answer(None, "invalid"))


def replies(form: Format, example: Example) -> list[Reply]:
    return [form.parse_reply(text) for text in example.completions]


def proposals(form: Format, example: Example) -> list[Proposal]:
    return [form.parse_proposal(PROGRAM, text) for text in example.completions]


@each_format
def test_a_pair_teaches_the_evaluator_its_smallest_inputs(form: Format) -> None:
    example = evaluator_example(form, PAIR, labels=1)
    assert example.prompt == form.evaluator_prompt(PROGRAM.source, VARIANT, "f")
    assert replies(form, example) == [Reply(INPUTS[0])]
    assert len(evaluator_example(form, PAIR, labels=8).completions) == 2


@each_format
def test_a_pair_teaches_the_generator_its_variant_at_the_level_of_a_random_guesser(
    form: Format,
) -> None:
    example = generator_example(form, PAIR)
    assert proposals(form, example) == [Proposal(VARIANT, INPUTS[0])]
    assert example.prompt == form.generator_prompt(PROGRAM, 9)  # 2 of 100 inputs diverge
    easy = replace(PAIR, density=0.9, diverging=90)
    assert generator_example(form, easy).prompt == form.generator_prompt(PROGRAM, 1)


@each_format
def test_a_game_teaches_the_evaluator_what_diverged_smallest_first(form: Format) -> None:
    example = proven_answers(form, PLAYED, labels=4)
    assert example.prompt == form.evaluator_prompt(PROGRAM.source, VARIANT, "f")
    assert replies(form, example) == [Reply(text) for text in INPUTS]
    assert len(proven_answers(form, PLAYED, labels=1).completions) == 1


@each_format
def test_a_game_teaches_the_generator_its_variant_at_the_measured_level(form: Format) -> None:
    """One of four answers was right: level 7, whatever the target was."""
    example = proven_variant(form, PLAYED)
    assert proposals(form, example) == [Proposal(VARIANT, INPUTS[1])]
    assert example.prompt == form.generator_prompt(PROGRAM, 7)


@each_format
def test_an_input_that_did_not_diverge_is_never_taught(form: Format) -> None:
    """The generator was wrong about its own variant, and the evaluator found the difference."""
    mended = game(RIGHT, WRONG, admission="same", proof='{"x": 0}')
    assert replies(form, proven_answers(form, mended, labels=4)) == [Reply(INPUTS[0])]
    assert proposals(form, proven_variant(form, mended)) == [Proposal(VARIANT, INPUTS[0])]


@each_format
@pytest.mark.parametrize("admission", ["same", "invalid", "unstable"])
def test_a_game_without_a_proof_teaches_nothing(form: Format, admission: str) -> None:
    empty = game(WRONG, answer(INPUTS[0], "unstable"), admission=admission)
    unparsed = replace(empty, proposal=None, answers=())
    for each in (empty, unparsed):
        assert proven_answers(form, each, labels=4) is None
        assert proven_variant(form, each) is None


@each_format
def test_a_variant_that_nobody_answered_has_no_measured_level(form: Format) -> None:
    assert proven_variant(form, game()) is None
    assert replies(form, proven_answers(form, game(), labels=4)) == [Reply(INPUTS[1])]


def test_examples_are_taught_once_in_order() -> None:
    one, two = Example("a", ("b",)), Example("a", ("c",))
    assert distinct([one, None, two, Example("a", ("b",)), None]) == [one, two]


PUBLISHED = publish("f", PROGRAM.source, VARIANT, INPUTS[1], 9, "Off by two.", [INPUTS[0]])


@each_format
def test_a_published_variant_is_asked_about_like_any_other_pair(form: Format) -> None:
    asked = published_answers(form, PUBLISHED, 4)
    assert asked == evaluator_example(form, PAIR, 4)
    assert replies(form, published_answers(form, PUBLISHED, 1)) == [Reply(INPUTS[0])]


@each_format
def test_a_published_variant_answers_to_its_measured_level_or_to_any(form: Format) -> None:
    example = published_variant(form, PUBLISHED)
    assert example.prompt == form.generator_prompt(PROGRAM, 9)
    assert proposals(form, example) == [Proposal(VARIANT, INPUTS[1])]
    assert ("Off by two." in example.completions[0]) is isinstance(form, ProgramFormat)
    unmeasured = published_variant(form, replace(PUBLISHED, level=None))
    assert unmeasured.prompt == form.generator_prompt(PROGRAM, None)


def test_players_learn_from_published_variants() -> None:
    """Eight updates on the same two examples, which become likelier."""
    form, roles = EditFormat(), ("evaluator", "generator")
    examples = (published_answers(form, PUBLISHED, 2), published_variant(form, PUBLISHED))
    batches = [example_batch(TOKENIZER, [each], Shape(1, 160, 2, 48)) for each in examples]
    assert all(batch.weight.sum() > 0 for batch in batches)
    lessons = [
        Lesson(role, "imitation", batch, 1.0) for role, batch in zip(roles, batches, strict=True)
    ]
    teacher, losses = learner(), []
    players = teacher.new_players(jax.random.key(0))
    for _ in range(8):
        players, metrics = teacher.update(players, lessons, 3e-2)
        losses.append([metrics[f"learning/{role}_imitation_loss"] for role in roles])
    assert all(after < 0.9 * before for before, after in zip(losses[0], losses[-1], strict=True))
