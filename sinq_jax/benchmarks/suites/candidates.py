"""From a completion to a program: what it says is cut out, completed, and made steady."""

import ast

from sandbox.syntax import parse
from sinq_jax.benchmarks.suites.answers import before_stops, blocks

STOPS = ("\nclass ", "\ndef ", "\n#", "\nif ", "\nprint(", "\n```")
"""Where a completion of a function ends. Source: M. Chen et al. (2021), section 2.3, whose list has
``class``, ``def``, ``#``, ``if`` and ``print``; the fence is ours."""

_RANDOM = '''
class _SteadyRandom:
    """A generator of numbers that begins the same in every run."""

    def __init__(self, seed=0):
        self.seed(seed)

    def seed(self, value=0):
        self._state = value if isinstance(value, int) else 0

    def random(self):
        # The constants of Knuth's MMIX generator, of which the upper bits are used.
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self._state >> 11) / 2**53

    def randint(self, a, b):
        return a + int(self.random() * (b - a + 1))

    def randrange(self, start, stop=None, step=1):
        numbers = range(start) if stop is None else range(start, stop, step)
        return numbers[int(self.random() * len(numbers))]

    def uniform(self, a, b):
        return a + (b - a) * self.random()

    def choice(self, items):
        return items[int(self.random() * len(items))]

    def shuffle(self, items):
        for i in reversed(range(1, len(items))):
            j = self.randint(0, i)
            items[i], items[j] = items[j], items[i]

    def sample(self, items, k):
        drawn = list(items)
        self.shuffle(drawn)
        return drawn[:k]


_SteadyRandom.Random = _SteadyRandom
_steady_random = _SteadyRandom()
'''


def completed(prompt: str, completion: str, entry_point: str) -> str:
    """The program that a completion of ``prompt`` means.

    A fenced block (the first that defines ``entry_point``, else the first) or a text that defines
    it is a whole program, before which comes what ``prompt`` says ahead of that function, unless
    it begins so: imports and functions that it may call. Anything else goes on where ``prompt``
    ends, up to a stop.
    """
    found = blocks(completion)
    wholes = [each for each in [*found, completion] if _defines(each, entry_point)]
    if wholes:
        ahead = _ahead(prompt, entry_point)
        return wholes[0] if wholes[0].startswith(ahead) else ahead + wholes[0]
    return prompt + before_stops(found[0] if found else completion, STOPS)


def steady(source: str) -> str:
    """``source`` with a generator of fixed seed in the place of the module ``random``.

    The sandbox refuses programs that import ``random``, since their results would be luck. Some
    published tests and one canonical solution do; so do candidates, and they deserve the same. What
    does not import it, or is no Python, comes back as it is.
    """
    try:
        tree = parse(source)
    except SyntaxError:
        return source
    swap = _RandomSwap()
    swapped = swap.visit(tree)
    return _RANDOM + ast.unparse(ast.fix_missing_locations(swapped)) if swap.found else source


class _RandomSwap(ast.NodeTransformer):
    """Imports of ``random`` become assignments from the steady generator."""

    found = False

    def visit_Import(self, node: ast.Import) -> ast.stmt | list[ast.stmt]:
        ours = [each for each in node.names if each.name == "random"]
        if not ours:
            return node
        self.found = True
        others = [each for each in node.names if each.name != "random"]
        kept: list[ast.stmt] = [ast.Import(others)] if others else []
        names = [each.asname or each.name for each in ours]
        return [*kept, *(_assigned(name, "_steady_random") for name in names)]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt | list[ast.stmt]:
        if node.module != "random" or node.level or any(each.name == "*" for each in node.names):
            return node
        self.found = True
        return [
            _assigned(each.asname or each.name, f"_steady_random.{each.name}")
            for each in node.names
        ]


def _assigned(name: str, value: str) -> ast.stmt:
    return ast.parse(f"{name} = {value}").body[0]


def _defines(source: str, name: str) -> bool:
    try:
        tree = parse(source)
    except SyntaxError:
        return False
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name
        for node in tree.body
    )


def _ahead(prompt: str, entry_point: str) -> str:
    """What a prompt that ends in the beginning of ``entry_point`` says before it."""
    ahead, found, _ = prompt.partition(f"def {entry_point}(")
    return ahead if found and _parses(ahead) else ""


def _parses(source: str) -> bool:
    try:
        parse(source)
    except SyntaxError:
        return False
    return True
