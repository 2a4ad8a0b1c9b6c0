"""Claims about what players read and write: right answers are read back, others never raise."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.game.prompts import EQUIVALENT, EditFormat, Format, ProgramFormat, Reply, make_format
from sinq_jax.game.records import Proposal, Unparsed
from sinq_jax.programs.builtin import handwritten
from sinq_jax.programs.grammar import generate
from sinq_jax.programs.mutation import mutants
from sinq_jax.programs.program import Program

PROGRAMS = (*generate(seed=5, count=40), *handwritten())
FORMATS = [EditFormat(), ProgramFormat()]
INPUT = '{"x": [1, -2], "s": "a\\nb"}'

each_format = pytest.mark.parametrize("form", FORMATS, ids=lambda form: type(form).__name__)


def program(source: str) -> Program:
    return Program("p", source, "f")


@each_format
@pytest.mark.parametrize("original", PROGRAMS, ids=lambda original: original.name)
def test_every_mutant_is_read_back_from_its_right_answer(form: Format, original: Program) -> None:
    for mutant in mutants(original):
        proposal = Proposal(mutant.source, INPUT)
        completion = form.generator_completion(original, proposal)
        assert form.parse_proposal(original, completion) == proposal


@each_format
@given(data=st.data())
def test_random_edits_of_lines_are_read_back(form: Format, data: st.DataObject) -> None:
    original = data.draw(st.sampled_from(PROGRAMS))
    lines = original.source.rstrip("\n").split("\n")
    line = st.sampled_from([*lines, "", "+1", "-1", "3", "```", "# Program", "{", "}"]) | st.text(
        st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=8
    )
    first = data.draw(st.integers(0, len(lines)))
    last = data.draw(st.integers(first, len(lines)))
    changed = [*lines[:first], *data.draw(st.lists(line, max_size=4)), *lines[last:]]
    proposal = Proposal("\n".join(changed).rstrip("\n") + "\n", INPUT)
    completion = form.generator_completion(original, proposal)
    assert form.parse_proposal(original, completion) == proposal


@each_format
def test_what_was_thought_before_stands_in_the_way_of_nothing(form: Format) -> None:
    original, proposal = (
        program("def f(x):\n    return x\n"),
        Proposal("def f(x):\n    return 1\n", INPUT),
    )
    thought = "## Program\n```python\nx\n```\n## Diverging input\nall"
    completion = form.generator_completion(original, proposal, thought)
    assert form.parse_proposal(original, completion) == proposal
    assert (thought in completion) is isinstance(form, ProgramFormat)


@each_format
def test_any_difficulty_can_be_asked_for(form: Format) -> None:
    original = program("def f(x):\n    return x\n")
    asked = form.generator_prompt(original, None)
    assert asked.replace("any", "7", 1) == form.generator_prompt(original, 7)


@each_format
@given(reply=st.sampled_from([Reply(None), Reply(INPUT), Reply("{}"), Reply('{"x": "```"}')]))
def test_replies_are_read_back(form: Format, reply: Reply) -> None:
    assert form.parse_reply(form.evaluator_completion(reply)) == reply


model_text = st.text() | st.lists(
    st.sampled_from(
        [
            *(
                "\n",
                "1",
                "2-3",
                "9-1",
                "0",
                "99999",
                "+",
                "-",
                " ",
                "{",
                "}",
                '{"x": 1}',
                EQUIVALENT,
            ),
            *(
                "# Program",
                "# Diverging input",
                "# Equivalent?",
                "yes",
                "no",
                "```",
                "```python",
                "\x00",
            ),
        ]
    )
    | st.text(max_size=3)
).map("".join)
"""What a model may write: anything, and pieces of right answers in any order."""


@each_format
@given(text=model_text)
def test_no_text_makes_parsing_raise(form: Format, text: str) -> None:
    proposal = form.parse_proposal(PROGRAMS[0], text)
    assert isinstance(proposal, Proposal | Unparsed)
    reply = form.parse_reply(text)
    assert isinstance(reply, Reply | Unparsed)
    if isinstance(proposal, Proposal):
        assert proposal.variant.endswith("\n")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no edit"),
        ("x\n+y\n{}", "no edit"),
        ("+y\n{}", "no edit"),
        ("1-\n+y\n{}", "no edit"),
        ("\N{ARABIC-INDIC DIGIT ONE}\n+y\n{}", "no edit"),
        ("1\n+y", "no input"),
        ("1\n+y\n{", "no input"),
        ("1\n+y\nequivalent", "no input"),
        ("4\n+y\n{}", "no such line"),
        ("0\n+y\n{}", "no such line"),
        ("2-1\n+y\n{}", "no such line"),
    ],
)
def test_an_edit_that_cannot_be_read_has_a_reason_that_can_be_counted(
    text: str, reason: str
) -> None:
    assert EditFormat().parse_proposal(program("a\nb\nc\n"), text) == Unparsed(reason)


def test_an_edit_answer_is_short() -> None:
    original = program("def f(x):\n    y = x + 1\n    return y\n")
    variant = "def f(x):\n    y = x + 2\n    return y\n"
    completion = EditFormat().generator_completion(original, Proposal(variant, '{"x": 0}'))
    assert completion == '2\n+    y = x + 2\n{"x": 0}'


@each_format
@given(st.sampled_from(PROGRAMS), st.integers(0, 10))
def test_a_generator_reads_the_program_and_its_target(
    form: Format, original: Program, target: int
) -> None:
    prompt = form.generator_prompt(original, target)
    assert str(target) in prompt.splitlines()[0] or f"(hard): {target}\n" in prompt
    for line in original.source.splitlines():
        assert line in prompt


def test_whole_programs_with_fences_of_their_own_are_shown_as_they_are() -> None:
    source = 'def f(x):\n    """\n```python\n1\n```\n"""\n    return x\n'
    prompt = ProgramFormat().evaluator_prompt(source, source, "f")
    assert prompt.count(f"````python\n{source}````\n") == 2


def test_braces_in_programs_and_names_are_no_placeholders() -> None:
    source = "def f(x):\n    return {x: '{target}', **{}}\n"
    for form in FORMATS:
        for line in source.splitlines():
            assert line in form.generator_prompt(program(source), 3)
            assert line in form.evaluator_prompt(source, source, "f")


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("# Analysis\nhm\n# Equivalent?\nYes, they are.", Reply(None)),
        ("# Equivalent?\nno\n# Diverging input\n```python\n{'x': 1}\n```", Reply("{'x': 1}")),
        ("# Equivalent?\nno\n", Unparsed("no input")),
        ("# Equivalent?\nno\n# Diverging input\n{'x': 1}", Unparsed("no input")),
        ("yes", Unparsed("no input")),
    ],
)
def test_a_reply_under_headings_is_understood(text: str, reply: Reply | Unparsed) -> None:
    assert ProgramFormat().parse_reply(text) == reply


def test_a_style_is_a_name() -> None:
    assert isinstance(make_format("edit"), EditFormat)
    assert isinstance(make_format("program"), ProgramFormat)


@each_format
def test_prompts_are_the_same_each_time(form: Format) -> None:
    original, other = random.Random(0).sample(PROGRAMS, 2)
    again = [form.evaluator_prompt(original.source, other.source, "f") for _ in range(2)]
    assert again[0] == again[1]
