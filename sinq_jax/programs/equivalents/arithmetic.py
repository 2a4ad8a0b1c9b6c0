"""Equivalent expressions that are no conditions: sums the other way round, ranges spelled out."""

import ast
from collections.abc import Iterator

from sinq_jax.programs.equivalents.conditions import expressions
from sinq_jax.programs.equivalents.facts import Facts
from sinq_jax.programs.equivalents.source import PRODUCT, SUM, Source

SMALLEST_SPLIT = 2


def commuted(source: Source, facts: Facts) -> Iterator[str | None]:
    """``a + b`` to ``b + a`` and ``a * b`` to ``b * a``, of whole numbers, one of them a constant
    or a name.
    """
    for node in expressions(facts, ast.BinOp):
        assert isinstance(node, ast.BinOp)
        sign = {ast.Add: "+", ast.Mult: "*"}.get(type(node.op))
        calm = facts.is_calm(node.left) or facts.is_calm(node.right)
        if sign and calm and facts.is_whole(node):
            tight = (SUM if sign == "+" else PRODUCT) + 1
            left, right = source.of(node.left, tight), source.of(node.right, tight)
            yield source.with_expression(node, f"{right} {sign} {left}")


def nothing_added(source: Source, facts: Facts) -> Iterator[str | None]:
    """``n`` to ``n + 0`` and ``n`` to ``n * 1``, of whole numbers that are no constants."""
    for node in expressions(facts, ast.Name):
        if facts.is_whole(node) and isinstance(node.ctx, ast.Load):  # type: ignore[attr-defined]
            yield source.with_expression(node, f"{source.of(node)} + 0")
            yield source.with_expression(node, f"{source.of(node)} * 1")


def split_constant(source: Source, facts: Facts) -> Iterator[str | None]:
    """``7`` to ``6 + 1``."""
    for node in expressions(facts, ast.Constant):
        assert isinstance(node, ast.Constant)
        if type(node.value) is int and node.value >= SMALLEST_SPLIT:
            yield source.with_expression(node, f"{node.value - 1} + 1")


def spelled_range(source: Source, facts: Facts) -> Iterator[str | None]:
    """``range(n)`` to ``range(0, n)``, and back."""
    for node in expressions(facts, ast.Call):
        call = facts.calls(node, "range")
        if call is None:
            continue
        if len(call.args) == 1:
            yield source.with_expression(node, f"range(0, {source.of(call.args[0])})")
        first = call.args[0] if len(call.args) == 2 else None
        if isinstance(first, ast.Constant) and type(first.value) is int and first.value == 0:
            yield source.with_expression(node, f"range({source.of(call.args[1])})")
