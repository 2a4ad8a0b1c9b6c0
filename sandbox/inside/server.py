"""The server: a warm, tiny process that forks one child for every job.

It is started by exec from a clean interpreter, preloads the modules of its tier and then only ever
forwards the socket of a job to a fresh child. Programs, inputs and results never pass through its
memory, so no child can find those of another there.

Control socket: a byte with a file descriptor starts a job; 8 bytes with the child's pid come back, and
8 bytes with how it ended (exit code, or minus the signal). The child stays a zombie until the next
job starts, so its pid cannot name another process while the trusted side may still kill it.
"""

import _warnings
import ctypes
import gc
import posix
import resource
import sys
from _socket import SCM_RIGHTS, SOL_SOCKET, socket

from sandbox.inside import child, guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38
SIGKILL = 9
HIDDEN = (
    "_ctypes _imp _io _posixsubprocess _signal _socket _thread ctypes gc genericpath importlib marshal nt "
    "ntpath os os.path posix posixpath random _random resource signal stat zipimport"
).split()
LINUX = sys.platform == "linux"


def main() -> None:
    """Serve the control socket, whose descriptor is the first argument, until it closes.

    Second argument: the folder that children start in. The others: modules to preload.
    """
    control = socket(fileno=int(sys.argv[1]))
    posix.chdir(sys.argv[2])
    for name in sys.argv[3:]:
        __import__(name)
    prctl = ctypes.CDLL(None).prctl if LINUX else _nothing
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    _warnings.filters[:] = [("ignore", None, Warning, None, 0)]
    for name in HIDDEN:
        sys.modules.pop(name, None)
    sys.argv[:] = [""]
    sys.path[:] = [each for each in sys.path if each.startswith(sys.base_prefix)]
    names = guard.private_builtins()
    base_bytes = _address_space()
    gc.collect()
    gc.freeze()
    gc.disable()
    _serve(control, names, lambda: prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), base_bytes)


def _serve(
    control: socket, names: "Any", die_with_parent: "Callable[[], object]", base_bytes: int
) -> None:
    previous = 0
    while True:
        message, attached, _, _ = control.recvmsg(1, 64)
        if previous:
            posix.waitpid(previous, 0)
        if not message:
            return
        descriptors = [d for level, kind, d in attached if (level, kind) == (SOL_SOCKET, SCM_RIGHTS)]
        job = int.from_bytes(descriptors[0][:4], sys.byteorder)
        previous = posix.fork()
        if previous == 0:
            control.close()
            child.serve(socket(fileno=job), names, die_with_parent, base_bytes)
        posix.close(job)
        control.send(previous.to_bytes(8, "little"))
        end = posix.waitid(posix.P_PID, previous, posix.WEXITED | posix.WNOWAIT)
        how = end.si_status if end.si_code == posix.CLD_EXITED else -end.si_status
        control.send(how.to_bytes(8, "little", signed=True))


def _address_space() -> int:
    """Return the bytes of address space that this process holds before any program ran."""
    if not LINUX:
        return 1 << 30
    with open("/proc/self/statm", "rb") as file:
        pages = int(file.read().split()[0])
    return pages * resource.getpagesize()


def _nothing(*ignored: object) -> None: ...
