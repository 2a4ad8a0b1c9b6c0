"""Pairs of programs whose verdicts are known beforehand: harmless and hostile ones to draw from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from sandbox import Check, Limits
from sandbox.doctor import SYSTEM

HOSTILE_SHARE = 0.12
# Few enough that what the sandbox remembers is soon full: then memory has no reason to grow.
NUMBERS = 24
TRACE = "/tmp/sandbox-soak-was-here"

# Under these the verdicts hold: lists of 40,000 numbers are too large, and no loop takes long.
LIMITS = Limits(cpu_s=0.1, confirm_cpu_s=0.5, output_bytes=100_000)
HARMLESS = "def f(x):\n    return x"


@dataclass(frozen=True)
class Known:
    """A check, the verdict that is right for it, and a name for its kind."""

    check: Check
    verdict: str
    kind: str


@dataclass(frozen=True)
class _Hostile:
    """What a hostile variant does, and the verdict on it against an original."""

    kind: str
    variant: str
    verdict: str
    original: str = HARMLESS


def _reaching(body: str) -> str:
    return f"{SYSTEM}\ndef f(x):\n    {body}\n    return x"


HOSTILE = (
    _Hostile("endless loop", "def f(x):\n    while True: pass", "diverges"),
    _Hostile("endless in C", "def f(x):\n    return 10 ** 10 ** 8", "diverges"),
    _Hostile(
        "two endless loops", "def f(x):\n    while True: pass", "same", "def f(x):\n    while x: x"
    ),
    _Hostile("memory bomb", "def f(x):\n    return bytes(10**12)", "diverges"),
    # In pieces that no page is touched of: one that fills memory would come near the limit of time.
    _Hostile(
        "memory bomb in pieces",
        "def f(x):\n    a = []\n    while 1: a.append(bytes(1 << 22))",
        "diverges",
    ),
    _Hostile("endless recursion", "def f(x):\n    return f(x)", "diverges"),
    _Hostile(
        "huge results",
        "def f(x):\n    return [x] * 40_000",
        "unstable",
        "def f(x):\n    return [-x] * 40_000",
    ),
    _Hostile("endless output", "def f(x):\n    while 1: print('x' * 9999)", "diverges"),
    _Hostile("forbidden import", "import os\ndef f(x):\n    os._exit(0)", "unstable"),
    _Hostile("thread", "import threading\ndef f(x):\n    return x", "unstable"),
    _Hostile("chance", "import random\ndef f(x):\n    return random.random()", "unstable"),
    _Hostile("exit", _reaching("system()._exit(0)"), "unstable"),
    _Hostile("suicide", _reaching("system().kill(system().getpid(), 9)"), "unstable"),
    _Hostile("murder of the parent", _reaching("system().kill(system().getppid(), 9)"), "unstable"),
    _Hostile("fork bomb", _reaching("while True: system().fork()"), "unstable"),
    _Hostile("file", _reaching(f"open({TRACE!r}, 'w').write('x')"), "unstable"),
    _Hostile("closed descriptors", _reaching("system().closerange(0, 64)"), "unstable"),
    _Hostile(
        "equal to everything",
        "class E:\n    def __eq__(s, o): return True\ndef f(x):\n    return E()",
        "diverges",
    ),
    _Hostile(
        "replaced builtins",
        "import builtins\nbuiltins.repr = builtins.type = None\ndef f(x):\n    return x",
        "same",
    ),
)


def _shifted(rng: Random) -> tuple[str, str, str]:
    a, b = rng.randrange(NUMBERS), rng.randrange(NUMBERS)
    programs = f"def f(x):\n    return x + {a}", f"def f(x):\n    y = x\n    return y + {b}"
    return (*programs, "same" if a == b else "diverges")


def _summed(rng: Random) -> tuple[str, str, str]:
    n = rng.randrange(1, NUMBERS)
    original = f"def f(x):\n    return sum(range({n}))"
    variant = "def f(x):\n    t = 0\n    for i in range({}):\n        t += i\n    return t"
    longer = rng.random() < 0.5
    return original, variant.format(n + longer), "diverges" if longer else "same"


def _raised(rng: Random) -> tuple[str, str, str]:
    a, b = rng.randrange(3), rng.randrange(3)
    program = "def f(x):\n    raise ValueError('no', {})"
    return program.format(a), program.format(b), "same" if a == b else "diverges"


def _collected(rng: Random) -> tuple[str, str, str]:
    items = rng.sample(range(NUMBERS), 4)
    original = f"def f(x):\n    return {{'s': set({items}), 'l': [{items[0]}] * 3}}"
    turned = f"def f(x):\n    return {{'l': [{items[0]}] * 3, 's': set({items[::-1]})}}"
    return original, turned, "same"


def _imported(rng: Random) -> tuple[str, str, str]:
    n = rng.randrange(NUMBERS)
    original = f"import math\ndef f(x):\n    return math.gcd(12, {n})"
    variant = f"from collections import Counter\ndef f(x):\n    return Counter([12, {n}])[12]"
    divisors = [d for d in range(1, 13) if 12 % d == 0 and n % d == 0]
    return original, variant, "same" if max(divisors) == 1 + (n == 12) else "diverges"


def _invalid(rng: Random) -> tuple[str, str, str]:
    wrong = ("def f(y):\n    return y", "def g(x):\n    return x", "def f(x:\n    return x")
    return HARMLESS, rng.choice(wrong), "invalid"


HARMLESS_KINDS: tuple[Callable[[Random], tuple[str, str, str]], ...] = (
    _shifted,
    _summed,
    _raised,
    _collected,
    _imported,
    _invalid,
)


def draw(rng: Random, number: int) -> Known:
    """The next pair, named after its number; the same state of ``rng`` gives the same pair."""
    if rng.random() < HOSTILE_SHARE:
        hostile = rng.choice(HOSTILE)
        original, variant = hostile.original, hostile.variant
        verdict, kind = hostile.verdict, hostile.kind
    else:
        make = rng.choice(HARMLESS_KINDS)
        original, variant, verdict = make(rng)
        kind = make.__name__.strip("_")
    given = f"{{'x': {rng.randrange(1, NUMBERS)}}}"
    return Known(Check(str(number), "f", original, variant, given), verdict, kind)
