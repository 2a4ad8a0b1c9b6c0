from collections.abc import Callable
from dataclasses import replace

import pytest

from sandbox import Sandbox
from sinq_jax.benchmarks.suites.asserted import MBPP, HumanEval, HumanEvalFix
from sinq_jax.benchmarks.suites.canonical import canonical_records, failures
from sinq_jax.benchmarks.suites.data_file import DataFile

Real = Callable[[str], DataFile]

HUMANEVAL = "humaneval/HumanEval.jsonl.gz"
PACK = "humanevalpack/humanevalpack_python.jsonl.gz"
TASK = {
    "task_id": 11,
    "text": "Write a function to double x.",
    "code": "def f(x):\r\n    return Two * x\r\n",
    "test_setup_code": "Two = 2",
    "test_list": ["assert f(1) == 2", "assert f(2) == 4"],
}
SHOT = {**TASK, "task_id": 2, "code": "def shot(): pass"}
MADE = DataFile("mbpp.jsonl", "sum", (("mbpp.jsonl:1", SHOT), ("mbpp.jsonl:2", TASK)))


def test_canonical_solutions_of_humaneval_get_all_points(real: Real, judge: Sandbox) -> None:
    assert failures(canonical_records(HumanEval(), real(HUMANEVAL), judge)) == []


def test_no_published_bug_gets_a_point_and_every_mended_function_does(
    real: Real, judge: Sandbox
) -> None:
    file, benchmark = real(PACK), HumanEvalFix()
    assert failures(canonical_records(benchmark, file, judge)) == []
    bugs = [(item, [item.prompt + item.extra]) for item in benchmark.items(file)[::4]]
    marks = benchmark.marks(bugs, judge)
    assert sum(mark.right for [mark] in marks) == 0


@pytest.mark.parametrize(("name", "tasks"), [("mbpp.jsonl", 500), ("sanitized-mbpp.json", 257)])
def test_canonical_solutions_of_mbpp_get_all_points(
    name: str, tasks: int, real: Real, judge: Sandbox
) -> None:
    file, benchmark = real(f"mbpp/{name}"), MBPP()
    items = benchmark.items(file)
    assert len(items) == tasks
    some = items[::10]
    marks = benchmark.marks([(item, [benchmark.solution(item)]) for item in some], judge)
    assert [item.name for item, [mark] in zip(some, marks, strict=True) if not mark.right] == []


def test_set_up_runs_behind_the_program_and_before_the_assertions(judge: Sandbox) -> None:
    benchmark = MBPP()
    [item] = benchmark.items(MADE)
    answers = [
        "def f(x):\n    return Two * x\n[DONE]\nraise ValueError",
        "Sure.\n```python\ndef f(x):\n    return x + x\n```\nraise",
        "def f(x):\n    return 2\n[DONE]",
    ]
    [marks] = benchmark.marks([(item, answers)], judge)
    assert [mark.right for mark in marks] == [True, True, False]
    assert marks[2].reason == "raised AssertionError"


def test_the_prompt_shows_solved_examples_and_not_the_solution() -> None:
    benchmark = MBPP()
    [item] = benchmark.items(MADE)
    prompt = benchmark.prompt(item, chat=False).text
    assert "def shot(): pass\n[DONE]" in prompt
    assert prompt.endswith("assert f(1) == 2\nassert f(2) == 4\n[BEGIN]\n")
    assert "return Two" not in prompt
    assert "[BEGIN]" not in benchmark.prompt(item, chat=True).text


@pytest.mark.parametrize("ending", ["import os\nos._exit(0)", "raise SystemExit(0)", "exit()"])
def test_leaving_before_the_assertions_passes_none(ending: str, judge: Sandbox) -> None:
    benchmark = MBPP()
    [item] = benchmark.items(MADE)
    [[mark]] = benchmark.marks([(item, [f"def f(x):\n    return 0\n{ending}"])], judge)
    assert not mark.right


def test_a_file_without_the_test_split_is_asked_as_it_is() -> None:
    [item] = MBPP().items(replace(MADE, rows=MADE.rows[:1]))
    assert item.name == "Mbpp/2"
