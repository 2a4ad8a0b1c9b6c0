"""Reading Python text that anybody may have written."""

import ast
import warnings


def parse(source: str) -> ast.Module:
    """The syntax tree of ``source``; every way of not being Python raises ``SyntaxError``.

    Warnings about the text (an invalid escape, say) are not ours to give.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source)
        except SyntaxError:
            raise
        except (ValueError, RecursionError, MemoryError) as error:
            raise SyntaxError(f"cannot be parsed: {error or type(error).__name__}") from error


def whole_number(node: ast.AST) -> int | None:
    """The value of ``7`` or ``-7``, where the minus is a node of its own; None for the rest."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        positive = whole_number(node.operand)
        return None if positive is None else -positive
    return None


def literal(text: str) -> object:
    """The plain data that ``text`` writes out; raises ``ValueError`` for everything else."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.literal_eval(text.strip())
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError) as error:
        raise ValueError(f"expected a literal, got {text[:80]!r}") from error
