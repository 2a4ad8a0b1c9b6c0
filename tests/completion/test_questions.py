"""Claims: questions are read line by line, and a line that is none is named with what it holds."""

import json
from pathlib import Path

import pytest

from sinq_jax.completion.questions import Question, QuestionError, read_questions
from sinq_jax.game.prompts import make_format

FORM = make_format("program")
P = "def f(x):\n    return x\n"
Q = "def f(x):\n    return abs(x)\n"


def read(folder: Path, *lines: str) -> list[Question]:
    path = folder / "questions.jsonl"
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return read_questions(str(path), FORM, "evaluator")


def test_each_kind_of_line_becomes_its_question(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "hello"}]
    text, chat, original, pair = read(
        tmp_path,
        '{"text": "def f("}',
        json.dumps({"messages": turns}),
        "",
        json.dumps({"original": P, "entry_point": "f", "target": 7}),
        json.dumps({"original": P, "variant": Q, "entry_point": "f"}),
    )
    assert text == Question("evaluator", text="def f(")
    assert chat == Question("evaluator", messages=tuple(turns))
    assert original.program is not None
    assert original.text == FORM.generator_prompt(original.program, 7)
    assert original.role == "generator"
    assert pair.text == FORM.evaluator_prompt(P, Q, "f")
    assert (pair.role, pair.variant) == ("evaluator", Q)


@pytest.mark.parametrize(
    ("line", "got"),
    [
        ("{", "no JSON"),
        ("[]", "a list"),
        ("{}", "the keys of nothing"),
        ('{"prompt": "x"}', "the keys prompt"),
        ('{"text": 1}', "text that is not a string"),
        ('{"messages": []}', "messages that are no list of turns"),
        ('{"messages": [{"role": "user"}]}', "content that is not there"),
        ('{"original": "def f(): 1"}', "entry_point that is not there"),
        ('{"original": "", "entry_point": "f", "target": 11}', "the target 11"),
    ],
)
def test_a_line_that_is_no_question_is_named_with_what_it_holds(
    tmp_path: Path, line: str, got: str
) -> None:
    with pytest.raises(QuestionError, match=r"questions\.jsonl:2: expected one of ") as caught:
        read(tmp_path, '{"text": "a"}', line)
    assert f", got {got}; correct the line" in str(caught.value)


def test_a_file_that_is_not_there_costs_one_line(tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match=r"^--config\.sample\.file: expected a JSONL file, got"):
        read_questions(str(tmp_path / "none.jsonl"), FORM, "evaluator")


def test_a_file_without_questions_costs_one_line(tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match="expected at least one question, got none"):
        read(tmp_path, "")
