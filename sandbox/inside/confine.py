"""The kernel's limits: what a server takes from itself once, and what each child gives up."""

import ctypes
import posix
import sys
from resource import (
    RLIMIT_AS,
    RLIMIT_CORE,
    RLIMIT_CPU,
    RLIMIT_FSIZE,
    RLIMIT_NOFILE,
    RLIMIT_NPROC,
    RLIMIT_STACK,
    getpagesize,
    setrlimit,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38
SIGKILL = 9
STACK_BYTES = 64 << 20
OPEN_FILES = 16
LINUX = sys.platform == "linux"


def _prctl() -> "Callable[[int, int], object]":
    if not LINUX:
        return lambda *_: None
    function = ctypes.CDLL(None).prctl
    function.argtypes = (ctypes.c_int, *[ctypes.c_ulong] * 4)
    return lambda option, value: function(option, value, 0, 0, 0)


prctl = _prctl()


def confine_server(uid: int | None) -> None:
    """Take from this process what neither it nor any of its children needs.

    uid: the user that children change to; the group changes here already.
    """
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_DUMPABLE, 0)  # a child with the same user may not look into the server
    prctl(PR_SET_PDEATHSIG, SIGKILL)
    for what, limit in (
        (RLIMIT_CORE, 0),
        (RLIMIT_FSIZE, 0),
        (RLIMIT_NOFILE, OPEN_FILES),
        (RLIMIT_STACK, STACK_BYTES),
    ):
        _limit(what, limit)
    if uid is not None:
        posix.setgroups([])
        posix.setresgid(uid, uid, uid)


def confine(uid: int | None, space_bytes: int, cpu_s: int) -> None:
    """Give up the user, and set the limits that this process can never raise again."""
    posix.setsid()
    _limit(RLIMIT_NPROC, 0)
    _limit(RLIMIT_AS, space_bytes)
    _limit(RLIMIT_CPU, cpu_s)
    if uid is not None:
        posix.setresuid(uid, uid, uid)
    prctl(PR_SET_PDEATHSIG, SIGKILL)  # after the change of user, which clears it


def _limit(what: int, limit: int) -> None:
    try:
        setrlimit(what, (limit, limit))
    except (ValueError, OSError):
        if LINUX:
            raise
        # other systems lack some limits; `python -m sandbox doctor` says what that leaves open


def address_space() -> int:
    """Return the bytes of address space that this process holds."""
    if not LINUX:
        return 1 << 32
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[0]) * getpagesize()
