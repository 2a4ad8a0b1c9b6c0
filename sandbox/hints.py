"""What the texts of programs say about inputs worth trying: the constants in them."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from sandbox.syntax import parse, whole_number

# Constants beyond this say more about overflow or a modulus than about inputs worth trying.
LARGEST_HINT = 1000
LONGEST_HINT = 11
CASE_METHODS = frozenset(
    ("upper", "lower", "swapcase", "title", "capitalize", "isupper", "islower")
)
CHARACTER_METHODS = frozenset(("isdigit", "isalnum", "isalpha", "isnumeric", "isspace", "split"))


@dataclass(frozen=True)
class Hints:
    """Constants of programs: whole numbers, texts, and the letters that texts are made of.

    ``none`` says that a program compares something with None or has it as a default.
    """

    ints: tuple[int, ...] = ()
    strings: tuple[str, ...] = ()
    letters: str = "abc"
    none: bool = False


def hints_of(*sources: str) -> Hints:
    """The constants in the texts of programs, sorted; text that is not Python says nothing."""
    nodes = [node for source in sources for node in _nodes(source)]
    constants = [node.value for node in nodes if isinstance(node, ast.Constant)]
    ints = {value for value in map(whole_number, nodes) if value is not None}
    strings = {v for v in constants if isinstance(v, str) and len(v) <= LONGEST_HINT}
    letters = set("abc").union(*strings)
    methods = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    letters |= set("AB") if methods & CASE_METHODS else set()
    letters |= set("A1 ") if methods & CHARACTER_METHODS else set()
    return Hints(
        tuple(sorted(i for i in ints if abs(i) <= LARGEST_HINT)),
        tuple(sorted(strings)),
        "".join(sorted(letters)),
        any(map(_asks_for_none, nodes)),
    )


def _asks_for_none(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        values: list[ast.expr | None] = [node.left, *node.comparators]
    elif isinstance(node, ast.arguments):
        values = [*node.defaults, *node.kw_defaults]
    else:
        return False
    return any(isinstance(each, ast.Constant) and each.value is None for each in values)


def _nodes(source: str) -> list[ast.AST]:
    try:
        return list(ast.walk(parse(source)))
    except SyntaxError:
        return []
