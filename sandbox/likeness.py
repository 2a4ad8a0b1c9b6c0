"""Whether two programs are one program in other clothes: told without running either."""

from __future__ import annotations

import ast
from types import CodeType
from typing import TypeVar

from sandbox.syntax import parse

Documented = TypeVar("Documented", ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
# With these a program reads the names of its own variables.
READERS_OF_NAMES = frozenset(("locals", "vars", "dir", "eval", "exec"))


def equal_code(original: str, variant: str) -> bool:
    """Say whether the two texts compile to the same code, docstrings and annotations left out.

    Layout, comments and the names of local variables make no difference, nor does what the compiler
    folds (``2 * 3`` and ``6``). Whatever such programs are given, they do the same; only the
    message about a variable without a value names it. Text that does not compile equals nothing.
    """
    try:
        return _alike(_compiled(original), _compiled(variant))
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return False


def _compiled(source: str) -> CodeType:
    tree = _Undressed().visit(parse(source))
    code: CodeType = compile(ast.fix_missing_locations(tree), "program", "exec", dont_inherit=True)
    return code


class _Undressed(ast.NodeTransformer):
    """Drops docstrings, and annotations wherever that leaves the scope of a name as it is."""

    def visit_Module(self, node: ast.Module) -> ast.Module:
        return self._without_docstring(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        return self._without_docstring(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = None
        return self._without_docstring(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:
        node.returns = None
        return self._without_docstring(node)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        if node.value is None:
            return node
        return ast.copy_location(ast.Assign([node.target], node.value), node)

    def _without_docstring(self, node: Documented) -> Documented:
        first = node.body[0] if node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            node.body = node.body[1:] or [ast.Pass()]
        self.generic_visit(node)
        return node


def _alike(a: CodeType, b: CodeType) -> bool:
    return _shape(a) == _shape(b) and _equal_constants(a.co_consts, b.co_consts)


def _shape(code: CodeType) -> tuple[object, ...]:
    """All that decides what code does, but for its constants."""
    varargs = bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)
    arguments = code.co_argcount + code.co_kwonlyargcount + varargs
    named = len(code.co_varnames) if READERS_OF_NAMES & {*code.co_names} else arguments
    return (
        *(code.co_name, code.co_code, code.co_names, code.co_flags, code.co_nlocals),
        *(code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount),
        *(code.co_cellvars, code.co_freevars, code.co_varnames[:named]),
        getattr(code, "co_exceptiontable", None),
    )


def _equal_constants(a: object, b: object) -> bool:
    """Equality that tells ``1`` from ``True`` and ``0.0`` from ``-0.0``, and looks into code."""
    if isinstance(a, CodeType) and isinstance(b, CodeType):
        return _alike(a, b)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(_equal_constants, a, b))
    if isinstance(a, frozenset) and isinstance(b, frozenset):
        return sorted(map(repr, a)) == sorted(map(repr, b))
    return type(a) is type(b) and repr(a) == repr(b)
