"""Waste of time, memory, stack and output."""

from tests.sandbox.hostile.program import Hostile, reaching

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
    Hostile(
        "endless sum in C",
        "nothing in C is asked to stop",
        "import itertools\ndef f(x):\n    return sum(itertools.count())",
        ("timeout",),
    ),
    Hostile(
        "endless search for a member",
        "not even the operators of the language",
        "import itertools\ndef f(x):\n    return -1 in itertools.count()",
        ("timeout",),
    ),
    Hostile(
        "an order that never ends",
        "a sort ends with its process",
        "class A:\n    def __lt__(self, other):\n        while True:\n            pass\n"
        "def f(x):\n    return sorted([A(), A()])",
        ("timeout",),
    ),
    Hostile(
        "a text that doubles",
        "memory is bounded however it is asked for",
        "def f(x):\n    s = 'x'\n    while True:\n        s += s",
        ("memory",),
    ),
    Hostile(
        "a power of a power",
        "one number may be large, and its memory counts",
        "def f(x):\n    return 1 << 10**10",
        ("memory",),
    ),
    Hostile(
        "a number of a million digits",
        "a value that is huge is encoded all the same, without text in decimal",
        "def f(x):\n    return 1 << 3_000_000",
        ("returned", "output"),
    ),
    Hostile(
        "an exception with a huge message",
        "also an error is bounded",
        "def f(x):\n    raise ValueError('x' * 20_000_000)",
        ("raised", "output", "memory", "timeout"),
    ),
    Hostile(
        "brackets a million deep",
        "the compiler is used by programs too",
        "def f(x):\n    return eval('(' * 10**6 + ')' * 10**6)",
        ("raised", "memory", "killed", "timeout"),
    ),
    Hostile(
        "signs a million deep",
        "where its own stack may overflow",
        "def f(x):\n    return eval('-' * 10**6 + '1')",
        ("raised", "memory", "killed", "timeout"),
    ),
    Hostile(
        "classes without end",
        "each costs memory that no list shows",
        "def f(x):\n    a = object\n    while True:\n        a = type('A', (a,), {})",
        ("timeout", "memory"),
    ),
    Hostile(
        "a repetition of everything",
        "a shared value is walked once",
        "def f(x):\n    a = [1]\n    for _ in range(100):\n        a = [a, a]\n    return a",
        ("returned",),
    ),
    Hostile(
        "a wait without computing",
        "wall time is the backstop, and proves nothing",
        reaching(
            "    for d in range(3, 16):\n        try:\n            reach().read(d, 1)\n"
            "        except OSError:\n            pass\n    return 1"
        ),
        ("timeout",),
        "wall time",
    ),
)
