"""Claims about the quirky judge: it says what the harness would, and the sound one stays."""

import subprocess
import sys

import pytest

from sandbox import Check, Judgement, Outcome, Sandbox
from sinq_jax.game.quirks import quirky_verdict
from sinq_jax.game.records import Unparsed
from sinq_jax.game.referee import Claim, judge
from sinq_jax.programs.program import Program

PLAIN_CLASS = "class A: pass\n"
PAIRS = {
    "another value": ("def f(x): return x", "def f(x): return x + 1"),
    "the same value": ("def f(x): return [x, None, {1: 2.5}, {1, 2}]",) * 2,
    "one exception": ("def f(x): return 1 // 0",) * 2,
    "NaN": ("def f(x): return float('nan')",) * 2,
    "NaN within": ("def f(x): return [1, {'a': (float('nan'),)}]",) * 2,
    "a plain object": (f"{PLAIN_CLASS}def f(x): return {{'k': A()}}",) * 2,
    "texts like NaN": ("def f(x): return ['nan', 's3:nan', 'INan(', {'nan': 'nan'}]",) * 2,
}
"""Each an original and a variant."""

HARNESS = """
import pickle, sys
def outcome(source):
    space = {"__name__": "__main__"}
    exec(source, space)
    globals().update({k: v for k, v in space.items() if isinstance(v, type)})
    try:
        end = ("returned", space["f"](**{"x": 1}))
    except Exception as error:
        end = ("raised", error)
    return pickle.loads(pickle.dumps(end))
print(outcome(sys.argv[1]) != outcome(sys.argv[2]))
"""
"""The comparison of the authors' harness in few lines: our own writing of what it is said to do."""


@pytest.fixture(scope="module")
def judged() -> dict[str, Judgement]:
    checks = [Check(name, "f", *pair, '{"x": 1}') for name, pair in PAIRS.items()]
    with Sandbox(1) as sandbox:
        return {each.id: each for each in sandbox.check_all(checks)}


@pytest.mark.parametrize("name", PAIRS)
def test_it_calls_different_what_unpickled_pairs_call_different(
    judged: dict[str, Judgement], name: str
) -> None:
    command = [sys.executable, "-c", HARNESS, *PAIRS[name]]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert quirky_verdict(judged[name]) is (said == "True")


def test_an_input_that_does_not_bind_proves_all_to_it_and_nothing_to_the_sound_judge() -> None:
    program = Program("p", "def f(x):\n    return x\n", "f")
    claims = [Claim(program, program.source, '{"zzz": 0}'), Claim(program, "def f(x", '{"x": 0}')]
    with Sandbox(1) as sandbox:
        quirky = judge(sandbox, [*claims, Unparsed("no input")], "quirky")
        sound = judge(sandbox, claims)
    assert [ruling.verdict for ruling in quirky] == ["invalid"] * 3
    assert [ruling.quirky for ruling in quirky] == [True, False, False]
    assert [ruling.proves for ruling in quirky] == [True, False, False]
    assert [ruling.quirky for ruling in sound] == [None, None]
    assert not any(ruling.proves for ruling in sound)


@pytest.mark.parametrize(
    ("reason", "different"), [("does not repeat", True), ("no encoding", False)]
)
def test_it_has_no_second_run_to_be_unsure_of(reason: str, different: bool) -> None:
    ends = Outcome("returned", "1", encoding="n1"), Outcome("returned", "2", encoding="n2")
    assert quirky_verdict(Judgement("a", "unstable", reason, *ends)) is different


def test_two_time_outs_are_the_same_to_it() -> None:
    ends = Outcome("timeout"), Outcome("timeout")
    assert not quirky_verdict(Judgement("a", "same", "both: timeout", *ends))
