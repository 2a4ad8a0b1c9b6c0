"""Mutation operators on statements: dropped lines and branches, other assignments, loop exits."""

import ast
from collections.abc import Iterator

from sinq_jax.programs.mutation.expressions import ARITHMETIC
from sinq_jax.programs.mutation.sites import Edit, Site, Text


def augmented(site: Site) -> Iterator[Edit]:
    """``t += v`` to ``t -= v`` and its like, and to ``t = v``."""
    node = site.node
    if not isinstance(node, ast.AugAssign):
        return
    symbol, others = ARITHMETIC.get(type(node.op), ("@", ()))
    start, end = site.text.span(node.target)[1], site.text.span(node.value)[0]
    span = site.text.token(start, end, symbol)
    if span is None:
        return
    text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    yield from (Edit(*span, other) for other in (others if not text else ()))
    yield Edit(*span, "")


def dropped_else(site: Site) -> Iterator[Edit]:
    """An ``else`` branch left out."""
    node = site.node
    if not isinstance(node, ast.If | ast.For | ast.While) or not node.orelse:
        return
    line = _else_line(node, site.text)
    if line is not None:
        last = node.orelse[-1].end_lineno or line
        yield Edit(*site.text.line_span(line, last), "")


def dropped_statement(site: Site) -> Iterator[Edit]:
    """A statement left out: an assignment, a call, or a whole guard without ``else``.

    An assignment at the head of a function stays: without it every call would raise.
    """
    node, text = site.node, site.text
    droppable = (
        isinstance(node, ast.AugAssign | ast.Expr)
        or (isinstance(node, ast.Assign) and not isinstance(site.parent, ast.FunctionDef))
        or (isinstance(node, ast.If) and not node.orelse)
    )
    if not droppable or not isinstance(node, ast.stmt) or node.end_lineno is None:
        return
    first, last = node.lineno, node.end_lineno
    indent = text.line(first)[: node.col_offset]
    if indent.strip() or text.data[: text.span(node)[1]].endswith(b";"):
        return
    alone = any(getattr(site.parent, field, None) == [node] for field in ("body", "orelse"))
    yield Edit(*text.line_span(first, last), f"{indent}pass\n" if alone else "")


def unguarded(site: Site) -> Iterator[Edit]:
    """A condition inside a loop taken as always true."""
    node = site.node
    if isinstance(node, ast.If) and not node.orelse and isinstance(site.parent, ast.For):
        yield site.text.replaced(node.test, "True")


def elif_to_if(site: Site) -> Iterator[Edit]:
    """``elif`` to ``if``, so that both branches can run."""
    node = site.node
    if isinstance(node, ast.If) and isinstance(site.parent, ast.If):
        start = site.text.span(node)[0]
        if site.text.data[start:].startswith(b"elif"):
            yield Edit(start, start + len("elif"), "if")


def loop_exit(site: Site) -> Iterator[Edit]:
    """``break`` to ``continue`` and back."""
    if isinstance(site.node, ast.Break):
        yield site.text.replaced(site.node, "continue")
    elif isinstance(site.node, ast.Continue):
        yield site.text.replaced(site.node, "break")


def skipping_loop(site: Site) -> Iterator[Edit]:
    """``for v in xs`` to a loop that leaves out the first or the last element."""
    node = site.node
    if not (isinstance(node, ast.For) and isinstance(node.iter, ast.Name)):
        return
    if site.kinds.get(node.iter.id, "").startswith(("list", "str")):
        yield site.text.replaced(node.iter, f"{node.iter.id}[1:]")
        yield site.text.replaced(node.iter, f"{node.iter.id}[:-1]")


def _else_line(node: ast.If | ast.For | ast.While, text: Text) -> int | None:
    """The line of the ``else:`` of ``node``; None for ``elif`` or an ``else`` with other text."""
    first = node.orelse[0]
    for number in range(first.lineno, node.body[-1].end_lineno or first.lineno, -1):
        line = text.line(number).strip()
        if line.startswith("elif"):
            return number if isinstance(first, ast.If) else None
        if line == "else:":
            return number
    return None
