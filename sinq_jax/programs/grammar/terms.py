"""Expressions and conditions of the generated family, as text.

Every function draws from ``rng`` and returns Python text. Constants are single digits for the most
part, because a boundary near zero is what a short input can reach.
"""

from collections.abc import Callable, Sequence
from random import Random

LETTERS = ("a", "b", "c")


def pick(rng: Random, choices: Sequence[tuple[int, Callable[[], str]]]) -> str:
    """The text of one of the weighted ``choices``."""
    (draw,) = rng.choices([call for _, call in choices], [weight for weight, _ in choices])
    return draw()


def int_constant(rng: Random) -> str:
    """A whole number as text: 0..9, one time in twelve -5..-1."""
    return str(rng.randint(-5, -1) if rng.random() < 1 / 12 else rng.randint(0, 9))


def comparison(rng: Random, left: str, right: str) -> str:
    """``left`` compared with ``right``; order is asked more often than equality."""
    operator = rng.choices((">", "<", ">=", "<=", "==", "!="), (5, 5, 3, 3, 3, 1))[0]
    return f"{left} {operator} {right}"


def remainder_test(rng: Random, name: str) -> str:
    """A test on a remainder, such as ``x % 3 == 1``."""
    modulus = rng.randint(2, 5)
    return f"{name} % {modulus} {rng.choice(('==', '==', '!=', '>'))} {rng.randrange(modulus)}"


def int_term(rng: Random, name: str) -> str:
    """Arithmetic over one name and at most one constant."""
    return pick(
        rng,
        [
            (3, lambda: name),
            (5, lambda: f"{name} + {rng.randint(1, 9)}"),
            (4, lambda: f"{name} - {rng.randint(1, 9)}"),
            (4, lambda: f"{name} * {rng.randint(2, 5)}"),
            (2, lambda: f"{name} // {rng.randint(2, 4)}"),
            (2, lambda: f"{name} % {rng.randint(2, 7)}"),
            (2, lambda: f"{rng.randint(1, 9)} - {name}"),
            (1, lambda: f"abs({name})"),
            (1, lambda: f"max({name}, {rng.randint(0, 5)})"),
            (1, lambda: f"min({name}, {rng.randint(0, 5)})"),
        ],
    )


def int_result(rng: Random, name: str) -> str:
    """What a branch gives back: mostly a term, sometimes a constant."""
    return int_constant(rng) if rng.random() < 0.3 else int_term(rng, name)


def int_condition(rng: Random, name: str) -> str:
    """A condition over one whole number."""
    return pick(
        rng,
        [
            (10, lambda: comparison(rng, name, int_constant(rng))),
            (4, lambda: remainder_test(rng, name)),
            (1, lambda: comparison(rng, f"abs({name})", str(rng.randint(1, 7)))),
            (1, lambda: between(rng, name)),
            (1, lambda: f"{name} < {rng.randint(-4, 1)} or {name} > {rng.randint(3, 7)}"),
            (1, lambda: f"{name} > {rng.randint(0, 5)} and {remainder_test(rng, name)}"),
        ],
    )


def between(rng: Random, name: str) -> str:
    """A test for an interval of at least two whole numbers, such as ``2 < x <= 6``."""
    low = rng.randint(0, 4)
    first, second = rng.choice(("<", "<=")), rng.choice(("<", "<="))
    return f"{low} {first} {name} {second} {rng.randint(low + 3, 9)}"


def pair_term(rng: Random, left: str, right: str) -> str:
    """Arithmetic over two names and at most one constant."""
    return pick(
        rng,
        [
            (3, lambda: f"{left} + {right}"),
            (4, lambda: f"{left} - {right}"),
            (2, lambda: f"{right} - {left}"),
            (2, lambda: f"{left} * {right}"),
            (2, lambda: f"abs({left} - {right})"),
            (2, lambda: f"max({left}, {right})"),
            (2, lambda: f"min({left}, {right})"),
            (1, lambda: f"{left} * {rng.randint(2, 4)} + {right}"),
            (3, lambda: int_term(rng, rng.choice((left, right)))),
        ],
    )


def pair_condition(rng: Random, left: str, right: str) -> str:
    """A condition over two whole numbers."""
    return pick(
        rng,
        [
            (5, lambda: comparison(rng, left, right)),
            (3, lambda: comparison(rng, f"{left} + {right}", int_constant(rng))),
            (2, lambda: comparison(rng, f"{left} - {right}", str(rng.randint(0, 5)))),
            (4, lambda: int_condition(rng, rng.choice((left, right)))),
            (
                1,
                lambda: (
                    f"{left} > {rng.randint(0, 5)} {rng.choice(('and', 'or'))} "
                    f"{right} > {rng.randint(0, 5)}"
                ),
            ),
        ],
    )


def letter(rng: Random) -> str:
    """A one-letter string literal."""
    return f'"{rng.choice(LETTERS)}"'
