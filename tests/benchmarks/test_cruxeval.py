from collections.abc import Callable
from dataclasses import replace

import pytest

from sandbox import Sandbox
from sinq_jax.benchmarks.suites.canonical import canonical_records, failures
from sinq_jax.benchmarks.suites.cruxeval import CruxEval, Sample, Side
from sinq_jax.benchmarks.suites.data_file import DataFile

SAMPLE = Sample("sample_0", "def f(a, b):\n    return [a * b]", "2, 3", "[6]")


@pytest.mark.parametrize(
    ("side", "answer", "right"),
    [
        ("output", "[ANSWER]\nassert f(2, 3) == [6]\n[/ANSWER]", True),
        ("output", "[6]\n[/ANSWER] and so on", True),
        ("output", "[6]", True),
        ("output", "[ANSWER][1][/ANSWER] no: [ANSWER] f(2, 3) == [6.0] [/ANSWER]", True),
        ("output", "(6,)", False),
        ("output", "f(2, 3)", False),
        ("output", "assert f(2, 3) == f(2, 3)", False),
        ("output", "assert f(2, 3) == f(3, 2)", False),
        ("output", "[6] or ]", False),
        ("output", "[6]; raise", False),
        ("output", "undefined", False),
        ("output", "lambda: [6]", False),
        ("output", "", False),
        ("input", "[ANSWER]\nassert f(6, 1) == [6]\n[/ANSWER]", True),
        ("input", "f(b=6, a=1)", True),
        ("input", "f(2, 2)", False),
        ("input", "[6]", False),
        ("input", "f(2, 3) or 1", False),
        ("input", "f(2", False),
        ("input", "assert f(2, 3) == [7]", True),
    ],
)
def test_an_answer_is_right_if_the_assertion_holds(
    side: Side, answer: str, right: bool, judge: Sandbox
) -> None:
    [[mark]] = CruxEval(side).marks([(SAMPLE, [answer])], judge)
    assert mark.right is right, mark


def test_reasoning_needs_the_tag_before_its_answer(judge: Sandbox) -> None:
    benchmark = CruxEval("output", reasoning=True)
    [[untagged, tagged]] = benchmark.marks(
        [(SAMPLE, ["[6]", "2 * 3 is 6. [ANSWER] [6] [/ANSWER]"])], judge
    )
    assert (untagged.right, untagged.reason) == (False, "no answer")
    assert tagged.right


@pytest.mark.parametrize("side", ["input", "output"])
def test_published_pairs_get_all_points(
    side: Side, real: Callable[[str], DataFile], judge: Sandbox
) -> None:
    file = real("cruxeval/cruxeval.jsonl")
    some = replace(file, rows=file.rows[::8])
    assert failures(canonical_records(CruxEval(side), some, judge)) == []


@pytest.mark.parametrize("side", ["input", "output"])
@pytest.mark.parametrize("chat", [True, False])
def test_a_prompt_does_not_give_the_answer_away(side: Side, chat: bool) -> None:
    sample = Sample("s", "def f(x):\n    return x", "'the input'", "'the output'")
    text = CruxEval(side).prompt(sample, chat=chat).text
    assert (sample.input in text, sample.output in text) == (side == "output", side == "input")
