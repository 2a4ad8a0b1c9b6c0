"""Mutation operators on constants: numbers one or two up or down, other letters, truth values."""

import ast
from collections.abc import Iterator

from sandbox.syntax import whole_number
from sinq_jax.programs.mutation.sites import Edit, Site

STEPS = (1, -1, 2, -2)


def boundary(site: Site) -> Iterator[Edit]:
    """A whole number that is compared with, one or two up or down."""
    yield from _other_numbers(site) if isinstance(site.parent, ast.Compare) else ()


def modulus(site: Site) -> Iterator[Edit]:
    """A whole-number divisor one or two up or down, never below 2."""
    if isinstance(site.parent, ast.BinOp | ast.AugAssign) and divides(site.parent.op):
        yield from _other_numbers(site)


def slice_bound(site: Site) -> Iterator[Edit]:
    """A whole number in a slice or an index, one or two up or down."""
    yield from _other_numbers(site) if isinstance(site.parent, ast.Slice | ast.Subscript) else ()


def constant(site: Site) -> Iterator[Edit]:
    """Any other whole number one or two up or down; a truth value turned round."""
    node, parent = site.node, site.parent
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield site.text.replaced(node, str(not node.value))
    elif not isinstance(parent, ast.Compare | ast.Slice | ast.Subscript) and not (
        isinstance(parent, ast.BinOp | ast.AugAssign) and divides(parent.op)
    ):
        yield from _other_numbers(site)


def text_constant(site: Site) -> Iterator[Edit]:
    """A letter to the next or the last one; a longer text cut short or in the other case."""
    node = site.node
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from (site.text.replaced(node, other) for other in _other_texts(node.value))


def _other_numbers(site: Site) -> Iterator[Edit]:
    node, parent = site.node, site.parent
    value = whole_number(node)
    if value is None or not isinstance(node, ast.expr):
        return
    if isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.USub):
        return
    for other in (value + step for step in STEPS):
        if _fits(other, value, node, parent):
            yield site.text.replaced(node, str(other))


def divides(operator: ast.operator) -> bool:
    """True for ``/``, ``//`` and ``%``."""
    return isinstance(operator, ast.Mod | ast.FloorDiv | ast.Div)


def _fits(value: int, old: int, node: ast.AST, parent: ast.AST) -> bool:
    """No division by zero or one, no ``x + -1``, no step of zero that would loop for ever."""
    if isinstance(parent, ast.AugAssign) or (
        isinstance(parent, ast.BinOp) and parent.right is node
    ):
        return value > (1 if divides(parent.op) else 0)
    if isinstance(parent, ast.Slice) and parent.step is node:
        return value != 0
    return value >= 0 or old <= 0 or isinstance(parent, ast.Return | ast.Compare)


def _other_texts(value: str) -> list[str]:
    """Literals near a text constant: other letters, a character less, the other case."""
    if len(value) == 1 and value.isascii() and value.isalnum():
        near = [chr(ord(value) + step) for step in (1, -1)]
        return [f'"{other}"' for other in near if other.isalnum()]
    if len(value) > 1 and value.isascii() and value.replace(" ", "").isalnum():
        return [f'"{other}"' for other in (value[1:], value[:-1], value.swapcase())]
    return []
