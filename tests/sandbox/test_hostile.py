"""Claims: hostile programs are survived, each with its definite outcome, and nothing remains.

The whole corpus runs twice with every layer, and once with each optional layer switched off: what
gets through then is stated beside the program.
"""

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox import Check, Limits, Outcome, Sandbox
from sandbox.layers import OPTIONAL, survey
from tests.sandbox.descendants import ZOMBIE, below
from tests.sandbox.hostile import channel, doors, kernel, lies, processes, resources
from tests.sandbox.hostile.program import Hostile, reaching

CORPUS = (
    *channel.CHANNEL,
    *doors.DOORS,
    *kernel.KERNEL,
    *lies.LIES,
    *processes.PROCESSES,
    *resources.RESOURCES,
)
TRACE = Path("/tmp/sandbox-was-here")
HARMLESS = "def f(x):\n    return x"
LIMITS = Limits(
    cpu_s=0.1,
    confirm_cpu_s=0.4,
    wall_s=3,
    memory_mb=64,
    confirm_memory_mb=64,
    output_bytes=1_000_000,
)
THREADS = 6
ROOT = os.geteuid() == 0
MISSING = {each.layer for each in survey() if not each.active}
if not ROOT:
    MISSING.discard("user")  # whoever is not root has nothing to give up

Outcomes = dict[str, Outcome]


def run_all(sandbox: Sandbox) -> Outcomes:
    """Return the outcomes of the whole corpus, several programs at a time."""
    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = pool.map(lambda each: sandbox.run(each.source, "f", "{'x': 1}"), CORPUS)
        return {each.name: outcome for each, outcome in zip(CORPUS, outcomes, strict=True)}


def may_be(hostile: Hostile, outcome: Outcome, missing: set[str]) -> bool:
    """Say whether an outcome is one that was stated for a machine without the missing layers."""
    stated = [hostile.without[layer] for layer in missing & {*hostile.without}]
    if not stated or len(missing) > 1:
        stated += [(status, hostile.says) for status in hostile.statuses]
    text = f"{outcome.value} {outcome.error}"
    return any(outcome.status in status.split(" or ") and says in text for status, says in stated)


@pytest.fixture(scope="module")
def hostile_sandbox() -> Iterator[Sandbox]:
    with Sandbox(workers=2, limits=LIMITS) as opened:
        yield opened


@pytest.fixture(scope="module")
def runs(hostile_sandbox: Sandbox) -> tuple[Outcomes, Outcomes]:
    return run_all(hostile_sandbox), run_all(hostile_sandbox)


@pytest.fixture(scope="module", params=OPTIONAL)
def without(request: pytest.FixtureRequest) -> tuple[str, Outcomes]:
    layer: str = request.param
    if layer == "user" and not ROOT:
        pytest.skip("only root's programs have a user of their own")
    if MISSING - {"user"}:
        pytest.skip(f"this machine lacks {', '.join(sorted(MISSING))}")
    with Sandbox(workers=2, limits=LIMITS, without=(layer,)) as opened:
        outcomes = run_all(opened)
        assert opened.statistics.get("broken", 0) == 0
    return layer, outcomes


def test_the_corpus_is_large_and_its_names_are_unique() -> None:
    assert len({each.name for each in CORPUS}) == len(CORPUS) >= 60


@pytest.mark.parametrize("hostile", CORPUS, ids=lambda hostile: hostile.name)
def test_a_hostile_program_gets_its_outcome_twice_in_a_row(
    hostile: Hostile, runs: tuple[Outcomes, Outcomes]
) -> None:
    for outcomes in runs:
        outcome = outcomes[hostile.name]
        assert may_be(hostile, outcome, MISSING), (hostile.why, outcome)


def test_with_one_layer_off_only_what_is_stated_gets_through(without: tuple[str, Outcomes]) -> None:
    layer, outcomes = without
    wrong = {
        each.name: outcomes[each.name]
        for each in CORPUS
        if not may_be(each, outcomes[each.name], MISSING | {layer})
    }
    assert not wrong, layer


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


def test_no_file_remains(runs: tuple[Outcomes, Outcomes]) -> None:
    assert runs
    assert not TRACE.exists()


def test_no_process_of_a_program_remains(
    hostile_sandbox: Sandbox, runs: tuple[Outcomes, Outcomes]
) -> None:
    assert runs
    hostile_sandbox.run(HARMLESS, "f", "{'x': 1}")
    everyone = below(os.getpid())
    servers = {each.pid for each in everyone if each.is_server}
    assert servers
    assert not [each for each in everyone if each.parent in servers and each.state != ZOMBIE]


def test_a_closed_sandbox_leaves_no_process_no_zombie_no_descriptor_and_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # others make rooms in /tmp meanwhile
    before = {each.pid for each in below(os.getpid())}
    descriptors = len(os.listdir("/proc/self/fd"))
    with Sandbox(workers=2, limits=LIMITS) as opened:
        assert [*tmp_path.iterdir()]
        hostile = [Check("h", "f", HARMLESS, each.source, "{'x': 1}") for each in CORPUS[:8]]
        opened.check_all(hostile)
        started = {each.pid for each in below(os.getpid())} - before
    assert started
    assert not [each for each in started if Path(f"/proc/{each}").exists()]
    assert len(os.listdir("/proc/self/fd")) == descriptors
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    "hostile",
    [each for each in CORPUS if {"refused", "killed"} >= {*each.statuses}],
    ids=lambda hostile: hostile.name,
)
def test_breaking_a_rule_never_proves_a_difference(
    hostile_sandbox: Sandbox, hostile: Hostile
) -> None:
    judged = hostile_sandbox.check(Check("1", "f", HARMLESS, hostile.source, "{'x': 1}"))
    assert judged.verdict == "unstable", judged


def test_other_checks_are_unaffected_by_hostile_ones(hostile_sandbox: Sandbox) -> None:
    harmless = Check("h", "f", HARMLESS, "def f(x):\n    return x + 1", "{'x': 1}")
    mixed = []
    for hostile in CORPUS[:20]:
        mixed += [Check("b", "f", HARMLESS, hostile.source, "{'x': 1}"), harmless]
    judged = hostile_sandbox.check_all(mixed)
    assert {each.verdict for each in judged if each.id == "h"} == {"diverges"}
