"""Which protections are active on this machine, and which are not and why."""

from __future__ import annotations

import os
import platform
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from sandbox.identity import child_uid
from sandbox.pool import Sandbox

Finding = tuple[str, bool, str]

PROBES = (
    ("files are closed to programs", "def f(): return open('/etc/hostname').read()", "refused"),
    ("processes cannot be started", "def f(): return __import__('os').fork()", "refused"),
    ("memory is bounded", "def f(): return len(bytearray(10**12))", "memory"),
    ("endless loops are stopped", "def f():\n    while True: pass", "timeout"),
    ("leaving without a result is noticed", "LEAVE", "killed"),
)
LEAVE = """
def f():
    for c in object.__subclasses__():
        for g in c.__dict__.values():
            names = getattr(g, "__globals__", {})
            if "_os" in names:
                names["_os"]._exit(0)
"""


def findings() -> Iterator[Finding]:
    """Yield (what, whether it is active, how or why not)."""
    linux = sys.platform == "linux"
    yield "fresh child for every execution", True, "forked from a server that never saw jax"
    yield (
        "CPU clock of the child",
        linux,
        "read from outside" if linux else f"{platform.system()} has none; wall time instead",
    )
    uid = child_uid()
    if uid is not None:
        yield "own user for programs", True, f"uid {uid}"
    elif os.geteuid() == 0:
        yield "own user for programs", False, "root without CAP_SETUID, CAP_SETGID, CAP_KILL"
        yield "no processes and threads", False, "RLIMIT_NPROC does not bind uid 0; the guard does"
    else:
        yield "own user for programs", False, "not started as root; programs share this user"
    yield (
        "no new privileges, death with the parent",
        linux,
        "prctl" if linux else "Linux only",
    )
    yield "system-call filter, file-system and network namespaces", False, "not built in yet"
    readable = uid is None or _readable_by_others(Path(sysconfig.get_path("stdlib")))
    yield (
        "standard library readable for programs",
        readable,
        "for codecs that load late" if readable else "preloaded modules work, rare codecs do not",
    )
    with Sandbox(1) as sandbox:
        for what, source, expected in PROBES:
            text = LEAVE if source == "LEAVE" else source
            seen = sandbox.run(text, "f", "{}").status
            yield what, seen == expected, f"a probe was {seen}"


def report() -> str:
    """Return the findings as lines of text."""
    lines = [f"{'yes' if on else 'NO ':<4} {what}: {how}" for what, on, how in findings()]
    return "\n".join([f"Python {platform.python_version()}, {platform.platform()}", *lines])


def _readable_by_others(path: Path) -> bool:
    return all(each.stat().st_mode & 0o005 == 0o005 for each in (path, *path.parents))
