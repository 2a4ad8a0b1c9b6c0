"""Claims about sandboxes that divide their work: one word for all, and each program once."""

from collections.abc import Iterator

import pytest

from sandbox import Check, Judgement, Limits, Outcome, Sandbox
from sandbox.search import Pair, search_all
from sinq_jax.hosts import Hosts
from sinq_jax.hosts.judging import SharedSandbox
from tests.hosts.together import together

ORIGINALS = [f"def f(x):\n    return x + {n}\n" for n in range(5)]
SLOW = "def f(x):\n    while x: pass\n    return 1\n"


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[list[Sandbox]]:
    """Three, each for one host."""
    limits = Limits(cpu_s=0.05, confirm_cpu_s=0.2)
    opened = [Sandbox(1, limits) for _ in range(3)]
    yield opened
    for each in opened:
        each.close()


def checks() -> list[Check]:
    variants = ["def f(x):\n    return x + 2\n", SLOW, "def f(x): (", "import os"]
    return [
        Check(f"{p}/{q}", "f", original, variant, text)
        for text in ("{'x': 1}", "{'x': 0}", "{'y': 1}", "'\ud800'")
        for p, original in enumerate(ORIGINALS)
        for q, variant in enumerate(variants)
    ]


def timeless(judgement: Judgement) -> tuple:
    sides = (judgement.original, judgement.variant)
    told = [(o.status, o.value, o.error, o.encoding, o.repeats) if o else None for o in sides]
    return judgement.id, judgement.verdict, judgement.reason, *told, judgement.receipt


def test_all_hosts_get_what_one_sandbox_says_in_order(sandboxes: list[Sandbox]) -> None:
    alone = sandboxes[0].check_all(checks())
    said = together(3, lambda h: SharedSandbox(sandboxes[h.number], h).check_all(checks()))
    assert said[0] == said[1] == said[2]  # measured times too
    assert [*map(timeless, said[0])] == [*map(timeless, alone)]
    assert {each.verdict for each in alone} == {"diverges", "same", "invalid"}


def test_each_check_is_made_by_one_host_and_those_of_an_original_by_the_same(
    sandboxes: list[Sandbox],
) -> None:
    def made(host: Hosts) -> int:
        own = sandboxes[host.number]
        before = own.statistics.get("checks", 0)
        SharedSandbox(own, host).check_all(checks())
        return own.statistics["checks"] - before

    each = len(checks()) // len(ORIGINALS)
    assert together(3, made) == [2 * each, 2 * each, each]


def test_counts_are_those_of_all_hosts(sandboxes: list[Sandbox]) -> None:
    wanted = sum(each.statistics["checks"] for each in sandboxes)
    told = together(3, lambda h: SharedSandbox(sandboxes[h.number], h).statistics)
    assert [each["checks"] for each in told] == [wanted] * 3


def test_sweeps_and_the_search_for_differences_are_divided_too(sandboxes: list[Sandbox]) -> None:
    inputs = ["{'x': 1}", "{'x': 'a'}", "{'x': None}"]
    jobs = [(source, "f", inputs) for source in ORIGINALS]
    pairs = [Pair("p", "f", source, ORIGINALS[0], ("{'x': 1}",)) for source in ORIGINALS]

    def swept(host: Hosts) -> tuple[list[list[Outcome]], list]:
        shared = SharedSandbox(sandboxes[host.number], host)
        return shared.sweep_all(jobs), search_all(shared, pairs, budget=8, wanted=1)

    said = together(3, swept)
    assert said[0] == said[1] == said[2]
    outcomes, findings = said[0]
    assert [[each.value for each in row] for row in outcomes] == [
        [each.value for each in row] for row in sandboxes[0].sweep_all(jobs)
    ]
    assert [each.reason for each in findings] == ["equal code", *["found"] * 4]


def test_nothing_is_exchanged_where_nothing_is_asked() -> None:
    with Sandbox(workers=1) as own:
        assert SharedSandbox(own, Hosts()).check_all([]) == []
        assert SharedSandbox(own, Hosts()).sweep_all([]) == []
