"""Claims about the referee, with the real sandbox: what a model got wrong is a ruling, never an
error.
"""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import Limits, Sandbox
from sinq_jax.game.records import Unparsed
from sinq_jax.game.referee import Claim, judge
from sinq_jax.programs.program import Program

SOURCE = "def f(x):\n    if x > 3:\n        return x\n    return 0\n"
PROGRAM = Program("p", SOURCE, "f")
VARIANT = SOURCE.replace("x > 3", "x > 4")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(workers=1, limits=Limits(cpu_s=0.1, confirm_cpu_s=0.5)) as opened:
        yield opened


def claim(variant: str = VARIANT, given_input: str = "{'x': 4}") -> Claim:
    return Claim(PROGRAM, variant, given_input)


def test_each_claim_gets_its_own_ruling_in_order(sandbox: Sandbox) -> None:
    claims = [
        claim(),
        Unparsed("no input"),
        claim(given_input="{'x': 5}"),
        claim(SOURCE, "{'x': 4}"),
        claim(given_input="{'y': 4}"),
        claim(given_input="x = 4"),
        claim("def f(y):\n    return y\n"),
        claim("def f(x:\n"),
        claim("import random\ndef f(x):\n    return random.random()\n"),
    ]
    rulings = judge(sandbox, claims)
    assert [ruling.verdict for ruling in rulings] == [
        *("diverges", "invalid", "same", "same", "invalid", "invalid", "invalid", "invalid"),
        "unstable",
    ]
    assert rulings[1].reason == "no input"
    assert all(ruling.reason for ruling in rulings)


def test_equal_claims_are_run_once_and_ruled_alike(sandbox: Sandbox) -> None:
    before = sandbox.statistics.get("checks", 0)
    rulings = judge(sandbox, [claim(), claim(given_input="{'x': 9}"), claim(), claim()])
    assert sandbox.statistics["checks"] == before + 2
    assert rulings[0] == rulings[2] == rulings[3] != rulings[1]


def test_nothing_to_judge_is_nothing_to_rule(sandbox: Sandbox) -> None:
    assert judge(sandbox, []) == []
    assert [ruling.reason for ruling in judge(sandbox, [Unparsed("a"), Unparsed("b")])] == [
        "a",
        "b",
    ]


def test_a_receipt_names_what_the_verdict_can_be_checked_with_and_is_json(sandbox: Sandbox) -> None:
    (ruling,) = judge(sandbox, [claim()])
    receipt = json.loads(json.dumps(dict(ruling.receipt)))
    assert {"limits", "policy", "seeds", "python", "rules"} <= receipt.keys()


def test_a_program_that_crashes_its_child_is_judged_like_any_other(sandbox: Sandbox) -> None:
    leaves = "import os\ndef f(x):\n    os._exit(0)\n"
    endless = "def f(x):\n    while True:\n        pass\n"
    rulings = judge(sandbox, [claim(leaves), claim(endless), claim()])
    assert rulings[0].verdict in ("invalid", "unstable")
    assert [ruling.verdict for ruling in rulings[1:]] == ["diverges", "diverges"]


@settings(max_examples=30)
@given(variant=st.text(), given_input=st.text() | st.sampled_from(["{'x': 4}", "{}", "{'x': f}"]))
def test_no_text_of_a_model_makes_the_referee_raise(
    sandbox: Sandbox, variant: str, given_input: str
) -> None:
    rulings = judge(sandbox, [claim(variant, given_input), claim(VARIANT, given_input)])
    assert rulings[0].verdict == "invalid"  # no random text is the function f
    assert rulings[1].verdict in ("diverges", "same", "invalid", "unstable")
