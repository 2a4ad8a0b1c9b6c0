"""Processes, threads, signals and ends without a result."""

from tests.sandbox.hostile.program import Hostile, reaching

PROCESSES = (
    Hostile(
        "fork",
        "a second process would outlive the limits of the first",
        reaching("    return reach().fork()"),
        ("refused",),
        "os.fork",
        without={"guard": ("raised", "BlockingIOError")},
    ),
    Hostile(
        "fork bomb",
        "the host must stay usable",
        reaching("    while True:\n        reach().fork()"),
        ("refused",),
        without={"guard": ("raised", "BlockingIOError")},
    ),
    Hostile(
        "kill the parent",
        "whoever judges must not be reachable",
        reaching("    posix = reach()\n    posix.kill(posix.getppid(), 9)"),
        ("refused",),
        "os.kill",
        without={"guard": ("killed", "forbidden system call")},
    ),
    Hostile(
        "kill everything",
        "nothing else on the machine may be reachable",
        reaching("    reach().kill(-1, 9)"),
        ("refused",),
        without={"guard": ("killed", "forbidden system call")},
    ),
    Hostile(
        "kill the process group",
        "the group is the child's own",
        reaching("    reach().killpg(0, 9)"),
        ("refused",),
        without={"guard": ("killed", "forbidden system call")},
    ),
    Hostile(
        "exec another program",
        "nothing else may run in the child's place",
        reaching("    posix = reach()\n    posix.execv('/bin/true', ['true'])"),
        ("refused",),
        without={"guard": ("killed", "forbidden system call")},
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
        without={"guard": ("killed", "forbidden system call")},
    ),
    Hostile(
        "leave without a word",
        "an end is no result",
        reaching("    reach()._exit(0)"),
        ("killed",),
        "without a result",
    ),
    Hostile("abort", "nor is a crash", reaching("    reach().abort()"), ("killed",)),
    Hostile(
        "stop oneself",
        "a stopped process computes nothing, and is not waited for",
        reaching("    posix = reach()\n    posix.kill(posix.getpid(), 19)"),
        ("refused",),
        "os.kill",
        without={"guard": ("killed", "forbidden system call")},
    ),
    Hostile(
        "kill the server by its thread",
        "by any call",
        "import builtins\ndef f(x):\n"
        "    builtins.__loader__.load_module('_signal').pthread_kill(1, 9)",
        ("refused",),
        without={"guard": ("killed", "signal")},
    ),
    Hostile(
        "an alarm for later",
        "signals are closed in both directions",
        "import builtins\ndef f(x):\n"
        "    m = builtins.__loader__.load_module('_signal')\n"
        "    m.setitimer(0, 0.01)\n    return 1",
        ("refused",),
        without={"guard": ("killed", "forbidden system call")},
    ),
    Hostile(
        "spawn another program",
        "no other way starts one",
        reaching("    return reach().posix_spawn('/bin/true', ['true'], {})"),
        ("refused",),
        "os.posix_spawn",
        without={"guard": ("killed", "forbidden system call")},
    ),
    Hostile(
        "a stack overflow in C",
        "a crash is no result",
        "import itertools\ndef f(x):\n    a = iter(())\n    for _ in range(10**6):\n"
        "        a = itertools.chain(a, ())\n    return list(a)",
        ("killed", "memory", "timeout"),
    ),
)
