import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sandbox import Sandbox
from sinq_jax.benchmarks.suites.canonical import canonical_records, failures
from sinq_jax.benchmarks.suites.data_file import DataFile
from sinq_jax.benchmarks.suites.evalplus import EvalPlus
from sinq_jax.benchmarks.suites.evalplus_inputs import meant
from sinq_jax.benchmarks.suites.evalplus_tasks import task_of
from sinq_jax.benchmarks.suites.face import Mark

Real = Callable[[str], DataFile]

HALF: dict[str, Any] = {
    "task_id": "Mbpp/9999",
    "prompt": '"""Half of x."""\n',
    "entry_point": "half",
    "canonical_solution": "def half(x):\n    return x / 2\n",
    "base_input": [[1], [2]],
    "plus_input": [[3], [1e9]],
    "atol": 0,
}


def marked(judge: Sandbox, row: dict[str, object], *candidates: str) -> list[Mark]:
    [marks] = EvalPlus("x").marks([(task_of(row), candidates)], judge)
    return marks


def test_a_candidate_may_be_right_on_the_base_tests_alone(judge: Sandbox) -> None:
    right, base, wrong = marked(
        judge,
        HALF,
        "def half(x):\n    return 0.5 * x\n",
        "def half(x):\n    return x / 2 if x < 3 else 0\n",
        "def half(x):\n    return x\n",
    )
    assert (right.right, right.also["base"], right.reason) == (True, True, "passed")
    assert (base.right, base.also["base"], base.reason) == (False, True, "wrong value")
    assert (wrong.right, wrong.also["base"]) == (False, False)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise ValueError(x)", "raised ValueError"),
        ("while True: pass", "timeout"),
        ("import os; return x / 2", "refused: import of os"),
        ("import sys; sys.exit(0)", "raised SystemExit"),
        ("return half(x)", "raised RecursionError"),
        ("return print(x / 2)", "wrong value"),
        ("return lambda: x / 2", "wrong value"),
        ("return str(x / 2)", "wrong value"),
        ("yield x / 2", "wrong value"),
        (
            "return type('Any', (), {'__eq__': lambda a, b: True, '__ne__': lambda a, b: False})()",
            "wrong value",
        ),
        (
            "return type('Any', (float,), {'__eq__': lambda *_: True, '__sub__': lambda *_: 0})()",
            "wrong value",
        ),
        ("async def g(): pass\n    c = g(); c.close(); return c", "wrong value"),
    ],
)
def test_no_candidate_passes_but_by_the_right_value(body: str, reason: str, judge: Sandbox) -> None:
    [mark] = marked(judge, HALF, f"def half(x):\n    {body}\n")
    assert (mark.right, mark.also["base"], mark.reason) == (False, False, reason)


def test_a_text_is_run_once_however_many_candidates_have_it(judge: Sandbox) -> None:
    same, other = HALF["prompt"] + HALF["canonical_solution"], "def half(x):\n    return 0.5 * x\n"
    before = judge.statistics.get("executions", 0)
    marks = marked(judge, HALF, same, other, other, same)
    assert all(mark.right for mark in marks)
    assert judge.statistics["executions"] - before == 2


def test_calls_that_are_long_together_do_not_run_out_of_time(judge: Sandbox) -> None:
    body = "sum(range(1_500_000)) + sum(range(1_500_000)) - sum(range(3_000_000)) + x / 2"
    slow = {
        **HALF,
        "canonical_solution": f"def half(x):\n    return {body}\n",
        "plus_input": [[x] for x in range(20)],
    }
    before = judge.statistics.get("timeout", 0)
    [mark] = marked(judge, slow, slow["canonical_solution"])
    assert (mark.right, judge.statistics.get("timeout", 0)) == (True, before)


def test_a_candidate_without_the_entry_point_or_with_broken_syntax_is_wrong(judge: Sandbox) -> None:
    nothing, syntax, unfinished = marked(judge, HALF, "", "def half(x) return", "```python\ndef ")
    assert nothing.reason == "raised NameError"
    assert syntax.reason == unfinished.reason == "syntax error"


def test_a_candidate_cannot_put_something_in_the_place_of_the_call(judge: Sandbox) -> None:
    [mark] = marked(
        judge,
        HALF,
        "def half(x):\n    return x\ndef benchmark_call(arguments):\n    return arguments[0] / 2\n",
    )
    assert not mark.right


def test_floats_may_differ_by_a_little_and_not_by_more(judge: Sandbox) -> None:
    # Of 1e9 / 2 the relative part of the tolerance, 1e-7, allows 50.
    near, far = marked(
        judge,
        HALF,
        "def half(x):\n    return x / 2 + (40 if x > 9 else 9e-7)\n",
        "def half(x):\n    return x / 2 + (60 if x > 9 else 9e-7)\n",
    )
    assert near.right
    assert (far.also["base"], far.right) == (True, False)


def test_whole_numbers_and_other_types_are_not_close(judge: Sandbox) -> None:
    whole = {**HALF, "canonical_solution": "def half(x):\n    return int(x) // 2\n"}
    exact, off, typed = marked(
        judge,
        whole,
        "def half(x):\n    return float(int(x) // 2)\n",
        "def half(x):\n    return int(x) // 2 + (x == 1e9)\n",
        "def half(x):\n    return x // 2 + 1e-9\n",
    )
    assert exact.right
    assert (off.right, off.also["base"]) == (False, True)
    assert not typed.right


def test_a_tolerance_reaches_into_lists_of_the_same_shape(judge: Sandbox) -> None:
    pairs = {
        **HALF,
        "atol": 1e-6,
        "canonical_solution": "def half(x):\n    return [x / 2, [x / 4, float('inf')]]\n",
    }
    near, other_shape, other_type = marked(
        judge,
        pairs,
        "def half(x):\n    return [x / 2 + 1e-7, [x / 4, float('inf')]]\n",
        "def half(x):\n    return [x / 2 + 1e-7, [x / 4, float('inf'), 0]]\n",
        "def half(x):\n    return (x / 2 + 1e-7, [x / 4, float('inf')])\n",
    )
    assert (near.right, other_shape.right, other_type.right) == (True, False, False)


@pytest.mark.parametrize(
    ("entry", "canonical", "arguments", "accepted", "refused"),
    [
        ("similar_elements", "return [1, 2]", [[1]], "return (2, 1, 2)", "return [1]"),
        ("check_str", "return [1]", [[1]], "return 7", "return None"),
        ("check_str", "return None", [[1]], "return False", "return 0"),
        ("are_equivalent", "return True", [[1]], "return False", "raise KeyError"),
        ("sum_div", "return 5", [[1]], "return 0", "return 1"),
        ("surface_Area", "return 33", [[3, 4]], "return 35", "return 34"),
        ("digit_distance_nums", "return 9", [[1, 256]], "return 12", "return 10"),
    ],
)
def test_tasks_with_a_rule_of_their_own(
    entry: str,
    canonical: str,
    arguments: list[list[object]],
    accepted: str,
    refused: str,
    judge: Sandbox,
) -> None:
    def program(body: str) -> str:
        return f"def {entry}(*a):\n    {body}\n"

    row = {
        **HALF,
        "entry_point": entry,
        "canonical_solution": program(canonical),
        "base_input": arguments,
        "plus_input": {},
    }
    right = marked(judge, row, program(canonical), program(accepted), program(refused))
    assert [mark.right for mark in right] == [True, True, False]


def test_any_root_of_a_polynomial_is_right(judge: Sandbox) -> None:
    row = {
        **HALF,
        "task_id": "HumanEval/32",
        "entry_point": "find_zero",
        "canonical_solution": "def find_zero(xs):\n    return 2.0\n",
        "base_input": [[[4, 0, -1]]],
        "plus_input": [],
        "atol": 1e-4,
    }
    bodies = ("-2.0", "2.00001", "1.9", "float('inf')", "'x'")
    marks = marked(judge, row, *(f"def find_zero(xs):\n    return {body}\n" for body in bodies))
    assert [mark.right for mark in marks] == [True, True, False, False, False]


def test_a_canonical_solution_that_fails_gives_nobody_a_point(judge: Sandbox) -> None:
    broken = {**HALF, "canonical_solution": "def half(x):\n    return 1 / 0\n"}
    [mark] = marked(judge, broken, "def half(x):\n    return 1 / 0\n")
    assert (mark.right, mark.reason) == (False, "the canonical solution failed")


def test_inputs_whose_results_are_too_large_are_left_out_and_counted(judge: Sandbox) -> None:
    large = {
        **HALF,
        "canonical_solution": "def half(x):\n    return x / 2 if x < 9 else list(range(10**9))\n",
    }
    right, wrong = marked(judge, large, HALF["canonical_solution"], "def half(x):\n    return 1\n")
    assert (right.right, right.reason) == (True, "passed, 1 inputs too large to be compared")
    assert not wrong.right


@pytest.mark.parametrize(
    ("name", "given", "call"),
    [
        ("Mbpp/2", [[1], [2]], [(1,), (2,)]),
        ("Mbpp/63", [[[1, 2], [3]]], [[(1, 2), (3,)]]),
        ("Mbpp/75", [[[1], [2]], 3], [[(1,), (2,)], 3]),
        ("Mbpp/106", [[1], [2]], [[1], (2,)]),
        ("Mbpp/115", [[[1], []]], [[{1}, {}]]),
        ("Mbpp/124", ["1", "2j"], [1.0, 2j]),
        ("Mbpp/252", ["1+2j"], [1 + 2j]),
        ("Mbpp/259", [[[1]], [[2]]], [((1,),), ((2,),)]),
        ("Mbpp/278", [[1, [2]]], [(1, (2,))]),
        ("Mbpp/307", [[1], 2, 3], [(1,), 2, 3]),
        ("Mbpp/580", [[1, [2, [3]]]], [(1, (2, (3,)))]),
        ("Mbpp/722", [{"a": [1]}, 2], [{"a": (1,)}, 2]),
        ("Mbpp/3", [[1]], [[1]]),
        ("HumanEval/2", [[1]], [[1]]),
    ],
)
def test_inputs_get_the_types_that_json_took_from_them(
    name: str, given: list[object], call: list[object]
) -> None:
    assert meant(name, given) == call
    assert json.dumps([str(type(x)) for x in meant(name, given)]) == json.dumps(
        [str(type(x)) for x in call]
    )


@pytest.mark.parametrize(
    ("name", "tasks", "every"),
    [("HumanEvalPlus-Mini.jsonl.gz", 164, 10), ("MbppPlus-NoExtreme.jsonl.gz", 378, 40)],
)
def test_canonical_solutions_get_all_points(
    name: str, tasks: int, every: int, real: Real, judge: Sandbox
) -> None:
    """On some of the tasks; ``python -m sinq_jax.benchmarks.suites canonical humaneval_plus FILE``
    tries all.
    """
    file = real(f"evalplus/{name}")
    assert len(file.rows) == tasks
    some = replace(file, rows=file.rows[::every])
    records = canonical_records(EvalPlus("x"), some, judge)
    assert failures(records) == []
    assert all(record.marks[0].also["base"] for record in records)


def test_a_broken_solution_gets_no_point(real: Real, judge: Sandbox) -> None:
    file = real("evalplus/HumanEvalPlus-Mini.jsonl.gz")
    benchmark = EvalPlus("x")
    items = benchmark.items(replace(file, rows=file.rows[:10]))
    marks = benchmark.marks([(item, ["    return None\n"]) for item in items], judge)
    assert not any(mark.right for [mark] in marks)
