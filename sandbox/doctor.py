"""Which protections are active on this machine, which are not and why, and what they stop."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from sandbox.layers import LAYERS
from sandbox.pool import Sandbox
from sandbox.records import Limits

Line = tuple[str, str, str]
SYSTEM = """
def system():
    for c in object.__subclasses__():
        for g in c.__dict__.values():
            names = getattr(g, "__globals__", {})
            if "_os" in names:
                return names["_os"]
"""
STOPPED = ("refused", "killed", "raised")
PROBES = (
    ("a file is read", "def f(): return open('/etc/hostname').read()", STOPPED),
    ("a path is looked up", f"{SYSTEM}def f(): return system().stat('/etc/hostname')", STOPPED),
    ("a socket is opened", "def f(): return __import__('_socket').socket()", STOPPED),
    ("a process is started", f"{SYSTEM}def f(): return system().fork()", STOPPED),
    ("the parent is killed", f"{SYSTEM}def f(): system().kill(system().getppid(), 9)", STOPPED),
    ("the machine is asked for its name", f"{SYSTEM}def f(): return system().uname()", STOPPED),
    ("memory without end is taken", "def f(): return len(bytearray(10**12))", ("memory",)),
    ("a loop never ends", "def f():\n    while True: pass", ("timeout",)),
    ("a process leaves without a result", f"{SYSTEM}def f(): system()._exit(0)", ("killed",)),
)
MAX_SAID = 60
PROBE_LIMITS = Limits(cpu_s=0.1, confirm_cpu_s=0.4, memory_mb=64)


def report(require: Sequence[str] = (), without: Sequence[str] = ()) -> str:
    """Return, as lines of text, what is active with these layers and what probes of it found.

    Raises SandboxError when a demanded layer is missing.
    """
    with Sandbox(2, PROBE_LIMITS, require=require, without=without) as sandbox:
        lines = [*_layers(sandbox), *_process(), *_probes(sandbox)]
    width = max(len(what) for _, what, _ in lines)
    head = f"Python {platform.python_version()}, {platform.platform()}, {_user()}"
    return "\n".join([head, *(f"{mark:<4} {what:<{width}}  {how}" for mark, what, how in lines)])


def _user() -> str:
    return "root" if os.geteuid() == 0 else f"uid {os.geteuid()}"


def _layers(sandbox: Sandbox) -> Iterator[Line]:
    for each in sandbox.findings:
        told = f"{each.how}: {LAYERS[each.layer]}" if each.active else each.how
        yield "yes" if each.active else "NO", each.layer, told
    if "user" not in sandbox.layers and os.geteuid() == 0 and "system-calls" not in sandbox.layers:
        yield "NO", "no processes", "RLIMIT_NPROC does not bind root: only the guard forbids them"


def _process() -> Iterator[Line]:
    linux = sys.platform == "linux"
    yield "yes", "fresh child", "for every execution, forked from a server that never saw jax"
    name = platform.system()
    clock = "read from outside" if linux else f"{name} has none of another process; wall time"
    yield "yes" if linux else "NO", "CPU clock of the child", clock
    death = "prctl" if linux else f"{name} has no such thing; a child may outlive its server"
    yield "yes" if linux else "NO", "death with the parent", death


def _probes(sandbox: Sandbox) -> Iterator[Line]:
    with ThreadPoolExecutor(4) as pool:
        outcomes = pool.map(lambda probe: sandbox.run(probe[1], "f", "{}"), PROBES)
        for (what, _, expected), seen in zip(PROBES, outcomes, strict=True):
            stopped = seen.status in expected
            mark, word = ("yes", "stopped") if stopped else ("NO", "NOT stopped")
            said = f"{seen.status}: {seen.value or seen.error}"[:MAX_SAID]
            yield mark, f"probe: {what}", f"{word} ({said})"
