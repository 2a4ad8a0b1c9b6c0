"""One sandbox for all tests of this folder, and the ways they ask it."""

from collections.abc import Callable, Iterator

import pytest

from sandbox import Check, Judgement, Sandbox

Ask = Callable[..., Judgement]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(workers=2) as opened:
        yield opened


@pytest.fixture
def judge(sandbox: Sandbox) -> Ask:
    def ask(original: str, variant: str, given: str = "{'x': 1}") -> Judgement:
        return sandbox.check(Check("1", "f", original, variant, given))

    return ask
