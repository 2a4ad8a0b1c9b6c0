"""A process that puts each layer of the kernel's in place once, to see whether it works here.

Its argument is JSON (see `sandbox.layers`); it prints, as JSON, what each layer failed with: an
empty text where it holds. Each is tried in a fork, because none can be taken back.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from sandbox.inside.kernel import Kernel
from sandbox.inside.namespaces import enter

ADVICE = {
    "EPERM": "needs CAP_SYS_ADMIN, or as another user than root user namespaces",
    "EINVAL": "this kernel does not know it",
    "ENOSYS": "this kernel does not have it",
    "EACCES": "a security module may forbid it",
    "ENOSPC": "this kernel allows no more namespaces: see /proc/sys/user",
}


def main() -> None:
    """Try each layer."""
    given = json.loads(sys.argv[1])
    kernel = Kernel()
    told = {
        "system-calls": _filter(kernel, bytes.fromhex(given["filter"])),
        "landlock": _fault(lambda: _restrict(kernel, given["ruleset"])),
        "network": _fault(lambda: enter(kernel, ("network",), given["room"], given["prefix"])),
        "mounts": _fault(lambda: enter(kernel, ("mounts",), given["room"], given["prefix"])),
    }
    print(json.dumps(told))


def _restrict(kernel: Kernel, ruleset: int | None) -> None:
    if ruleset is None:
        return
    kernel.no_new_privileges()
    kernel.restrict(ruleset)
    try:
        os.listdir("/")
    except PermissionError:
        return
    raise RuntimeError("it is accepted but denies nothing")


def _filter(kernel: Kernel, program: bytes) -> str:
    def install() -> None:
        kernel.no_new_privileges()
        kernel.filter_calls(program)

    def break_it() -> None:
        install()
        os.kill(os.getpid(), 0)

    if not program or (fault := _fault(install)):
        return fault if program else ""
    ended = _end(break_it)[0]
    return "" if ended == -signal.SIGSYS else "it is accepted but stops nothing"


def _fault(attempt: Callable[[], None]) -> str:
    """Return why an attempt fails in a fork of this process, or an empty text."""
    ended, said = _end(attempt)
    return said if ended >= 0 else f"ended by signal {-ended}"


def _end(attempt: Callable[[], Any]) -> tuple[int, str]:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            attempt()
        except OSError as error:
            os.write(writing, _why(error).encode())
        except RuntimeError as error:
            os.write(writing, str(error).encode())
        os._exit(0)
    os.close(writing)
    ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with open(reading, "rb") as told:
        return ended, told.read().decode()


def _why(error: OSError) -> str:
    name = errno.errorcode.get(error.errno or 0, "")
    return f"{error.strerror}; {ADVICE.get(name, name)}"
