"""Waste of time, memory, stack and output."""

from tests.sandbox.hostile.program import Hostile

RESOURCES = (
    Hostile(
        "endless loop",
        "CPU time is bounded",
        "def f(x):\n    while True:\n        pass",
        ("timeout",),
    ),
    Hostile(
        "endless loop that catches everything",
        "the limit is a kill, not an exception",
        "def f(x):\n    while True:\n        try:\n            while True:\n                pass\n"
        "        except BaseException:\n            pass",
        ("timeout",),
    ),
    Hostile(
        "endless loop in C",
        "no interpreter check runs there",
        "def f(x):\n    return 10 ** 10 ** 8",
        ("timeout",),
    ),
    Hostile(
        "endless regular expression",
        "nor there",
        "import re\ndef f(x):\n    return re.match('(a+)+b', 'a' * 60)",
        ("timeout",),
    ),
    Hostile(
        "endless loop while the module loads",
        "the limit covers the definitions too",
        "def f(x):\n    return 1\nwhile True:\n    pass",
        ("timeout",),
    ),
    Hostile(
        "endless destructor",
        "and the end of objects",
        "class D:\n    def __del__(self):\n        while True:\n            pass\n"
        "def f(x):\n    D()\n    return 1",
        ("timeout",),
    ),
    Hostile(
        "endless generator body",
        "and what the harness does with the result",
        "def f(x):\n    yield 1\n    while True:\n        pass",
        ("timeout",),
    ),
    Hostile(
        "memory bomb",
        "memory is bounded",
        "def f(x):\n    a = []\n    while True:\n        a.append(bytes(10**6))",
        ("memory",),
    ),
    Hostile("one huge object", "also at once", "def f(x):\n    return bytes(10**12)", ("memory",)),
    Hostile(
        "memory bomb that catches MemoryError",
        "catching it buys no more memory and no more time",
        "def f(x):\n    a = []\n    while True:\n        try:\n            a.append(bytes(10**6))\n"
        "        except MemoryError:\n            pass",
        ("timeout",),
    ),
    Hostile(
        "output bomb",
        "what is printed goes nowhere",
        "def f(x):\n    while True:\n        print('x' * 10**6)",
        ("timeout",),
    ),
    Hostile(
        "a result too large",
        "a report is bounded",
        "def f(x):\n    return [str(i) * 50 for i in range(400_000)]",
        ("output", "timeout", "memory"),
    ),
    Hostile(
        "an endless result",
        "iterators are looked at up to a bound",
        "def f(x):\n    while True:\n        yield x",
        ("returned",),
    ),
    Hostile(
        "deep recursion",
        "ends as the exception it is",
        "def f(x):\n    return f(x)",
        ("raised",),
        "RecursionError",
    ),
    Hostile(
        "deep recursion without a limit",
        "the stack is bounded too",
        "import sys\ndef f(x):\n    sys.setrecursionlimit(10**9)\n    return f(x)",
        ("timeout", "memory", "killed"),
    ),
    Hostile(
        "deep recursion through C",
        "an overflow of the C stack is a crash where Python does not prevent it",
        "import sys\ndef f(x):\n    sys.setrecursionlimit(10**9)\n"
        "    return sorted([1, 2], key=lambda _: f(x))",
        ("killed", "memory", "timeout", "raised"),
    ),
    Hostile(
        "a very deep result",
        "what is nested too deep has no encoding",
        "def f(x):\n    a = []\n    for _ in range(10**5):\n        a = [a]\n    return a",
        ("returned", "timeout"),
    ),
)
