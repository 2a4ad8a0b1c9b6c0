"""Claims: closed are only programs that reach nothing of their process, nor are reached by it.

Each open program here would show, or change, what came before it in the same child.
"""

import ast

import pytest

from sandbox import Check, Sandbox
from sandbox.closed import is_closed
from sinq_jax.programs.builtin import load_builtin
from sinq_jax.programs.inputs import enumerate_inputs
from sinq_jax.programs.mutation import mutants

CLOSED = (
    "def f(x):\n    total = 0\n    for i, y in enumerate(x):\n        total += y\n    return total",
    "import math\ndef f(x):\n    return math.sqrt(x) + math.pi",
    "from collections import Counter\ndef f(x):\n    return Counter(x).most_common(2)",
    "from functools import lru_cache\n@lru_cache(None)\ndef g(n):\n    return n\ndef f(x):\n"
    "    return g(x)",
    "import re\ndef f(x):\n    return re.sub('a', 'b', x)",
    "def f(x):\n    return sorted(x, key=lambda y: -y)",
    "def f(x):\n    a, b = map(int, x.split())\n    return ''.join(str(c) for c in (a, b))",
    "def f(x):\n    try:\n        return x[0]\n    except (IndexError, KeyError) as e:\n"
    "        return str(e)",
    "def f(x):\n    return '{:.2f} {}'.format(x, x)",
    "def f(x):\n    return x is None or type(x) is int or x in {'a', 'b'}",
    "def f(x):\n    return len(set(x)) == len(x)",
    "from itertools import product\ndef f(x):\n    return [a for a, b in product(x, x)]",
    "def f(x):\n    return max(v for v in x.values())",
)
OPEN = {
    "a class": "class A: pass\ndef f(x):\n    return 1",
    "an attribute that is set": "def f(x):\n    f.x = 1",
    "attributes by name": "def f(x):\n    return getattr(x, 'y')",
    "a private attribute": "def f(x):\n    return x.__class__",
    "the builtins": "def f(x):\n    return __builtins__",
    "builtins of its own": "__builtins__ = {}\ndef f(x):\n    return x",
    "text that is run": "def f(x):\n    return eval(x)",
    "an address": "def f(x):\n    return id(x)",
    "a hash": "def f(x):\n    return hash(x)",
    "a function's text": "def f(x):\n    return str(f)",
    "a function in a list": "def f(x):\n    return [f]",
    "a lambda's text": "def f(x):\n    return str(lambda: 0)",
    "an iterator's text": "def f(x):\n    return str(map(str, x))",
    "an iterator in a text": "def f(x):\n    return f'{reversed(x)}'",
    "an iterator that is kept": "def f(x):\n    y = zip(x, x)\n    return repr(y)",
    "an iterator with a key": "def f(x):\n    return max(map(str, x), zip(x), key=str)",
    "an iterator under another name": "m = map\ndef f(x):\n    return str(m(str, x))",
    "list that means str": "list = str\ndef f(x):\n    return list(map(str, x))",
    "a default in a dict": "def f(x):\n    return str(dict.fromkeys('a', map(str, x)))",
    "reduce that is its own": "def reduce(g, x):\n    return str(g)\ndef f(x):\n"
    "    return reduce(f, x)",
    "a method's text": "def f(x):\n    return str(x.append)",
    "a method in a format": "def f(x):\n    return '{0.append}'.format([])",
    "a format that is not known": "def f(x):\n    return x.format(f)",
    "a decorator of its own": "def d(g):\n    return str(g)\n@d\ndef f(x):\n    return 1",
    "a decorator that shows": "@str\ndef f(x):\n    return 1",
    "the order of a set": "def f(x):\n    return list(set(x))",
    "a set of what is computed": "def f(x):\n    return {y for y in x}",
    "the views of a dict as a set": "def f(x):\n    return list(x.keys() | {1})",
    "identity": "def f(x):\n    return x is x * 1",
    "no memory, survived": "def f(x):\n    try:\n        return [0] * x\n    except Exception:\n"
    "        return 1",
    "no memory by another name": "ValueError = MemoryError\ndef f(x):\n    try:\n"
    "        return [0] * x\n    except ValueError:\n        return 1",
    "code for later": "def f(x):\n    try:\n        yield 1\n    finally:\n        g()",
    "a generator": "def f(x):\n    yield x",
    "a context": "from decimal import getcontext\ndef f(x):\n    getcontext().prec = 3",
    "a register": "from collections.abc import Sized\ndef f(x):\n    Sized.register(x)",
    "a module's text": "import math\ndef f(x):\n    return str(math)",
    "a function of a module": "import re\ndef f(x):\n    return str(re.sub)",
    "a cache that is shown": "from functools import lru_cache\ndef f(x):\n"
    "    return str(lru_cache(None))",
    "a class that is made": "def f(x):\n    t = type(type(x))\n    return t('A', (), {})",
    "all of a module": "from math import *\ndef f(x):\n    return sqrt(x)",
    "the machine": "import sys\ndef f(x):\n    return sys.getrefcount(x)",
}


@pytest.mark.parametrize("source", CLOSED)
def test_ordinary_programs_are_closed(source: str) -> None:
    assert is_closed(ast.parse(source))


@pytest.mark.parametrize("name", OPEN)
def test_what_could_show_or_change_its_process_is_not_closed(name: str) -> None:
    assert not is_closed(ast.parse(OPEN[name]))


def test_taking_turns_gives_the_outcomes_of_children_of_their_own(sandbox: Sandbox) -> None:
    checks, singles = [], []
    for program in load_builtin(1, 12, 0, 0).train:
        for mutant in mutants(program)[:3]:
            for given in enumerate_inputs(program, 4, 1):
                call = (mutant.source, program.entry_point, given)
                assert is_closed(ast.parse(mutant.source))
                checks.append(Check("", program.entry_point, mutant.source, mutant.source, given))
                singles.append(sandbox.run(*call))
    shared = [judged.original for judged in sandbox.check_all(checks)]
    pairs = [(a, b) for a, b in zip(singles, shared, strict=True) if a.status != "timeout"]
    assert len(pairs) > 100
    assert all(
        b and (a.status, a.value, a.error, a.encoding) == (b.status, b.value, b.error, b.encoding)
        for a, b in pairs
    )


def test_what_a_neighbour_uses_up_is_no_outcome_of_a_program(sandbox: Sandbox) -> None:
    harmless = "def f(x):\n    return x + {}"
    greedy = "def f(x):\n    while True:\n        x += 1"
    large = "def f(x):\n    return len([x] * 10**9)"
    programs = [harmless.format(1), greedy, harmless.format(2), large, harmless.format(3)]
    assert all(is_closed(ast.parse(program)) for program in programs)
    judged = sandbox.check_all([Check("", "f", p, p, "{'x': 20061}") for p in programs])
    said = [each.original and each.original.status for each in judged]
    assert said == ["returned", "timeout", "returned", "memory", "returned"]
    assert {each.verdict for each in judged} == {"same"}
