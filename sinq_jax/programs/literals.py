"""Whole numbers in syntax trees, where a minus is a node of its own."""

import ast


def whole_number(node: ast.AST) -> int | None:
    """The value of ``7`` or ``-7``; None for everything else."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        positive = whole_number(node.operand)
        return None if positive is None else -positive
    return None
