"""What kind of edit a variant is, told from the two syntax trees, and how large an edit it is."""

import ast
import tokenize
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from io import StringIO

from sandbox.syntax import parse, whole_number

UNREADABLE = ("unreadable",)
LAYOUT = ("layout",)

_KINDS: tuple[tuple[tuple[type[ast.AST], ...], str], ...] = (
    ((ast.Constant, ast.JoinedStr), "constant"),
    ((ast.Name,), "name"),
    ((ast.Compare, ast.cmpop), "comparison"),
    ((ast.BoolOp, ast.boolop, ast.Not), "boolean"),
    ((ast.BinOp, ast.UnaryOp, ast.AugAssign, ast.operator, ast.unaryop), "operator"),
    ((ast.Call, ast.Attribute, ast.keyword), "call"),
    ((ast.Subscript, ast.Slice), "slice"),
    ((ast.comprehension, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), "loop"),
    ((ast.For, ast.While, ast.Break, ast.Continue), "loop"),
    ((ast.If, ast.IfExp, ast.Return, ast.Raise, ast.Try, ast.match_case, ast.Match), "branch"),
    ((ast.arguments, ast.arg), "signature"),
    ((ast.stmt,), "statement"),
)
_NAMES = {"id": "name", "attr": "call", "arg": "call", "value": "constant"}
"""What a changed scalar field is: a name, a method, a keyword, a constant."""

_SPACING = (tokenize.NL, tokenize.COMMENT, tokenize.ENCODING, tokenize.ENDMARKER)


@lru_cache(maxsize=4096)
def edit_kinds(original: str, variant: str) -> tuple[str, ...]:
    """The kinds of edit between two programs, sorted, each once.

    ``constant``, ``name``, ``comparison``, ``boolean``, ``operator``, ``call``, ``slice``,
    ``branch``, ``loop``, ``statement``, ``signature`` or ``expression``; ``layout`` alone where
    the trees are equal, ``unreadable`` alone where one of them is not Python.
    """
    try:
        kinds = set(_between(parse(original), parse(variant)))
    except (SyntaxError, RecursionError):
        return UNREADABLE
    return tuple(sorted(kinds)) or LAYOUT


def edit_share(original: str, variant: str) -> float | None:
    """How much of the original an edit changes: changed tokens over the original's tokens.

    Of each stretch that differs the longer side counts, so an insertion counts too and the share
    may be above 1. Tokens are Python's own, without comments. None for text that has none.
    """
    ours, theirs = _tokens(original), _tokens(variant)
    if not ours or theirs is None:
        return None
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    changed = sum(
        max(last - first, later - sooner)
        for tag, first, last, sooner, later in matcher.get_opcodes()
        if tag != "equal"
    )
    return changed / len(ours)


def _tokens(source: str) -> list[str] | None:
    try:
        tokens = list(tokenize.generate_tokens(StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError, ValueError):
        return None
    return [token.string for token in tokens if token.type not in _SPACING]


def _between(ours: ast.AST, theirs: ast.AST) -> Iterator[str]:
    """Yield the kinds of the differences between two nodes in one place: that of the wrapper where
    one holds the other.
    """
    if ast.dump(ours) == ast.dump(theirs):
        return
    if whole_number(ours) is not None and whole_number(theirs) is not None:
        yield "constant"
    elif isinstance(ours, ast.expr) and _holds(theirs, ours):
        yield _kind(theirs)
    elif isinstance(theirs, ast.expr) and _holds(ours, theirs):
        yield _kind(ours)
    elif type(ours) is not type(theirs):
        yield from _replaced(ours, theirs)
    else:
        for field, mine in ast.iter_fields(ours):
            yield from _field(field, mine, getattr(theirs, field, None))


def _replaced(ours: ast.AST, theirs: ast.AST) -> Iterator[str]:
    """Yield what a node of one type in the place of one of another is."""
    if isinstance(ours, ast.stmt) and isinstance(theirs, ast.stmt):
        yield from {_kind(ours), _kind(theirs)}
    elif isinstance(ours, ast.expr):
        yield "expression"
    else:
        yield _kind(ours)


def _field(field: str, ours: object, theirs: object) -> Iterator[str]:
    if isinstance(ours, list) and isinstance(theirs, list):
        yield from _lists(ours, theirs)
    elif isinstance(ours, ast.AST) and isinstance(theirs, ast.AST):
        yield from _between(ours, theirs)
    elif isinstance(ours, ast.AST) or isinstance(theirs, ast.AST):
        present = ours if isinstance(ours, ast.AST) else theirs
        assert isinstance(present, ast.AST)
        yield "slice" if field in ("lower", "upper", "step") else _kind(present)
    elif type(ours) is not type(theirs) or ours != theirs:
        yield _NAMES.get(field, "statement")


def _lists(ours: list[object], theirs: list[object]) -> Iterator[str]:
    """Yield the kinds of the differences between two lists of children."""
    told = [*map(_told, ours)], [*map(_told, theirs)]
    matcher = SequenceMatcher(None, told[0], told[1], autojunk=False)
    for tag, first, last, sooner, later in matcher.get_opcodes():
        if tag == "equal":
            continue
        mine, others = ours[first:last], theirs[sooner:later]
        if len(mine) == len(others):
            for one, other in zip(mine, others, strict=True):
                yield from _field("", one, other)
        else:
            yield from {_kind(each) for each in (*mine, *others) if isinstance(each, ast.AST)}


def _told(child: object) -> str:
    return ast.dump(child) if isinstance(child, ast.AST) else repr(child)


def _holds(outer: ast.AST, inner: ast.AST) -> bool:
    wanted = ast.dump(inner)
    return any(ast.dump(node) == wanted for node in ast.walk(outer))


def _kind(node: ast.AST) -> str:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return "boolean"
    return next((kind for types, kind in _KINDS if isinstance(node, types)), "expression")
