"""Equivalent branches: ``if`` and ``else`` exchanged, guards, choices written as expressions."""

import ast
from collections.abc import Iterator

from sinq_jax.programs.equivalents.conditions import negation
from sinq_jax.programs.equivalents.facts import Facts
from sinq_jax.programs.equivalents.source import NEGATED, TEST, Source

INDENT = "    "
ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def ifs(source: Source, facts: Facts) -> Iterator[tuple[list[ast.stmt], int, ast.If]]:
    """Yield every ``if``, with its block and place; those written ``elif`` are left out."""
    for block in facts.blocks():
        for place, node in enumerate(block):
            if isinstance(node, ast.If) and not _is_elif(source, node):
                yield block, place, node


def _is_elif(source: Source, node: ast.stmt) -> bool:
    return source.text.data[source.text.span(node)[0] :].startswith(b"elif")


def has_else(source: Source, node: ast.If) -> bool:
    """Whether there is an ``else``, and no ``elif``."""
    return bool(node.orelse) and not _is_elif(source, node.orelse[0])


def inverted_if(source: Source, facts: Facts) -> Iterator[str | None]:
    """``if c: A else: B`` to ``if not c: B else: A``."""
    for block, place, node in ifs(source, facts):
        if has_else(source, node):
            new = [
                f"if {negation(source, facts, node.test)}:",
                *source.lines(node.orelse, INDENT),
                "else:",
                *source.lines(node.body, INDENT),
            ]
            yield source.with_statements(block, place, place + 1, new)


def guard_to_else(source: Source, facts: Facts) -> Iterator[str | None]:
    """What follows ``if c: return a`` put into an ``else``."""
    for block, place, node in ifs(source, facts):
        rest = block[place + 1 :]
        if isinstance(node.body[-1], ENDS) and rest and not node.orelse:
            new = [*source.lines([node]), "else:", *source.lines(rest, INDENT)]
            yield source.with_statements(block, place, len(block), new)


def else_to_guard(source: Source, facts: Facts) -> Iterator[str | None]:
    """An ``else`` after a branch that ends with ``return`` dropped, with its statements kept."""
    for block, place, node in ifs(source, facts):
        if isinstance(node.body[-1], ENDS) and has_else(source, node):
            body = source.lines(node.body, INDENT)
            new = [f"if {source.of(node.test)}:", *body, *source.lines(node.orelse)]
            yield source.with_statements(block, place, place + 1, new)


def swapped_guard(source: Source, facts: Facts) -> Iterator[str | None]:
    """``if c: return a`` and ``return b`` to ``if not c: return b`` and ``return a``."""
    for block, place, node in ifs(source, facts):
        if _two_returns(block, place, node):
            new = [
                f"if {negation(source, facts, node.test)}:",
                *source.lines(block[place + 1 : place + 2], INDENT),
                *source.lines(node.body),
            ]
            yield source.with_statements(block, place, place + 2, new)


def _two_returns(block: list[ast.stmt], place: int, node: ast.If) -> bool:
    """Whether a branch is a ``return`` alone, and another one follows."""
    alone = len(node.body) == 1 and isinstance(node.body[0], ast.Return) and not node.orelse
    return alone and isinstance(block[min(place + 1, len(block) - 1)], ast.Return)


def choice_of_returns(source: Source, facts: Facts) -> Iterator[str | None]:
    """``if c: return a`` and ``return b`` to ``return a if c else b``."""
    for block, place, node in ifs(source, facts):
        if _two_returns(block, place, node):
            ours, theirs = node.body[0], block[place + 1]
            assert isinstance(ours, ast.Return)
            assert isinstance(theirs, ast.Return)
            if ours.value and theirs.value:
                new = [f"return {_choice(source, node.test, ours.value, theirs.value)}"]
                yield source.with_statements(block, place, place + 2, new)


def _choice(source: Source, test: ast.expr, body: ast.expr, other: ast.expr) -> str:
    parts = (source.of(each, TEST) for each in (body, test, other))
    return "{} if {} else {}".format(*parts)


def spread_choice(source: Source, facts: Facts) -> Iterator[str | None]:
    """``return a if c else b`` to ``if c: return a`` and ``return b``; an assignment likewise."""
    for block in facts.blocks():
        for place, node in enumerate(block):
            value = node.value if isinstance(node, ast.Return | ast.Assign) else None
            if not isinstance(value, ast.IfExp):
                continue
            body, other = source.of(value.body, TEST), source.of(value.orelse, TEST)
            head = f"if {source.of(value.test)}:"
            if isinstance(node, ast.Return):
                new = [head, f"{INDENT}return {body}", f"return {other}"]
                yield source.with_statements(block, place, place + 1, new)
            elif name := _only_name(node):
                new = [head, f"{INDENT}{name} = {body}", "else:", f"{INDENT}{name} = {other}"]
                yield source.with_statements(block, place, place + 1, new)


def _only_name(node: ast.stmt) -> str | None:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        return target.id if isinstance(target, ast.Name) else None
    return None


def choice_assigned(source: Source, facts: Facts) -> Iterator[str | None]:
    """``if c: x = a else: x = b`` to ``x = a if c else b``."""
    for block, place, node in ifs(source, facts):
        if not (has_else(source, node) and len(node.body) == len(node.orelse) == 1):
            continue
        ours, theirs = node.body[0], node.orelse[0]
        name = _only_name(ours)
        if name and name == _only_name(theirs):
            assert isinstance(ours, ast.Assign)
            assert isinstance(theirs, ast.Assign)
            new = [f"{name} = {_choice(source, node.test, ours.value, theirs.value)}"]
            yield source.with_statements(block, place, place + 1, new)


def told_truth(source: Source, facts: Facts) -> Iterator[str | None]:
    """``return a < b`` to ``if a < b: return True`` and ``return False``; and back.

    A comparison of plain data is a bool, and so is what ``not`` gives.
    """
    for block in facts.blocks():
        for place, node in enumerate(block):
            if isinstance(node, ast.Return) and node.value and _is_bool(node.value):
                head = f"if {source.of(node.value)}:"
                new = [head, f"{INDENT}return True", "return False"]
                yield source.with_statements(block, place, place + 1, new)
    for block, place, node in ifs(source, facts):
        if _two_returns(block, place, node) and _is_bool(node.test):
            said = (_constant(node.body[0]), _constant(block[place + 1]))
            if said == (True, False):
                new = [f"return {source.of(node.test)}"]
                yield source.with_statements(block, place, place + 2, new)
            elif said == (False, True):
                new = [f"return not {source.of(node.test, NEGATED)}"]
                yield source.with_statements(block, place, place + 2, new)


def _is_bool(node: ast.expr) -> bool:
    is_not = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    return is_not or isinstance(node, ast.Compare)


def _constant(node: ast.stmt) -> bool | None:
    value = node.value if isinstance(node, ast.Return) else None
    known = isinstance(value, ast.Constant) and isinstance(value.value, bool)
    return value.value if known else None  # type: ignore[union-attr]


def nested_condition(source: Source, facts: Facts) -> Iterator[str | None]:
    """``if a and b: S`` to ``if a:`` with ``if b: S`` in it; and back."""
    for block, place, node in ifs(source, facts):
        if node.orelse:
            continue
        test, inner = node.test, node.body[0]
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) and len(test.values) == 2:
            first, second = test.values
            body = source.lines(node.body, 2 * INDENT)
            new = [f"if {source.of(first)}:", f"{INDENT}if {source.of(second)}:", *body]
            yield source.with_statements(block, place, place + 1, new)
        if isinstance(inner, ast.If) and len(node.body) == 1 and not inner.orelse:
            both = f"{source.of(test, NEGATED)} and {source.of(inner.test, NEGATED)}"
            new = [f"if {both}:", *source.lines(inner.body, INDENT)]
            yield source.with_statements(block, place, place + 1, new)
