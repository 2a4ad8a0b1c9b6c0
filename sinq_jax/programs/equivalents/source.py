"""The text of a program to be rewritten: pieces of it, and the whole with other pieces in place.

Whatever is put in is read back: the new text must parse to the tree that was meant, or there is
none. So no comment, bracket or indent can make a rewrite another one than it is.
"""

import ast
from collections.abc import Sequence
from textwrap import dedent, indent

from sandbox.syntax import parse
from sinq_jax.programs.mutation.sites import Edit, Text

TEST, NEGATED, COMPARED, SUM, PRODUCT = 1, 3, 5, 9, 10
"""How tightly an operand has to bind: in ``and`` and ``or``, after ``not``, beside a comparison, a
sum or a product."""

_BINDING: dict[type[ast.AST], int] = {
    ast.NamedExpr: 0,
    ast.Lambda: 0,
    ast.IfExp: 0,
    ast.Starred: 0,
    ast.Or: 1,
    ast.And: 2,
    ast.Not: 3,
    ast.Compare: 4,
    ast.BitOr: 5,
    ast.BitXor: 6,
    ast.BitAnd: 7,
    ast.LShift: 8,
    ast.RShift: 8,
    ast.Add: 9,
    ast.Sub: 9,
    ast.Mult: 10,
    ast.Div: 10,
    ast.FloorDiv: 10,
    ast.Mod: 10,
    ast.MatMult: 10,
    ast.UnaryOp: 11,
    ast.Pow: 12,
}
_ATOM = 13


class Source:
    """A program's text with its tree. Raises ``SyntaxError`` for text that is not Python."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.text = Text(source)
        self.tree = parse(source)
        nodes = list(ast.walk(self.tree))
        self.parents = {child: node for node in nodes for child in ast.iter_child_nodes(node)}
        self._long_text = any(_is_long_text(node) for node in nodes)
        self.by_lines = all(self._begins_its_line(n) for n in nodes if isinstance(n, ast.stmt))

    @property
    def functions(self) -> list[ast.FunctionDef]:
        """The functions at the top of the module."""
        return [node for node in self.tree.body if isinstance(node, ast.FunctionDef)]

    def of(self, node: ast.expr, binding: int = 0) -> str:
        """The text of an expression, in parentheses where it binds less tightly than that."""
        text = self.text.of(node)
        return f"({text})" if binds(node) < binding else text

    def lines(self, statements: Sequence[ast.stmt], by: str = "") -> list[str]:
        """The lines of statements that stand together, at an indent of ``by``.

        Only where each statement has lines of its own, which ``by_lines`` says of all.
        """
        first, last = statements[0], statements[-1]
        text = self.text.between(*self.text.line_span(first.lineno, last.end_lineno or 0))
        return indent(dedent(text), by).rstrip("\n").split("\n")

    def with_expression(self, node: ast.expr, new: str) -> str | None:
        """The whole text with ``new`` in the place of an expression."""
        if self._in_text(node):
            return None
        try:
            replacement = ast.parse(new, mode="eval").body
        except SyntaxError:
            return None
        wanted = self._wanted_expression(node, replacement)
        for text in (new, f"({new})"):
            changed = self.text.apply(self.text.replaced(node, text))
            if _told(changed) == wanted:
                return changed
        return None

    def with_statements(
        self, block: list[ast.stmt], first: int, last: int, new: Sequence[str]
    ) -> str | None:
        """The whole text with the lines ``new`` in the place of ``block[first:last]``; where these
        are none, before ``block[first]``.
        """
        there = block[first:last] or [block[first]]
        start, end = there[0].lineno, there[-1].end_lineno or 0
        margin = self.text.line(start)[: there[0].col_offset]
        if self._long_text or margin.strip():
            return None
        span = self.text.line_span(start, end if last > first else start - 1)
        lines = "".join(f"{margin}{line}\n" for line in new)
        try:
            statements = parse("\n".join(new)).body
        except SyntaxError:  # return and break stand alone in no module, but they parse
            return None
        kept = block[first:last]
        block[first:last] = statements
        wanted = ast.dump(self.tree)
        block[first : first + len(statements)] = kept
        changed = self.text.apply(Edit(span[0], max(span), lines))
        return changed if _told(changed) == wanted else None

    def with_name(self, function: ast.FunctionDef, old: str, new: str) -> str | None:
        """The whole text with every variable ``old`` of a function called ``new``."""
        nodes = [n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == old]
        if any(map(self._in_text, nodes)):
            return None
        changed = self.text.data
        for node in sorted(nodes, key=self.text.span, reverse=True):
            start, end = self.text.span(node)
            changed = changed[:start] + new.encode() + changed[end:]
        for node in nodes:
            node.id = new
        wanted = ast.dump(self.tree)
        for node in nodes:
            node.id = old
        text = changed.decode("utf-8")
        return text if _told(text) == wanted else None

    def _wanted_expression(self, node: ast.expr, new: ast.expr) -> str:
        parent = self.parents[node]
        for name, value in ast.iter_fields(parent):
            if value is node:
                setattr(parent, name, new)
                wanted = ast.dump(self.tree)
                setattr(parent, name, node)
                return wanted
            if isinstance(value, list) and node in value:
                place = value.index(node)
                value[place] = new
                wanted = ast.dump(self.tree)
                value[place] = node
                return wanted
        raise AssertionError("a node stands in none of its parent's fields")

    def _begins_its_line(self, node: ast.stmt) -> bool:
        return not self.text.line(node.lineno)[: node.col_offset].strip()

    def _in_text(self, node: ast.AST) -> bool:
        """Whether it stands within an f-string, where Python 3.11 gives wrong positions."""
        above: ast.AST | None = node
        while above is not None and not isinstance(above, ast.JoinedStr):
            above = self.parents.get(above)
        return above is not None


def binds(node: ast.expr) -> int:
    """How tightly an expression binds its parts; the most for names, calls and brackets."""
    if isinstance(node, ast.BoolOp | ast.BinOp):
        return _BINDING[type(node.op)]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return _BINDING[ast.Not]
    if isinstance(node, ast.Tuple | ast.Yield | ast.Await):
        return 0
    return _BINDING.get(type(node), _ATOM)


def _told(source: str) -> str | None:
    try:
        return ast.dump(parse(source))
    except SyntaxError:
        return None


def _is_long_text(node: ast.AST) -> bool:
    """Whether it is a text of several lines, whose content an indent would change."""
    is_text = isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    )
    return is_text and node.end_lineno != node.lineno  # type: ignore[attr-defined]
