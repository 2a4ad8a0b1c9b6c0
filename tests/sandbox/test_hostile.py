"""Claims: hostile programs are survived, each with its definite outcome, and nothing remains."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import Check, Outcome, Sandbox
from sandbox.identity import SANDBOX_UID
from tests.sandbox.hostile import channel, doors, lies, processes, resources
from tests.sandbox.hostile.program import Hostile, reaching

CORPUS = (
    *channel.CHANNEL,
    *doors.DOORS,
    *lies.LIES,
    *processes.PROCESSES,
    *resources.RESOURCES,
)
TRACE = Path("/tmp/sandbox-was-here")
HARMLESS = "def f(x):\n    return x"


@pytest.fixture(scope="module")
def outcomes(sandbox: Sandbox) -> dict[str, Outcome]:
    jobs = [(hostile.source, "f", "{'x': 1}") for hostile in CORPUS]
    return {h.name: sandbox.run(*job) for h, job in zip(CORPUS, jobs, strict=True)}


@pytest.mark.parametrize("hostile", CORPUS, ids=lambda hostile: hostile.name)
def test_a_hostile_program_gets_its_outcome(hostile: Hostile, outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes[hostile.name]
    assert outcome.status in hostile.statuses, (hostile.why, outcome)
    assert hostile.says in f"{outcome.value} {outcome.error}", (hostile.why, outcome)


def test_a_child_has_only_its_own_channel_and_the_empty_streams(sandbox: Sandbox) -> None:
    count = (
        "    found = []\n    for d in range(64):\n        try:\n            reach().fstat(d)\n"
        "            found.append(d)\n        except OSError:\n            pass\n    return found"
    )
    for _ in range(3):
        outcome = sandbox.run(reaching(count), "f", "{'x': 1}")
        assert outcome.value is not None
        assert outcome.value.startswith("[0, 1, 2, ")
        assert outcome.value.count(",") == 3


def test_no_file_remains(outcomes: dict[str, Outcome]) -> None:
    assert outcomes
    assert not TRACE.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's children have a user of their own")
def test_no_process_remains(sandbox: Sandbox, outcomes: dict[str, Outcome]) -> None:
    assert len(outcomes) == len(CORPUS)
    sandbox.run(HARMLESS, "f", "{'x': 1}")
    assert not [*living(SANDBOX_UID)]


def living(uid: int) -> Iterator[str]:
    """Yield the pids of the processes of a user that have not ended."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            owner = folder.stat().st_uid
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if owner == uid and state != "Z":
            yield folder.name


@pytest.mark.parametrize(
    "hostile",
    [each for each in CORPUS if {"refused", "killed"} >= {*each.statuses}],
    ids=lambda hostile: hostile.name,
)
def test_breaking_a_rule_never_proves_a_difference(sandbox: Sandbox, hostile: Hostile) -> None:
    judged = sandbox.check(Check("1", "f", HARMLESS, hostile.source, "{'x': 1}"))
    assert judged.verdict == "unstable", judged


def test_another_check_is_unaffected_by_a_hostile_one(sandbox: Sandbox) -> None:
    harmless = Check("h", "f", HARMLESS, "def f(x):\n    return x + 1", "{'x': 1}")
    mixed = []
    for hostile in CORPUS[:20]:
        mixed += [Check("b", "f", HARMLESS, hostile.source, "{'x': 1}"), harmless]
    judged = sandbox.check_all(mixed)
    assert {each.verdict for each in judged if each.id == "h"} == {"diverges"}
