"""What a server takes from itself once, and what each child gives up.

Nearly everything here is inherited, so it costs a child nothing: namespaces, files, the filter of
system calls, most limits. A child only adds what its server could not do without.
"""

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

from sandbox.inside.kernel import Kernel
from sandbox.inside.namespaces import enter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

STACK_BYTES = 64 << 20
OPEN_FILES = 16
LINUX = sys.platform == "linux"


def lock_down(config: "dict[str, Any]") -> "Callable[[int, int], None]":
    """Take from this process what neither it nor any of its children needs; raise OSError.

    Returns what a child does before it runs a program: give up the user, and set the limits that
    it can never raise again (bytes of address space, seconds of CPU time). It leads to calls of
    the kernel, so the child must drop it afterwards.
    """
    uid: int | None = config["uid"]
    kernel = Kernel() if LINUX else None
    if kernel is not None:
        enter(kernel, config["layers"], config["room"], config["prefix"])
        kernel.no_new_privileges()
        kernel.close_to_others()
        kernel.die_with_parent()
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
    if kernel is not None:
        _restrict(kernel, config, uid)
    return _child(kernel, uid, config["child_filter"])


def _restrict(kernel: "Kernel", config: "dict[str, Any]", uid: int | None) -> None:
    if uid is None:
        kernel.drop_capabilities()  # another user has none, so its children lose them by the change
    if config["ruleset"] is not None:
        kernel.restrict(config["ruleset"])
        posix.close(config["ruleset"])
    if config["filter"]:
        kernel.filter_calls(config["filter"])


def _child(
    kernel: "Kernel | None", uid: int | None, child_filter: bytes
) -> "Callable[[int, int], None]":
    def confine(space_bytes: int, cpu_s: int) -> None:
        posix.setsid()
        _limit(RLIMIT_NPROC, 0)
        _limit(RLIMIT_AS, space_bytes)
        _limit(RLIMIT_CPU, cpu_s)
        if uid is not None:
            posix.setresuid(uid, uid, uid)
        if kernel is not None:
            kernel.die_with_parent()  # after the change of user, which undoes it
            if child_filter:
                kernel.filter_calls(child_filter)

    return confine


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
