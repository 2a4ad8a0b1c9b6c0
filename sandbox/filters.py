"""The rules that the kernel holds programs to, built with bindings that are only used here.

A filter of system calls becomes the bytes of its program, a Landlock ruleset a descriptor. Both are
made in your process and only installed in the servers, so no binding is ever loaded there.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
import tempfile
from functools import cache
from types import ModuleType
from typing import Any

MACHINES = ("x86_64", "aarch64")
CLONE_PLAIN = 17  # SIGCHLD alone: a process, neither a thread nor a namespace
CLONE_HARMLESS = 0x01200000  # CLONE_CHILD_SETTID and CLONE_CHILD_CLEARTID: what fork adds
PR_SET_PDEATHSIG = 1
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
PROT_EXEC = 4
INT = 0xFFFFFFFF
SIGKILL = 9
TCGETS, FIOCLEX = 0x5401, 0x5451
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
OPTIMIZE_AS_TREE = 2

MEMORY = ("brk", "madvise", "mremap", "munmap")
CHANNEL = ("getsockname", "getsockopt", "read", "recvfrom", "recvmsg", "sendto", "write")
FILES = (
    "close",
    "fstat",
    "getcwd",
    "getdents64",
    "lseek",
    "lstat",
    "newfstatat",
    "pread64",
    "readlink",
    "readlinkat",
    "stat",
    "statx",
)
CLOCK = ("clock_getres", "clock_gettime", "gettimeofday", "time")
ITSELF = (
    "exit",
    "exit_group",
    "futex",
    "getegid",
    "geteuid",
    "getgid",
    "getpid",
    "getppid",
    "getrandom",
    "gettid",
    "getuid",
    "restart_syscall",
    "rseq",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "sched_yield",
    "set_robust_list",
    "sigaltstack",
)
SERVER = ("fork", "setresuid", "setsid", "wait4", "waitid")
ALLOWED = (*MEMORY, *CHANNEL, *FILES, *CLOCK, *ITSELF, *SERVER)
Rule = tuple[int, int, int]
ONLY_WITH: tuple[tuple[str, *tuple[Rule, ...]], ...] = (
    # the call, then for each argument that matters: its number, the bits looked at, their value
    ("mmap", (2, PROT_EXEC, 0)),
    ("mprotect", (2, PROT_EXEC, 0)),
    ("openat", (2, WRITING, 0)),
    ("open", (1, WRITING, 0)),
    ("clone", (0, INT & ~CLONE_HARMLESS, CLONE_PLAIN)),
    ("prlimit64", (0, INT, 0)),
    ("prctl", (0, INT, PR_SET_PDEATHSIG), (1, INT, SIGKILL)),
    ("prctl", (0, INT, PR_SET_SECCOMP), (1, INT, SECCOMP_MODE_FILTER)),  # to forbid yet more
    ("ioctl", (1, INT, TCGETS)),
    ("ioctl", (1, INT, FIOCLEX)),
)
STARTING_PROCESSES = ("clone", "clone3", "fork", "vfork")


class MissingError(Exception):
    """A binding or what it needs is not here; the message says why and what to do."""


def _binding(name: str) -> ModuleType:
    if sys.platform != "linux":
        raise MissingError(f"{platform.system()} has nothing of the kind")
    try:
        return importlib.import_module(name)
    except ImportError:
        raise MissingError(f"no module {name}; pip install {name}") from None
    except RuntimeError:  # what pyseccomp raises without the library that it speaks to
        raise MissingError("no libseccomp; apt-get install libseccomp2") from None


@cache
def system_calls() -> bytes:
    """Return the filter of a server and its children: what is not allowed ends the process.

    Files are opened for reading only, memory is never made executable, processes are plain (no
    threads, no namespaces), limits are set for oneself alone; signals, sockets, sleeping and other
    programs are not there at all. Raises MissingError.
    """
    calls = _calls()
    built = calls.SyscallFilter(calls.KILL_PROCESS)
    built.set_attr(calls.Attr.CTL_OPTIMIZE, OPTIMIZE_AS_TREE)
    for name in ALLOWED:
        if calls.resolve_syscall(calls.Arch.NATIVE, name) >= 0:  # not every machine has them all
            built.add_rule(calls.ALLOW, name)
    for name, *rules in ONLY_WITH:
        if calls.resolve_syscall(calls.Arch.NATIVE, name) >= 0:
            built.add_rule(calls.ALLOW, name, *[_rule(calls, *rule) for rule in rules])
    return _program(built)


def _rule(calls: Any, argument: int, mask: int, value: int) -> Any:
    return calls.Arg(argument, calls.MASKED_EQ, mask, value)


@cache
def no_processes() -> bytes:
    """Return a filter that only ends whoever starts a process; raises MissingError."""
    calls = _calls()
    built = calls.SyscallFilter(calls.ALLOW)
    for name in STARTING_PROCESSES:
        if calls.resolve_syscall(calls.Arch.NATIVE, name) >= 0:
            built.add_rule(calls.KILL_PROCESS, name)
    return _program(built)


def _calls() -> Any:
    calls = _binding("pyseccomp")
    if platform.machine() not in MACHINES:
        raise MissingError(f"no list of calls for {platform.machine()}, only for {MACHINES}")
    return calls


def _program(built: Any) -> bytes:
    with tempfile.TemporaryFile() as file:
        built.export_bpf(file)
        file.seek(0)
        return file.read()


def landlock(library: str) -> Any:
    """Return a ruleset with its descriptor (`fileno`, `close`); raises MissingError.

    Below library, files may be read; nothing else of files, TCP, and of the abstract sockets and
    the processes outside is left, as far as the kernel knows how to deny it.
    """
    lock = _binding("landlockpy")
    try:
        ruleset = lock.Ruleset(scoped=lock.Scope.ABSTRACT_UNIX_SOCKET | lock.Scope.SIGNAL)
    except (lock.LandlockError, OSError) as error:
        raise MissingError(f"the kernel refuses: {error}; it needs Linux 5.13 or later") from None
    ruleset.allow_path(library, lock.AccessFS.READ_FILE | lock.AccessFS.READ_DIR)
    return ruleset
