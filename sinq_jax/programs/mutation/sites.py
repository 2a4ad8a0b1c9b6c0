"""Places in the text of a program: where each syntax node stands, and edits of one such place.

Positions are byte offsets into the UTF-8 text, because that is what ``ast`` counts in.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from sandbox.syntax import parse

# Text that belongs to the signature, which a variant must keep, and f-strings, inside which
# Python 3.11 gives wrong positions.
UNTOUCHED = (ast.arguments, ast.JoinedStr)
UNTOUCHED_FIELDS = ("decorator_list", "returns", "annotation")


@dataclass(frozen=True)
class Edit:
    """The bytes from ``start`` up to ``end`` become ``text``."""

    start: int
    end: int
    text: str


class Text:
    """The text of a program with the offset of each line."""

    def __init__(self, source: str) -> None:
        self.data = source.encode("utf-8")
        self._starts = [0]
        for line in self.data.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def span(self, node: ast.expr | ast.stmt | ast.keyword) -> tuple[int, int]:
        """Where ``node`` starts and ends."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self._starts[node.lineno - 1] + node.col_offset
        return start, self._starts[node.end_lineno - 1] + node.end_col_offset

    def of(self, node: ast.expr | ast.stmt) -> str:
        """The text of ``node``, without parentheses around it."""
        return self.between(*self.span(node))

    def between(self, start: int, end: int) -> str:
        """The text from one offset up to another."""
        return self.data[start:end].decode("utf-8")

    def line_span(self, first: int, last: int) -> tuple[int, int]:
        """Where the lines ``first`` to ``last`` (counted from 1, both included) start and end."""
        return self._starts[first - 1], self._starts[min(last, len(self._starts) - 1)]

    def line(self, number: int) -> str:
        """One line, counted from 1, without its end."""
        return self.between(*self.line_span(number, number)).rstrip("\r\n")

    def replaced(self, node: ast.expr | ast.stmt, text: str) -> Edit:
        """The edit that puts ``text`` in the place of ``node``."""
        return Edit(*self.span(node), text)

    def token(self, start: int, end: int, token: str) -> tuple[int, int] | None:
        """Where ``token`` stands between two offsets; None if a comment could hide it."""
        gap = self.data[start:end]
        place = gap.find(token.encode())
        if place < 0 or b"#" in gap:
            return None
        return start + place, start + place + len(token)

    def apply(self, edit: Edit) -> str:
        """The whole text after ``edit``."""
        edited = self.data[: edit.start] + edit.text.encode("utf-8") + self.data[edit.end :]
        return edited.decode("utf-8")


@dataclass(frozen=True)
class Site:
    """A syntax node that may be edited, its parent, the text, and the kinds of the parameters."""

    node: ast.AST
    parent: ast.AST
    text: Text
    kinds: dict[str, str]


def sites(source: str, kinds: dict[str, str]) -> Iterator[Site]:
    """All editable nodes of ``source`` in the order of the text. Raises ``SyntaxError``."""
    text = Text(source)
    stack: list[tuple[ast.AST, ast.AST]] = []
    tree = parse(source)
    stack.append((tree, tree))
    while stack:
        node, parent = stack.pop()
        if not isinstance(node, ast.Module):
            yield Site(node, parent, text, kinds)
        stack += reversed([(child, node) for child in _editable_children(node)])


def _editable_children(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        if name in UNTOUCHED_FIELDS:
            continue
        children = value if isinstance(value, list) else [value]
        yield from (child for child in children if _is_editable(child))


def _is_editable(child: object) -> TypeGuard[ast.AST]:
    """False for untouched text, a docstring, and other constants that stand as a statement."""
    idle = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
    return isinstance(child, ast.AST) and not isinstance(child, UNTOUCHED) and not idle
