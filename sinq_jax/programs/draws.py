"""Random values of a kind: small ones, near the constants of the program that will get them."""

from collections.abc import Callable
from random import Random

from sandbox.hints import Hints
from sinq_jax.programs.kinds import ANY, CONTAINERS, kind_parts

INT_RANGE = (-9, 9)
ELEMENT_RANGE = (-3, 9)
# Length 0 is one value, the lengths above are many: weights of the lengths 0, 1, 2, 3, 4.
LENGTH_WEIGHTS = (1, 3, 4, 4, 4)
HINT_SHARE = 0.25


def draw_value(kind: str, rng: Random, hints: Hints) -> object:
    """A value of ``kind``; a whole number is a hint or its neighbour one time in four."""
    return _draw(kind, rng, hints, depth=0)


def _draw(kind: str, rng: Random, hints: Hints, depth: int) -> object:
    name, inner = kind_parts(kind)
    if name in CONTAINERS:
        return _draw_container(name, inner, rng, hints, depth)
    match name:
        case "int":
            return _draw_int(rng, hints, depth)
        case "bool":
            return rng.random() < 0.5
        case "float":
            return _draw_int(rng, hints, depth) + rng.choice((0.0, 0.0, 0.5, 0.25))
        case "str":
            return _draw_str(rng, hints)
        case "None":
            return None
    guesses = ("int", "str", "list[int]") if depth == 0 else ("int", "int", "str")
    return _draw(rng.choice(guesses), rng, hints, depth + 1)


def _draw_container(
    name: str, inner: tuple[str, ...], rng: Random, hints: Hints, depth: int
) -> object:
    def element(kind: str) -> object:
        return _draw(kind, rng, hints, depth + 1)

    if name == "tuple" and "..." not in inner:
        return tuple(map(element, inner))
    # Elements of one guessed kind, so that they can be compared and added.
    kinds = ["int" if kind == ANY else kind for kind in inner]
    length = rng.choices(range(len(LENGTH_WEIGHTS)), LENGTH_WEIGHTS)[0]
    elements = [element(kinds[0]) for _ in range(length)]
    return _gathered(name, elements, lambda: element(kinds[-1]))


def _gathered(name: str, elements: list[object], item: Callable[[], object]) -> object:
    if name == "list":
        return elements
    if name == "tuple":
        return tuple(elements)
    hashable = [element for element in elements if not isinstance(element, list | set | dict)]
    return set(hashable) if name == "set" else {key: item() for key in hashable}


def _draw_int(rng: Random, hints: Hints, depth: int) -> int:
    if hints.ints and rng.random() < HINT_SHARE:
        return rng.choice(hints.ints) + rng.randint(-1, 1)
    return rng.randint(*(INT_RANGE if depth == 0 else ELEMENT_RANGE))


def _draw_str(rng: Random, hints: Hints) -> str:
    if hints.strings and rng.random() < HINT_SHARE / 2:
        return rng.choice(hints.strings)
    length = rng.choices(range(len(LENGTH_WEIGHTS)), LENGTH_WEIGHTS)[0]
    return "".join(rng.choice(hints.letters) for _ in range(length))
