"""Mutation operators on expressions: comparisons, arithmetic, conditions, calls, slices."""

import ast
from collections.abc import Iterator

from sandbox.syntax import whole_number
from sinq_jax.programs.mutation.constants import divides
from sinq_jax.programs.mutation.sites import Edit, Site

COMPARISONS: dict[type[ast.cmpop], tuple[str, tuple[str, ...]]] = {
    ast.Gt: (">", (">=", "<")),
    ast.GtE: (">=", (">", "<=", "==")),
    ast.Lt: ("<", ("<=", ">")),
    ast.LtE: ("<=", ("<", ">=", "==")),
    ast.Eq: ("==", ("!=", ">=", "<=")),
    ast.NotEq: ("!=", ("==", ">", "<")),
    ast.In: ("in", ("not in",)),
    ast.NotIn: ("not in", ("in",)),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: ("is not", ("is",)),
}
ARITHMETIC: dict[type[ast.operator], tuple[str, tuple[str, ...]]] = {
    ast.Add: ("+", ("-", "*")),
    ast.Sub: ("-", ("+",)),
    ast.Mult: ("*", ("+", "-")),
    ast.FloorDiv: ("//", ("%", "*")),
    ast.Mod: ("%", ("//",)),
    ast.Div: ("/", ("//",)),
    ast.Pow: ("**", ("*",)),
    ast.BitAnd: ("&", ("|",)),
    ast.BitOr: ("|", ("&",)),
    ast.BitXor: ("^", ("|",)),
    ast.LShift: ("<<", (">>",)),
    ast.RShift: (">>", ("<<",)),
}
FUNCTIONS = {
    "min": ("max",),
    "max": ("min",),
    "sum": ("len", "max"),
    "len": ("sum",),
    "any": ("all",),
    "all": ("any",),
}
REMOVABLE_CALLS = frozenset(("abs", "sorted", "set", "int", "round", "reversed", "list", "str"))
METHODS = {
    "upper": ("lower", "title"),
    "lower": ("upper",),
    "startswith": ("endswith",),
    "endswith": ("startswith",),
    "strip": ("lstrip", "rstrip"),
    "lstrip": ("rstrip", "strip"),
    "rstrip": ("lstrip", "strip"),
    "find": ("rfind",),
    "rfind": ("find",),
    "isdigit": ("isalpha", "isalnum"),
    "isalpha": ("isalnum", "isdigit"),
    "isalnum": ("isalpha",),
    "isupper": ("islower",),
    "islower": ("isupper",),
    "append": ("extend",),
    "title": ("capitalize",),
    "capitalize": ("title",),
    "union": ("intersection",),
    "intersection": ("union",),
    "keys": ("values",),
    "values": ("keys",),
}
WHOLE_NUMBER_CALLS = frozenset(("len", "sum", "abs", "max", "min"))


def comparison(site: Site) -> Iterator[Edit]:
    """``>`` to ``>=`` and its like."""
    if not isinstance(site.node, ast.Compare):
        return
    left = site.node.left
    for operator, right in zip(site.node.ops, site.node.comparators, strict=True):
        symbol, others = COMPARISONS[type(operator)]
        span = site.text.token(site.text.span(left)[1], site.text.span(right)[0], symbol)
        if span is not None:
            yield from (Edit(*span, other) for other in others)
        left = right


def arithmetic(site: Site) -> Iterator[Edit]:
    """``+`` to ``-`` and its like, where neither side is plainly a text or a list."""
    if not isinstance(site.node, ast.BinOp):
        return
    sides = (site.node.left, site.node.right)
    if any(map(_is_sequence, sides)):
        return
    symbol, others = ARITHMETIC.get(type(site.node.op), ("@", ()))
    span = site.text.token(site.text.span(sides[0])[1], site.text.span(sides[1])[0], symbol)
    if span is not None:
        yield from (Edit(*span, other) for other in others)


def swapped_operands(site: Site) -> Iterator[Edit]:
    """``a - b`` to ``b - a``, where the order matters."""
    node = site.node
    if not isinstance(node, ast.BinOp):
        return
    sequences = any(map(_is_sequence, (node.left, node.right)))
    if not isinstance(node.op, ast.Sub | ast.FloorDiv | ast.Mod | ast.Div | ast.Pow) and not (
        isinstance(node.op, ast.Add) and sequences
    ):
        return
    symbol = ARITHMETIC[type(node.op)][0]
    span = site.text.token(site.text.span(node.left)[1], site.text.span(node.right)[0], symbol)
    if span is None or _is_divisor_zero(node.op, node.left):
        return
    start, end = site.text.span(node)
    left = site.text.between(start, span[0]).strip()
    right = site.text.between(span[1], end).strip()
    yield Edit(start, end, f"{right} {symbol} {left}")


def boolean(site: Site) -> Iterator[Edit]:
    """``and`` to ``or`` and back; one side of a pair left out."""
    node = site.node
    if not isinstance(node, ast.BoolOp):
        return
    symbol, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    left, right = node.values[0], node.values[1]
    span = site.text.token(site.text.span(left)[1], site.text.span(right)[0], symbol)
    if span is not None and len(node.values) == 2:
        yield Edit(*span, other)
    for value in node.values if len(node.values) == 2 else ():
        yield site.text.replaced(node, site.text.of(value))


def negation(site: Site) -> Iterator[Edit]:
    """A condition that is not a comparison, turned round."""
    node = site.node
    is_test = node is getattr(site.parent, "test", None)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield site.text.replaced(node, site.text.of(node.operand))
    elif is_test and isinstance(node, ast.Name | ast.Call | ast.Attribute | ast.Subscript):
        yield site.text.replaced(node, f"not {site.text.of(node)}")


def call(site: Site) -> Iterator[Edit]:
    """``min`` to ``max`` and its like; a call such as ``abs(x)`` reduced to its argument."""
    node = site.node
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return
    over_text = any(isinstance(a, ast.Name) and site.kinds.get(a.id) == "str" for a in node.args)
    for other in FUNCTIONS.get(node.func.id, ()):
        if other in ("min", "max") or (len(node.args) == 1 and not over_text):
            yield site.text.replaced(node.func, other)
    if node.func.id in REMOVABLE_CALLS and len(node.args) == 1 and not node.keywords:
        yield site.text.replaced(node, site.text.of(node.args[0]))


def method(site: Site) -> Iterator[Edit]:
    """``s.upper()`` to ``s.lower()`` and its like."""
    if isinstance(site.node, ast.Attribute):
        end = site.text.span(site.node)[1]
        start = end - len(site.node.attr.encode("utf-8"))
        yield from (Edit(start, end, other) for other in METHODS.get(site.node.attr, ()))


def dropped_slice(site: Site) -> Iterator[Edit]:
    """``xs[1:]`` to ``xs``."""
    node = site.node
    if not (isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)):
        return
    if isinstance(node.ctx, ast.Load):
        yield site.text.replaced(node, site.text.of(node.value))


def range_bound(site: Site) -> Iterator[Edit]:
    """``range(n)`` to ``range(n + 1)``, ``range(n - 1)`` and ``range(1, n)``."""
    node = site.node
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
        return
    if node.func.id != "range" or node.keywords:
        return
    bound = node.args[min(1, len(node.args) - 1)]
    if whole_number(bound) is None:
        yield site.text.replaced(bound, f"{site.text.of(bound)} + 1")
        yield site.text.replaced(bound, f"{site.text.of(bound)} - 1")
    if len(node.args) == 1:
        yield site.text.replaced(bound, f"1, {site.text.of(bound)}")


def other_name(site: Site) -> Iterator[Edit]:
    """A parameter read in the place of another one of the same kind."""
    node = site.node
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in site.kinds:
        for name, kind in site.kinds.items():
            if name != node.id and kind == site.kinds[node.id]:
                yield site.text.replaced(node, name)


def shifted_result(site: Site) -> Iterator[Edit]:
    """``return x`` to ``return x + 1`` or ``return x - 1``, where ``x`` is plainly a number."""
    node = site.node
    if not (isinstance(site.parent, ast.Return) and isinstance(node, ast.expr)):
        return
    if _is_number(node, site.kinds):
        yield site.text.replaced(node, f"{site.text.of(node)} + 1")
        yield site.text.replaced(node, f"{site.text.of(node)} - 1")


def _is_sequence(node: ast.expr) -> bool:
    """True for an operand that is a text or a list by its own text."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str | bytes)
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Slice)
    return isinstance(node, ast.List | ast.ListComp | ast.Tuple | ast.JoinedStr)


def _is_number(node: ast.expr, kinds: dict[str, str]) -> bool:
    if isinstance(node, ast.Name):
        return kinds.get(node.id) == "int"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in WHOLE_NUMBER_CALLS
    return False


def _is_divisor_zero(operator: ast.operator, divisor: ast.expr) -> bool:
    return divides(operator) and whole_number(divisor) == 0
