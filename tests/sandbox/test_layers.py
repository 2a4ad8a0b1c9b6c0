"""Claims: each layer of protection holds by itself, is demanded or left out by name, and is named.

What a layer stops is shown with the layers above it switched off, down to where nothing is left:
there the same program gets through, so that no layer is credited with another's work.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from sandbox import Outcome, Sandbox, SandboxError
from sandbox.layers import LAYERS, OPTIONAL, library, survey
from tests.sandbox.hostile.program import reaching

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65_534
FORBIDDEN = "made a forbidden system call"
FOUND = {each.layer: each for each in survey()}
READ = "def f(path):\n    return open(path).read()"
CONNECT = """
def f(port):
    connection = __import__('_socket').socket(2, 1)
    connection.connect(('127.0.0.1', port))
    return 'connected'
"""
SIGNAL = reaching("    reach().kill(x, 0)\n    return 'sent'")
FORK = reaching("    return reach().fork() >= 0")
THREAD = """
def f(x):
    thread = __import__('_thread')
    return thread.start_new_thread(print, ()) > 0
"""
LEFT_TO_USER = ("guard", "system-calls", "landlock", "network", "mounts")

needs_all = pytest.mark.skipif(
    any(not each.active for each in survey() if each.layer != "user"),
    reason="this machine lacks layers: python -m sandbox doctor",
)
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give programs a user")


def ask(without: Sequence[str], source: str, given: str) -> Outcome:
    """Return what a program does when the layers named are off."""
    with Sandbox(workers=1, without=without) as sandbox:
        return sandbox.run(source, "f", given)


def said(outcome: Outcome) -> str:
    return f"{outcome.value} {outcome.error}"


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@needs_all
@pytest.mark.parametrize(
    ("without", "expected"),
    [
        ((), "open"),
        (("guard",), "FileNotFoundError"),
        (("guard", "mounts"), "PermissionError"),
        (("guard", "landlock"), "FileNotFoundError"),
        (("guard", "landlock", "mounts"), "127.0.0.1"),
    ],
)
def test_files_are_closed_by_the_guard_by_mounts_and_by_landlock(
    without: tuple[str, ...], expected: str
) -> None:
    assert expected in said(ask(without, READ, "{'path': '/etc/hosts'}"))


@needs_all
@needs_root
@pytest.mark.parametrize(
    ("without", "expected"), [(LEFT_TO_USER, "PermissionError"), (OPTIONAL, "mine")]
)
def test_files_of_root_are_closed_by_the_own_user(
    tmp_path: Path, without: tuple[str, ...], expected: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("mine")
    secret.chmod(0o600)
    assert expected in said(ask(without, READ, repr({"path": str(secret)})))


@needs_all
@pytest.mark.parametrize(
    ("without", "expected"),
    [
        (("guard",), FORBIDDEN),
        (("guard", "system-calls"), "PermissionError"),
        (("guard", "system-calls", "landlock"), "OSError: 101"),
        (("guard", "system-calls", "landlock", "network"), "connected"),
    ],
)
def test_the_network_is_closed_by_the_filter_by_landlock_and_by_a_network_of_its_own(
    without: tuple[str, ...], expected: str, port: int
) -> None:
    assert expected in said(ask(without, CONNECT, repr({"port": port})))


@needs_all
@needs_root
@pytest.mark.parametrize(
    ("without", "expected"),
    [
        (("guard",), FORBIDDEN),
        (("guard", "system-calls", "landlock"), "PermissionError"),
        (("guard", "system-calls", "user"), "PermissionError"),
        (("guard", "system-calls", "landlock", "user"), "sent"),
    ],
)
def test_signals_are_stopped_by_the_filter_by_the_user_and_by_landlock(
    without: tuple[str, ...], expected: str
) -> None:
    assert expected in said(ask(without, SIGNAL, repr({"x": os.getpid()})))


@needs_all
@pytest.mark.parametrize(
    ("without", "expected"),
    [
        (("guard",), "BlockingIOError"),
        pytest.param(("guard", "user"), FORBIDDEN, marks=needs_root),
        pytest.param(("guard", "user", "system-calls"), "forged", marks=needs_root),
    ],
)
def test_processes_are_stopped_by_the_limit_and_where_it_does_not_bind_by_the_filter(
    without: tuple[str, ...], expected: str
) -> None:
    # where nothing stops it, there are two processes with one channel, and two reports
    assert expected in said(ask(without, FORK, "{'x': 1}"))


@needs_all
@pytest.mark.parametrize(
    ("without", "expected"),
    [
        ((), "import of _thread"),
        (("guard",), FORBIDDEN),
        (("guard", "system-calls"), "can't start"),
    ],
)
def test_threads_are_stopped_by_the_guard_by_the_filter_and_by_the_limit(
    without: tuple[str, ...], expected: str
) -> None:
    assert expected in said(ask(without, THREAD, "{'x': 1}"))


@needs_all
def test_programs_see_no_path_but_the_standard_library() -> None:
    look = "[reach().getcwd(), sorted(reach().listdir('/')), reach().listdir('.')]"
    outcome = ask(("guard", "landlock"), reaching(f"    return {look}"), "{'x': 1}")
    assert outcome.value == repr(["/room", sorted([library().split("/")[1], "room"]), []])


@pytest.mark.parametrize("layer", OPTIONAL)
def test_a_layer_is_left_out_by_name_and_the_receipt_says_so(layer: str) -> None:
    with Sandbox(workers=1, without=(layer,)) as sandbox:
        assert layer not in sandbox.layers
        assert sandbox.receipt["layers"] == list(sandbox.layers)
        assert {*sandbox.layers} == {name for name in LAYERS if FOUND[name].active} - {layer}
        assert sandbox.run("def f(x):\n    return x", "f", "{'x': 1}").value == "1"


def test_all_layers_that_work_here_are_used_by_default() -> None:
    with Sandbox(workers=1) as sandbox:
        assert sandbox.layers == tuple(name for name in LAYERS if FOUND[name].active)


def test_a_demanded_layer_that_is_missing_refuses_to_run_and_is_named_with_the_reason() -> None:
    with pytest.raises(SandboxError, match=r"the layer network, got none here \(switched off\)"):
        Sandbox(workers=1, require=("guard", "network"), without=("network",))


def test_a_demanded_layer_that_is_there_runs() -> None:
    with Sandbox(workers=1, require=("limits", "guard")) as sandbox:
        assert {"limits", "guard"} <= {*sandbox.layers}


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"require": ("gurad",)}, "require: expected layers among limits, guard, .*, got 'gurad'"),
        ({"without": ("limits",)}, "without: expected layers among guard, .*, got 'limits'"),
    ],
)
def test_an_unknown_layer_is_one_clear_line(given: dict[str, tuple[str, ...]], line: str) -> None:
    with pytest.raises(SandboxError, match=line):
        Sandbox(workers=1, **given)


def command_line(*words: str, python: Sequence[str] = (sys.executable,), **how: object) -> str:
    """Return what a command of the sandbox prints, its exit status in front."""
    done = subprocess.run(
        [*python, "-m", "sandbox", *words],
        cwd=ROOT,
        env={"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        **how,
    )
    return f"{done.returncode} {done.stdout}{done.stderr}"


def test_the_standard_library_alone_suffices_and_what_is_missing_is_named_with_a_remedy() -> None:
    plain = (sys.executable, "-S")  # without site-packages there are no bindings
    told = command_line("doctor", python=plain)
    assert told.startswith("0 ")
    assert ("no module pyseccomp; pip install pyseccomp" in told) == (sys.platform == "linux")
    refused = command_line("doctor", "--require", "landlock", python=plain)
    assert refused.startswith("2 python -m sandbox: require: expected the layer landlock")
    assert refused.count("\n") == 1


def test_the_doctor_names_every_layer_and_finds_no_probe_that_gets_through() -> None:
    told = command_line("doctor")
    assert told.startswith("0 Python ")
    for name, found in FOUND.items():
        assert f"\n{'yes' if found.active else 'NO':<4} {name} " in told
    if all(found.active for name, found in FOUND.items() if name != "user"):
        assert "NOT stopped" not in told


def other_python() -> str:
    """Return a Python that a user without rights can start here; skip the test without one."""
    for path in (sys.executable, "/usr/bin/python3"):
        code = "import sys, sandbox.layers; assert sys.version_info >= (3, 11)"
        try:
            subprocess.run(
                [path, "-c", code], cwd=ROOT, user=NOBODY, group=NOBODY, check=True, env={}
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return path
    pytest.skip("no Python here that a user without rights can start")


@needs_root
def test_a_normal_user_gets_the_same_layers_except_for_a_user_of_its_own() -> None:
    python = other_python()
    told = command_line(
        "doctor", python=(python,), user=NOBODY, group=NOBODY, extra_groups=[], umask=0o077
    )
    assert told.startswith("0 Python ")
    assert "NO   user " in told
    assert "not started as root" in told
    if "yes  mounts" in told:
        assert "through a user namespace" in told
        assert "probe: a path is looked up                stopped" in told
    assert told.count("stopped (timeout: CPU time)") == 1


@needs_root
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv takes the capabilities")
def test_root_without_capabilities_runs_and_is_told_what_is_missing() -> None:
    bare = ("setpriv", "--inh-caps=-all", "--bounding-set=-all", sys.executable)
    told = command_line("doctor", python=bare)
    assert told.startswith("0 Python ")
    assert "root without CAP_KILL, CAP_SETGID, CAP_SETUID" in told
    assert "needs CAP_SYS_ADMIN" in told
    assert "stopped (timeout: CPU time)" in told


def test_classes_of_ctypes_make_nothing_once_they_are_sealed() -> None:
    code = (
        "from sandbox.inside.kernel import Kernel; Kernel(); import _ctypes\n"
        "for make in (lambda: _ctypes.CFuncPtr(1), lambda: type(_ctypes.Array)('A', (), {}),\n"
        "             lambda: _ctypes.Structure(), lambda: _ctypes._SimpleCData(1)):\n"
        "    try:\n        make()\n"
        "    except TypeError:\n        continue\n"
        "    raise SystemExit('not sealed')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == 0
