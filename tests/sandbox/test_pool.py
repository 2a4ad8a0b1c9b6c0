"""Claims: work is spread and kept in order, dead processes are replaced, nothing is left behind."""

import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from sandbox import Check, Judgement, Limits, Outcome, Sandbox, SandboxError

P = "def f(x):\n    return x * 2"
VARIANTS = (
    P.replace("x * 2", "x + x"),
    P.replace("x * 2", "x ** 2"),
    P.replace("x * 2", "[x][1]"),
    "def f(x) return",
    P.replace("x * 2", "list({str(i) for i in range(x, x + 9)})"),
    "import random\n" + P,
)
CHECKS = [
    Check(f"{place}/{x}", "f", P, variant, f"{{'x': {x}}}")
    for x in range(3)
    for place, variant in enumerate(VARIANTS)
]


def told(judgements: list[Judgement]) -> dict[str, tuple[str, str]]:
    return {each.id: (each.verdict, each.reason) for each in judgements}


@pytest.fixture(scope="module")
def expected() -> dict[str, tuple[str, str]]:
    with Sandbox(workers=1) as one:
        return told([one.check(check) for check in CHECKS])


def test_judgements_come_in_the_order_of_the_checks(sandbox: Sandbox) -> None:
    assert [each.id for each in sandbox.check_all(CHECKS)] == [each.id for each in CHECKS]


def test_futures_resolve_in_any_order_they_are_asked(sandbox: Sandbox) -> None:
    futures = [sandbox.submit(check) for check in CHECKS]
    assert [f.result().id for f in reversed(futures)] == [c.id for c in reversed(CHECKS)]


def test_an_idle_lane_takes_over_what_waits_behind_an_endless_program() -> None:
    # All are meant for the first lane, because they share an original; the second one gets the
    # last, and is idle long before the first has seen one loop through.
    original = next(p for p in (P + " " * n for n in range(99)) if hash(p) % 2 == 0)
    loops = [f"def f(x):\n    while x:\n        x += {n}" for n in (1, 2)]
    checks = [Check("", "f", original, q, "{'x': 1}") for q in (*loops, P)]
    with Sandbox(workers=2, limits=Limits(cpu_s=0.1, confirm_cpu_s=1.0)) as sandbox:
        judged = sandbox.check_all(checks)
        assert [each.verdict for each in judged] == ["diverges", "diverges", "same"]
        assert sandbox.statistics["taken over"] == 1


def test_many_threads_may_ask_at_once(
    sandbox: Sandbox, expected: dict[str, tuple[str, str]]
) -> None:
    answers: list[dict[str, tuple[str, str]]] = []
    threads = [
        threading.Thread(target=lambda: answers.append(told(sandbox.check_all(CHECKS))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [expected] * 4


def test_what_was_run_before_is_remembered(sandbox: Sandbox) -> None:
    check = Check("1", "f", P, P.replace("2", "3"), "{'x': 123456}")
    first = sandbox.check(check)
    before = sandbox.statistics
    again = sandbox.check(check)
    after = sandbox.statistics
    assert (again.verdict, again.reason) == (first.verdict, first.reason)
    assert after["executions"] == before["executions"]
    assert after["cache hits"] == before["cache hits"] + 4


def test_run_tells_what_one_program_did(sandbox: Sandbox) -> None:
    outcome = sandbox.run(P, "f", "{'x': 21}")
    assert (outcome.status, outcome.value, outcome.error) == ("returned", "42", None)
    assert sandbox.run(P, "f", "{'y': 21}").error == "does not bind"
    assert sandbox.run(P, "g", "{'x': 21}").error == "no entry point"


def test_a_sweep_gives_the_outcomes_of_single_runs(sandbox: Sandbox) -> None:
    source = "def f(x):\n    return [1, 2, 3][x]"
    inputs = [f"{{'x': {x}}}" for x in range(-4, 5)] + ["{}", "{'x': 'a'}"]
    swept = sandbox.sweep(source, "f", inputs)
    singles = [sandbox.run(source, "f", each) for each in inputs]
    assert [(o.status, o.encoding) for o in swept] == [(o.status, o.encoding) for o in singles]


def test_a_sweep_gives_each_call_a_fresh_namespace(sandbox: Sandbox) -> None:
    source = "seen = []\ndef f(x):\n    seen.append(x)\n    return seen"
    swept = sandbox.sweep(source, "f", ["{'x': 1}", "{'x': 2}"])
    assert [o.value for o in swept] == ["[1]", "[2]"]


def test_a_sweep_goes_on_after_an_endless_call(sandbox: Sandbox) -> None:
    source = "def f(x):\n    while x == 1:\n        pass\n    return x"
    swept = sandbox.sweep(source, "f", ["{'x': 0}", "{'x': 1}", "{'x': 2}"])
    assert [o.status for o in swept] == ["returned", "timeout", "returned"]


def test_a_sweep_of_endless_calls_is_given_up(sandbox: Sandbox) -> None:
    source = "def f(x):\n    while True:\n        pass"
    swept = sandbox.sweep(source, "f", [f"{{'x': {x}}}" for x in range(50)])
    given_up = Limits().sweep_timeouts
    assert [o.status for o in swept] == ["timeout"] * given_up + ["refused"] * (50 - given_up)


def test_sweeps_of_many_programs_keep_their_order(sandbox: Sandbox) -> None:
    jobs = [(f"def f(x):\n    return x + {n}", "f", ["{'x': 0}", "{'x': 1}"]) for n in range(20)]
    swept = sandbox.sweep_all(jobs)
    assert [[o.value for o in each] for each in swept] == [[f"{n}", f"{n + 1}"] for n in range(20)]


def test_outcomes_without_encoding_never_differ(sandbox: Sandbox) -> None:
    assert sandbox.same_outcome(Outcome("killed"), Outcome("returned", encoding="n1"))
    assert not sandbox.same_outcome(
        Outcome("returned", encoding="n2"), Outcome("returned", encoding="n1")
    )


def processes_below(pid: int) -> dict[int, str]:
    """Return the processes under one process, with their command lines."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            parents[int(folder.name)] = (parent, (folder / "cmdline").read_text())
        except OSError:
            continue
    found: dict[int, str] = {}
    wanted = {pid}
    while wanted:
        below = {p: command for p, (parent, command) in parents.items() if parent in wanted}
        wanted = {*below} - {*found}
        found.update(below)
    return found


def lanes_and_servers() -> tuple[list[int], list[int]]:
    below = processes_below(os.getpid())
    lanes = [pid for pid, command in below.items() if "sandbox.lane" in command]
    return lanes, [pid for pid, command in below.items() if "inside.server" in command]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("kind", [0, 1], ids=["lane", "server"])
def test_a_dead_process_is_replaced_and_its_work_done(kind: int) -> None:
    before = {*lanes_and_servers()[kind]}
    with Sandbox(workers=1) as sandbox:
        futures = [sandbox.submit(check) for check in CHECKS]
        futures[0].result()
        victims = {*lanes_and_servers()[kind]} - before
        for victim in victims:
            os.kill(victim, signal.SIGKILL)
        assert all(future.result().reason != "sandbox broken" for future in futures)
        fresh = sandbox.check(Check("1", "f", P, P.replace("2", "7"), "{'x': 5}"))
        assert fresh.verdict == "diverges"
        restarted = sandbox.statistics[("lanes restarted", "servers restarted")[kind]]
        assert 1 <= restarted <= len(victims)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_remains_of_a_closed_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    threads = threading.active_count()
    descriptors = len(os.listdir("/proc/self/fd"))
    processes = {*processes_below(os.getpid())}
    sandbox = Sandbox(workers=2)
    sandbox.check_all(CHECKS)
    rooms = [*tmp_path.iterdir()]
    sandbox.close()
    sandbox.close()
    assert {*processes_below(os.getpid())} <= processes
    assert threading.active_count() == threads
    assert len(os.listdir("/proc/self/fd")) == descriptors
    assert len(rooms) == 1
    assert not [*tmp_path.iterdir()]


def test_the_time_of_all_children_is_counted_once_the_sandbox_is_closed() -> None:
    busy = "def f(x):\n    return sum(range(x))\n# {}"
    for _ in range(6):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        with Sandbox(workers=2) as sandbox:
            jobs = [(busy.format(place), "f", ["{'x': 3_000_000}"] * 2) for place in range(4)]
            used = sum(out.cpu_s for outcomes in sandbox.sweep_all(jobs) for out in outcomes)
        counted = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        assert counted > 0.8 * used  # the rest is time of the kernel


def test_work_that_is_still_open_fails_when_the_sandbox_closes() -> None:
    sandbox = Sandbox(workers=1)
    loop = "def f(x):\n    while True:\n        pass"
    futures = [sandbox.submit(Check("1", "f", P, loop, f"{{'x': {x}}}")) for x in range(30)]
    sandbox.close()
    assert isinstance(futures[-1].exception(), SandboxError)
    with pytest.raises(SandboxError, match="closed"):
        sandbox.run(P, "f", "{'x': 1}")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_everything_ends_when_the_main_process_is_killed() -> None:
    script = (
        "import time; from sandbox import Check, Sandbox\n"
        "s = Sandbox(workers=1); s.run('def f(): return 1', 'f', '{}')\n"
        "loop = 'def f():\\n while True: pass'; s.submit(Check('1', 'f', loop, loop, '{}'))\n"
        "print('ready', flush=True); time.sleep(60)"
    )
    main = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert main.stdout is not None
    main.stdout.readline()
    below = [*processes_below(main.pid)]
    main.kill()
    main.wait()
    main.stdout.close()
    assert below
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in below):
        assert time.monotonic() < deadline
        time.sleep(0.01)


FORKED = """
import os
from sandbox import Sandbox, SandboxError
P = "def f(x): return x * 2"
with Sandbox(workers=1) as sandbox:
    pid = os.fork()
    if pid == 0:
        try:
            sandbox.run(P, "f", "{'x': 1}")
        except SandboxError:
            os._exit(7)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    assert sandbox.run(P, "f", "{'x': 1}").value == "2"
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_copy_cannot_use_the_sandbox() -> None:
    # In a process of its own: jax may run in this one, and a fork of it can deadlock.
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", FORKED], cwd=root, check=True, timeout=60)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"workers": 0}, "workers"),
        ({"policy": "loose"}, "policy"),
        ({"exceptions": "none"}, "exceptions"),
        ({"observe": ["weather"]}, "observe"),
    ],
)
def test_a_wrong_argument_is_named(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(SandboxError, match=message):
        Sandbox(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong", [{"cpu_s": 0}, {"confirm_cpu_s": 0.3}, {"memory_mb": 4096}, {"items": -1}]
)
def test_limits_that_no_verdict_could_rest_on_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SandboxError, match=r"Limits"):
        Limits(**wrong)  # type: ignore[arg-type]
