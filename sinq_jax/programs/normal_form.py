"""One text for all programs that differ only in layout, comments and the names they chose."""

import ast
import hashlib
from functools import lru_cache

from sandbox.syntax import parse


@lru_cache(maxsize=8192)
def normal_form(source: str) -> str:
    """The program with its own names replaced by ``a0, a1, ...`` in the order of their appearance.

    Layout, comments and docstrings vanish as well, so two programs with the same normal form are
    the same program in other clothes. Names that the program does not bind (builtins, attributes,
    imported modules) stay. Raises ``SyntaxError`` where ``source`` is not Python.
    """
    tree = parse(source)
    _drop_docstrings(tree)
    renamer = _Renamer(_bound_names(tree))
    return ast.unparse(renamer.visit(tree))


def fraction(text: str) -> float:
    """A number in [0, 1) that depends on ``text`` alone: the same in every process and version."""
    digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def _bound_names(tree: ast.AST) -> frozenset[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
    return frozenset(names)


def _drop_docstrings(tree: ast.AST) -> None:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        first = node.body[0] if node.body else None
        if (
            isinstance(first, ast.Expr)
            and isinstance(first.value, ast.Constant)
            and isinstance(first.value.value, str)
        ):
            node.body = node.body[1:] or [ast.Pass()]


class _Renamer(ast.NodeTransformer):
    """Renames in the order of the walk, which is the order of the text but for annotations."""

    def __init__(self, bound: frozenset[str]) -> None:
        self._bound = bound
        self._names: dict[str, str] = {}

    def _new(self, name: str) -> str:
        if name not in self._bound:
            return name
        return self._names.setdefault(name, f"a{len(self._names)}")

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self._new(node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg = self._new(node.arg)
        self.generic_visit(node)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.name = self._new(node.name)
        self.generic_visit(node)
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.keyword:
        if node.arg is not None:
            node.arg = self._new(node.arg)
        self.generic_visit(node)
        return node
