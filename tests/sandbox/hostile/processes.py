"""Processes, threads, signals and ends without a result."""

from tests.sandbox.hostile.program import Hostile, reaching

PROCESSES = (
    Hostile(
        "fork",
        "a second process would outlive the limits of the first",
        reaching("    return reach().fork()"),
        ("refused",),
        "os.fork",
    ),
    Hostile(
        "fork bomb",
        "the host must stay usable",
        reaching("    while True:\n        reach().fork()"),
        ("refused",),
    ),
    Hostile(
        "kill the parent",
        "whoever judges must not be reachable",
        reaching("    posix = reach()\n    posix.kill(posix.getppid(), 9)"),
        ("refused",),
        "os.kill",
    ),
    Hostile(
        "kill everything",
        "nothing else on the machine may be reachable",
        reaching("    reach().kill(-1, 9)"),
        ("refused",),
    ),
    Hostile(
        "kill the process group",
        "the group is the child's own",
        reaching("    reach().killpg(0, 9)"),
        ("refused",),
    ),
    Hostile(
        "exec another program",
        "nothing else may run in the child's place",
        reaching("    posix = reach()\n    posix.execv('/bin/true', ['true'])"),
        ("refused",),
    ),
    Hostile(
        "a thread",
        "threads would run on after the call, and make results depend on time",
        "import sys\ndef f(x):\n    import _thread",
        ("refused",),
        "import of _thread",
    ),
    Hostile(
        "a thread through a loader",
        "loaders are closed too: not every door has an event of its own",
        "import builtins\ndef f(x):\n"
        "    m = builtins.__loader__.load_module('_thread')\n"
        "    m.start_new_thread(print, ())\n    return 1",
        ("refused",),
    ),
    Hostile(
        "leave without a word",
        "an end is no result",
        reaching("    reach()._exit(0)"),
        ("killed",),
        "without a result",
    ),
    Hostile("abort", "nor is a crash", reaching("    reach().abort()"), ("killed",)),
)
