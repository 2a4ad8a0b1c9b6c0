"""Claims: the sandbox agrees with itself in any order, batch and number of workers, under load."""

import random
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox import Check, Judgement, Sandbox

# What the game asks of a program, in small: closed programs and others, values, exceptions, prints,
# sets, recursion, too much memory, an iterator, a broken rule, a text that is no program.
BODIES = (
    "return x * 2",
    "return x + x",
    "return x ** 2",
    "return [10, 20, 30][x]",
    "return str(x) + 'a' * 300",
    "return [x / (x - 1), {'k': x}]",
    "print(x)\n    return sorted([3, x, 1], key=lambda y: -y)",
    "return list({str(i) for i in range(x, x + 9)})",
    "return map(str, [x, x + 1])",
    "return f(x + 1)",
    "return [0] * (x + 1) * 10**9",
    "kept = f.__dict__.setdefault('kept', [])\n    kept.append(x)\n    return len(kept)",
    "import random\n    return x",
    "return",
    "return ) x",
)
PROGRAMS = tuple(f"def f(x):\n    {body}" for body in BODIES)
CHECKS = [
    Check(f"{p}/{q}/{x}", "f", PROGRAMS[p], PROGRAMS[q], f"{{'x': {x}}}")
    for p in (0, 3, 5, 7, 11)
    for q in range(len(PROGRAMS))
    for x in (0, 2)
]
CALM = {"suppress_health_check": [*HealthCheck], "deadline": None}

Told = dict[str, tuple[object, ...]]


def told(judgements: list[Judgement]) -> Told:
    """Return all that a judgement says, but for its times."""
    return {
        each.id: (
            each.verdict,
            each.reason,
            *(o and (o.status, o.value, o.error, o.encoding) for o in _outcomes(each)),
        )
        for each in judgements
    }


def _outcomes(judgement: Judgement) -> tuple[object, ...]:
    return judgement.original, judgement.variant


@cache
def alone() -> Told:
    """Return what a sandbox says that is asked one check at a time and remembers nothing."""
    with Sandbox(workers=1, cache=1) as sandbox:
        return told([sandbox.check(check) for check in CHECKS])


@pytest.fixture(scope="module", params=[1, 3], ids=["1 worker", "3 workers"])
def forgetful(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox that remembers too little to answer from memory what it was asked before."""
    with Sandbox(workers=request.param, cache=40) as opened:
        yield opened


@settings(max_examples=8, **CALM)
@given(seed=st.integers(0, 2**32), size=st.integers(1, len(CHECKS)))
def test_order_and_batch_change_nothing_that_is_said(
    forgetful: Sandbox, seed: int, size: int
) -> None:
    shuffled = random.Random(seed).sample(CHECKS, 50)
    judged: list[Judgement] = []
    for start in range(0, len(shuffled), size):
        judged += forgetful.check_all(shuffled[start : start + size])
    assert told(judged) == {check.id: alone()[check.id] for check in shuffled}


def test_a_burning_machine_changes_nothing_that_is_said(forgetful: Sandbox) -> None:
    spin = [sys.executable, "-c", "while True: pass"]
    burning = [subprocess.Popen(spin) for _ in range(4)]
    try:
        assert told(forgetful.check_all(CHECKS)) == alone()
    finally:
        for process in burning:
            process.kill()
            process.wait()
