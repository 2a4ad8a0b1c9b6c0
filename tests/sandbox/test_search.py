"""Claims about the search: what it tries, that finds are proven, and the command around it."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import Check, Limits, Sandbox
from sandbox.hints import Hints, hints_of
from sandbox.input_text import arguments_of, input_text, size_key
from sandbox.likeness import equal_code
from sandbox.neighbours import edits, inputs_near, neighbour, steps
from sandbox.search import Findings, Pair, search, search_all

ROOT = Path(__file__).resolve().parents[2]
P = "def f(x, s):\n    if x > 37:\n        return len(s)\n    return 0\n"
EDGE = P.replace("x > 37", "x > 37 and s != 'ab'")
LOOP = "def f(x, s):\n    while x > 37:\n        pass\n    return 0\n"
RIDDLE = P.replace("x > 37", "x > 37 and (x, s) != (912, 'Xy$z')")
KNOWN = ('{"x": 1, "s": ""}',)
PLAIN = st.recursive(
    st.integers(-99, 99) | st.text("abZ", max_size=4) | st.booleans() | st.floats(-9, 9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3)
        | st.tuples(inner, inner)
    ),
    max_leaves=8,
)


def pair(variant: str, known: tuple[str, ...] = KNOWN, claimed: str | None = None) -> Pair:
    return Pair("p", "f", P, variant, known, claimed)


def inputs(findings: Findings) -> list[str]:
    return [find.input for find in findings.found]


def test_a_difference_behind_two_conditions_is_found_smallest_first(sandbox: Sandbox) -> None:
    findings = search(sandbox, pair(EDGE), seed=0)
    assert inputs(findings)[0] == '{"x": 38, "s": "ab"}'
    assert inputs(findings) == sorted(inputs(findings), key=size_key)
    assert findings.reason == "found"
    assert findings.tried <= 256


def test_every_find_is_a_proof_of_its_own(sandbox: Sandbox) -> None:
    for variant in (EDGE, P.replace("len(s)", "-len(s)")):
        for find in search(sandbox, pair(variant), wanted=2).found:
            assert find.judgement.verdict == "diverges"
            assert find.judgement.original is not None
            assert find.judgement.original.repeats == 2
            again = sandbox.check(Check("again", "f", P, variant, find.input))
            assert again.verdict == "diverges"


def test_an_endless_loop_is_found_although_it_ends_the_sweeps() -> None:
    with Sandbox(1, Limits(cpu_s=0.05, confirm_cpu_s=0.2, sweep_cpu_s=0.05)) as quick:
        (find,) = search(quick, pair(LOOP), wanted=1).found
    assert find.judgement.reason == "returned against timeout"


def test_a_claimed_input_is_searched_around_and_is_no_find(sandbox: Sandbox) -> None:
    claim = "{'x': 38, 's': 'ab'}"
    findings = search(sandbox, pair(EDGE, (), claim))
    assert findings.found
    assert input_text(arguments_of(claim)) not in inputs(findings)
    assert input_text(arguments_of(claim)) in inputs(search(sandbox, pair(EDGE, (claim,), claim)))


def test_what_only_one_input_tells_apart_uses_up_the_budget(sandbox: Sandbox) -> None:
    findings = search(sandbox, pair(RIDDLE, KNOWN, "{'x': 912, 's': 'Xy$z'}"), budget=50)
    assert (findings.found, findings.tried, findings.reason) == ((), 50, "budget used up")
    assert findings.exhausted


def test_a_small_domain_ends_the_search(sandbox: Sandbox) -> None:
    flags = Pair("p", "f", "def f(a, b): return a", "def f(a, b): return a if b else a and a")
    findings = search(sandbox, Pair(**{**vars(flags), "known": ("{'a': True, 'b': True}",)}))
    assert (findings.tried, findings.reason, findings.exhausted) == (4, "no more inputs", False)


def test_equal_code_is_told_at_once(sandbox: Sandbox) -> None:
    before = sandbox.statistics
    findings = search(sandbox, pair(P.replace("def f(x, s):", "def f(x: int, s: str) -> int:")))
    assert (findings.reason, findings.equal_code, findings.tried) == ("equal code", True, 0)
    assert sandbox.statistics == before


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (pair("def f(x, s:"), "syntax error"),
        (pair("def g(x, s): return 1"), "no entry point"),
        (pair("def f(s, x): return 1"), "signature changed"),
        (Pair("p", "f", "def f(", P, KNOWN), "original: syntax error"),
        (pair(EDGE, ("{'x': 1}", "x", "{'x': ..., 's': 1}")), "no known input is a dict literal"),
        (pair("import os\ndef f(x, s): return 1"), "no input on which the programs could be"),
    ],
)
def test_what_is_wrong_with_a_pair_is_the_reason(
    sandbox: Sandbox, wrong: Pair, reason: str
) -> None:
    findings = search(sandbox, wrong, budget=8)
    assert findings.reason.startswith(reason)
    assert (findings.found, findings.tried) == ((), 0)


def told(findings: Findings) -> tuple[object, ...]:
    return (inputs(findings), findings.tried, findings.reason)


def test_the_same_seed_finds_the_same_in_any_company_and_order(sandbox: Sandbox) -> None:
    pairs = [pair(EDGE), pair(RIDDLE), pair(P.replace("0", "1")), pair(EDGE, KNOWN * 3)]
    forth = search_all(sandbox, pairs, budget=96)
    back = search_all(sandbox, reversed(pairs), budget=96)
    alone = [search(sandbox, each, budget=96) for each in pairs]
    assert [*map(told, forth)] == [*map(told, reversed(back))] == [*map(told, alone)]


@settings(max_examples=60)
@given(PLAIN, st.integers(0, 3))
def test_neighbours_are_new_canonical_reproducible_and_within_the_count(
    value: object, seed: int
) -> None:
    known = [{"a": value, "b": 3}]
    found = list(inputs_near(known, Hints((7,), ("ab",)), 40, seed))
    assert found == list(inputs_near(known, Hints((7,), ("ab",)), 40, seed))
    assert len(set(found)) == len(found) <= 40
    assert input_text(known[0]) not in found
    for text in found:
        assert input_text(arguments_of(text)) == text
        assert list(ast.literal_eval(text)) == ["a", "b"]
    without = set(found[:10])
    assert not without & {*inputs_near(known, Hints((7,), ("ab",)), 40, seed, without)}


@settings(max_examples=60)
@given(PLAIN)
def test_an_edit_keeps_the_type(value: object) -> None:
    for new in steps(value, Hints((7,), ("ab",))):
        assert type(new) is type(value)


def test_what_is_near_is_what_the_type_says() -> None:
    def near(value: object, hints: Hints = NO_HINTS) -> list[object]:
        return list(steps(value, hints))

    assert {4, 6, 0, -5, 11, 12, 13} <= {*near(5, Hints(ints=(12,)))}  # type: ignore[arg-type]
    assert near(True) == [False]
    assert {"", "b", "a", "aab", "ba", "yes"} <= {*near("ab", Hints(strings=("yes",)))}  # type: ignore[arg-type]
    assert all(each in near([1, 2]) for each in ([], [2], [1], [1, 1, 2], [2, 1], [2, 2], [1, 3]))
    assert all(each in near({1, 2}) for each in (set(), {1}, {2}, {1, 3}))
    assert all(each in near({"a": 1}) for each in ({}, {"a": 2}, {"": 1}))
    assert all(len(each) == 2 for each in near((1, "a")))  # type: ignore[arg-type]
    assert near(None) == []


def test_arguments_become_equal_and_none_where_the_program_asks_for_it() -> None:
    asks = hints_of("def f(x, y):\n    return y is None\n")
    assert {"x": 5, "y": 5} in edits({"x": 1, "y": 5}, asks)
    assert {"x": 1, "y": None} in edits({"x": 1, "y": 5}, asks)
    assert {"x": 1, "y": None} not in edits({"x": 1, "y": 5}, hints_of(P))


def test_a_huge_input_has_few_neighbours_near_its_ends() -> None:
    assert len(list(inputs_near([{"s": "ab" * 2000}], Hints(), 20, 0))) == 20
    nested = {"xs": [[0] * 150] * 150}
    (near,) = inputs_near([nested], Hints(), 1, 0)
    assert near != input_text(nested)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("def f(x):\n  y = x\n  return y", "def f(x):\n  z = x  # as is\n  return z", True),
        ("def f(x):\n  return 6", 'def f(x: int) -> int:\n  """Six."""\n  return 2 * 3', True),
        ("def f(x):\n  y: int = 1\n  return y", "def f(x):\n  y = 1\n  return y", True),
        ("def f(x):\n  return 1", "def f(x):\n  return True", False),
        ("def f(x):\n  return 0.0", "def f(x):\n  return -0.0", False),
        ("def f(x):\n  return (1,)", "def f(x):\n  return (1.0,)", False),
        ("def f(x):\n  a, b = x\n  return a", "def f(x):\n  b, a = x\n  return a", False),
        ("def f(x):\n  y = x\n  return locals()", "def f(x):\n  z = x\n  return locals()", False),
        ("class C:\n  x, y = 1, 2\ndef f(x):\n  return C.x",) * 2 + (True,),
        (
            "class C:\n  x, y = 1, 2\ndef f(x):\n  return C.x",
            "class C:\n  y, x = 1, 2\ndef f(x):\n  return C.x",
            False,
        ),
        (
            "def g(a, b): return a\ndef f(x): return g(a=1, b=2)",
            "def g(b, a): return b\ndef f(x): return g(a=1, b=2)",
            False,
        ),
        ("def f(x:", "def f(x:", False),
        ("x = " + "-" * 5000 + "1", "x = 1", False),
    ],
)
def test_equal_code_is_told_from_other_code(one: str, other: str, equal: bool) -> None:
    assert equal_code(one, other) is equal
    assert equal_code(other, one) is equal


def test_one_argument_or_none_has_a_neighbour_too() -> None:
    from random import Random

    assert neighbour({}, Random(0), Hints()) == {}
    assert neighbour({"x": None}, Random(0), Hints()) == {"x": None}


NO_HINTS = Hints()
LINE = {"id": 1, "entry_point": "f", "original": P, "variant": EDGE}


def run_search(*lines: object, flags: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    given_lines = "".join(
        (each if isinstance(each, str) else json.dumps(each)) + "\n" for each in lines
    )
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", "search", "--workers", "2", *flags],
        input=given_lines,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_command_answers_every_line_in_order() -> None:
    bad = ["{", "7", {"id": 2}, {**LINE, "id": 3}, {**LINE, "id": 4, "inputs": ["x"]}]
    bad += [{**LINE, "id": 5, "input": 1}, {**LINE, "id": 6, "inputs": [1]}]
    told = run_search({**LINE, "inputs": [*KNOWN]}, *bad, {**LINE, "input": KNOWN[0]})
    assert [each["id"] for each in told] == ["1", "", "", "2", "3", "4", "5", "6", "1"]
    assert all(each.keys() == {"id", "found", "tried", "reason"} for each in told)
    find = told[0]["found"][0]
    assert (find["input"], find["verdict"]) == ('{"x": 38, "s": "ab"}', "diverges")
    assert find["original"]["value"] == "2"
    reasons = [each["reason"] for each in told]
    assert reasons[1:5] == [
        "line 2: not JSON",
        "line 3: not a JSON object",
        "line 4: no entry_point",
        "line 5: no input and no inputs",
    ]
    assert reasons[6:8] == [
        "line 7: input is not a string",
        "line 8: inputs is not a list of strings",
    ]
    assert reasons[0] == reasons[8] == "found"
    assert all(not each["found"] for each in told[1:8])


def test_the_command_keeps_its_budget_and_its_number_of_finds() -> None:
    line = {**LINE, "inputs": [*KNOWN]}
    (short,) = run_search(line, flags=("--budget", "5"))
    assert (short["tried"], short["reason"]) == (5, "budget used up")
    (one,) = run_search({**line, "variant": "def f(x, s): return 1"}, flags=("--wanted", "1"))
    assert len(one["found"]) == 1


@pytest.mark.parametrize("flag", ["--budget", "--wanted"])
def test_a_number_below_one_is_a_mistake(flag: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", "search", flag, "0"],
        input="",
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "expected at least 1, got 0" in done.stderr
