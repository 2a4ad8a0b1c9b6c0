"""Equivalent conditions: De Morgan, other comparisons that say the same, the other way round."""

import ast
from collections.abc import Iterator

from sinq_jax.programs.equivalents.facts import Facts
from sinq_jax.programs.equivalents.source import COMPARED, NEGATED, TEST, Source, binds

SYMBOLS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}
MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
OPPOSITE = {"==": "!=", "!=": "==", "in": "not in", "not in": "in", "is": "is not", "is not": "is"}
OPPOSITE_ORDER = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
NEXT_BOUND = {"<": ("<=", -1), "<=": ("<", 1), ">": (">=", 1), ">=": (">", -1)}
"""Of whole numbers: with the bound moved by so much, the other operator says the same."""


def expressions(facts: Facts, kind: type[ast.AST]) -> Iterator[ast.expr]:
    """Yield the expressions of one kind in the function's body."""
    for statement in facts.function.body:
        for node in ast.walk(statement):
            if isinstance(node, kind) and isinstance(node, ast.expr):
                yield node


def comparisons(facts: Facts) -> Iterator[tuple[ast.Compare, ast.expr, str, ast.expr]]:
    """Yield the comparisons of two values: the node, the left side, the operator, the right."""
    for node in expressions(facts, ast.Compare):
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            yield node, node.left, SYMBOLS[type(node.ops[0])], node.comparators[0]


def negation(source: Source, facts: Facts, node: ast.expr) -> str:
    """The text of a condition that holds where this one does not; both are only asked for truth."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return source.of(node.operand)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        left, symbol, right = node.left, SYMBOLS[type(node.ops[0])], node.comparators[0]
        opposite = OPPOSITE.get(symbol)
        if opposite is None and facts.is_whole(left) and facts.is_whole(right):
            opposite = OPPOSITE_ORDER[symbol]
        if opposite:
            return f"{source.of(left, COMPARED)} {opposite} {source.of(right, COMPARED)}"
    return f"not {source.of(node, NEGATED)}"


def is_test(source: Source, node: ast.expr) -> bool:
    """Whether an expression is only asked for its truth, and its value is never seen."""
    parent = source.parents[node]
    if isinstance(parent, ast.If | ast.While | ast.IfExp):
        return parent.test is node
    if isinstance(parent, ast.comprehension):
        return node in parent.ifs
    if isinstance(parent, ast.BoolOp):
        return is_test(source, parent)
    return isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not)


def mirrored(source: Source, facts: Facts) -> Iterator[str | None]:
    """``a == b`` to ``b == a``; ``a < b`` to ``b > a`` where no types can clash. One side has to
    be a constant or a name, so that it does not matter which is read first.
    """
    for node, left, symbol, right in comparisons(facts):
        ordered = symbol in OPPOSITE_ORDER
        whole = facts.is_whole(left) and facts.is_whole(right)
        calm = facts.is_calm(left) or facts.is_calm(right)
        if symbol in MIRRORED and calm and (whole or not ordered):
            ours, theirs = source.of(left, COMPARED), source.of(right, COMPARED)
            yield source.with_expression(node, f"{theirs} {MIRRORED[symbol]} {ours}")


def negated(source: Source, facts: Facts) -> Iterator[str | None]:
    """``a == b`` to ``not a != b``; ``a < b`` to ``not a >= b`` of whole numbers."""
    for node, *_ in comparisons(facts):
        opposite = negation(source, facts, node)
        if not opposite.startswith("not "):
            yield source.with_expression(node, f"not {opposite}")


def moved_bound(source: Source, facts: Facts) -> Iterator[str | None]:
    """``n < 4`` to ``n <= 3`` and its like, of whole numbers."""
    for node, left, symbol, right in comparisons(facts):
        whole = isinstance(right, ast.Constant) and type(right.value) is int
        if symbol in NEXT_BOUND and whole and facts.is_whole(left):
            other, step = NEXT_BOUND[symbol]
            bound = right.value + step  # type: ignore[attr-defined]
            yield source.with_expression(node, f"{source.of(left, COMPARED)} {other} {bound}")


def de_morgan(source: Source, facts: Facts) -> Iterator[str | None]:
    """``a and b``, where only its truth matters, to ``not (not a or not b)``, and
    ``not (a and b)`` to ``not a or not b``.
    """
    for node in expressions(facts, ast.BoolOp):
        assert isinstance(node, ast.BoolOp)
        if not is_test(source, node):
            continue
        other = " or " if isinstance(node.op, ast.And) else " and "
        parts = [_grouped(negation(source, facts, value)) for value in node.values]
        parent = source.parents[node]
        if isinstance(parent, ast.UnaryOp):
            # Where the value is seen, each part has to be a bool as ``not`` gives one.
            if not is_test(source, parent):
                parts = [f"not {source.of(value, NEGATED)}" for value in node.values]
            yield source.with_expression(parent, other.join(parts))
        else:
            yield source.with_expression(node, f"not ({other.join(parts)})")


def _grouped(condition: str) -> str:
    """A condition that may stand between ``and`` and ``or`` of either kind."""
    tight = binds(ast.parse(condition, mode="eval").body) >= NEGATED
    return condition if tight else f"({condition})"


def chained(source: Source, facts: Facts) -> Iterator[str | None]:
    """``a < b and b < c`` to ``a < b < c``, where ``b`` is a name or a constant; and back."""
    for node in expressions(facts, ast.BoolOp):
        assert isinstance(node, ast.BoolOp)
        if isinstance(node.op, ast.And) and len(node.values) == 2:
            first, second = node.values
            if _single(first) and _single(second) and _meets(facts, first, second):
                assert isinstance(second, ast.Compare)
                symbol, last = SYMBOLS[type(second.ops[0])], second.comparators[0]
                text = f"{source.of(first)} {symbol} {source.of(last, COMPARED)}"
                yield source.with_expression(node, text)
    for node in expressions(facts, ast.Compare):
        assert isinstance(node, ast.Compare)
        if len(node.ops) == 2 and facts.is_calm(node.comparators[0]):
            middle, last = node.comparators
            signs = [SYMBOLS[type(op)] for op in node.ops]
            left, shared = source.of(node.left, COMPARED), source.of(middle, COMPARED)
            text = f"{left} {signs[0]} {shared} and {shared} {signs[1]} {source.of(last, COMPARED)}"
            yield source.with_expression(node, text)


def _single(node: ast.expr) -> bool:
    return isinstance(node, ast.Compare) and len(node.ops) == 1


def _meets(facts: Facts, first: ast.expr, second: ast.expr) -> bool:
    """Whether one comparison ends with what the other begins with, and reading it does nothing."""
    assert isinstance(first, ast.Compare)
    assert isinstance(second, ast.Compare)
    shared = first.comparators[0]
    return facts.is_calm(shared) and ast.dump(shared) == ast.dump(second.left)


def one_of(source: Source, facts: Facts) -> Iterator[str | None]:
    """``x == 1 or x == 2`` to ``x in (1, 2)``, of constants; and back."""
    for node in expressions(facts, ast.BoolOp):
        assert isinstance(node, ast.BoolOp)
        sides = [_equal_to(facts, value) for value in node.values]
        names = {name for name, _ in filter(None, sides)}
        if isinstance(node.op, ast.Or) and all(sides) and len(names) == 1:
            options = ", ".join(source.of(constant) for _, constant in filter(None, sides))
            yield source.with_expression(node, f"{names.pop()} in ({options})")
    for node, left, symbol, right in comparisons(facts):
        parts = right.elts if isinstance(right, ast.Tuple) else []
        constants = len(parts) > 1 and all(isinstance(part, ast.Constant) for part in parts)
        if symbol == "in" and constants and facts.is_calm(left):
            text = " or ".join(f"{source.of(left)} == {source.of(part)}" for part in parts)
            yield source.with_expression(node, text)


def _equal_to(facts: Facts, node: ast.expr) -> tuple[str, ast.Constant] | None:
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq):
        left, right = node.left, node.comparators[0]
        if isinstance(left, ast.Name) and facts.is_calm(left) and isinstance(right, ast.Constant):
            return left.id, right
    return None


def inverted_choice(source: Source, facts: Facts) -> Iterator[str | None]:
    """``a if c else b`` to ``b if not c else a``."""
    for node in expressions(facts, ast.IfExp):
        assert isinstance(node, ast.IfExp)
        condition = negation(source, facts, node.test)
        body, other = source.of(node.body, TEST), source.of(node.orelse, TEST)
        yield source.with_expression(node, f"{other} if {condition} else {body}")
