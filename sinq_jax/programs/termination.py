"""What makes the ``while`` loops of a program end, as far as its text shows."""

import ast
from collections.abc import Iterator

from sandbox.syntax import parse


def loop_progress(source: str) -> tuple[str, ...]:
    """The test of each ``while`` loop with the statements in it that bind a name of the test.

    Two programs with the same progress end on the same inputs, unless they enter a loop with other
    values. Raises ``SyntaxError`` where ``source`` is not Python.
    """
    if "while" not in source:
        return ()
    loops = [node for node in ast.walk(parse(source)) if isinstance(node, ast.While)]
    return tuple(part for loop in loops for part in _parts(loop))


def _parts(loop: ast.While) -> list[str]:
    names = {node.id for node in ast.walk(loop.test) if isinstance(node, ast.Name)}
    parts = [ast.dump(loop.test)]
    for statement in ast.walk(loop):
        if isinstance(statement, ast.Assign | ast.AugAssign | ast.Break):
            bound = set(_bound_names(statement))
            parts += [ast.dump(statement)] if bound & names or not bound else []
    return parts


def _bound_names(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
