"""Kinds of parameters, ``int``, ``list[str]``, ``dict[str, int]``: inferred and read.

A kind is written as a Python annotation over plain data; ``any`` says that nothing is known.
"""

import ast
from collections.abc import Iterable

SCALARS = ("int", "bool", "float", "str", "None")
CONTAINERS = ("list", "tuple", "set", "dict")
ANY = "any"


_BARE = {
    "list": "list[any]",
    "set": "set[any]",
    "dict": "dict[any, any]",
    "tuple": "tuple[any, ...]",
}
_ALIASES = {
    "List": "list",
    "Tuple": "tuple",
    "Set": "set",
    "Dict": "dict",
    "Sequence": "list",
    "Iterable": "list",
    "Mapping": "dict",
}


def kind_of(value: object) -> str:
    """The kind of one piece of plain data; elements that disagree, or none at all, give ``any``."""
    if isinstance(value, list | set | frozenset):
        name = "list" if isinstance(value, list) else "set"
        return f"{name}[{common_kind(map(kind_of, value))}]"
    if isinstance(value, tuple):
        return f"tuple[{', '.join(map(kind_of, value))}]" if value else "tuple[any, ...]"
    if isinstance(value, dict):
        keys, items = common_kind(map(kind_of, value)), common_kind(map(kind_of, value.values()))
        return f"dict[{keys}, {items}]"
    name = "None" if value is None else type(value).__name__
    return name if name in SCALARS else ANY


def common_kind(kinds: Iterable[str]) -> str:
    """The one kind that covers all ``kinds``, in whatever order; ``any`` where there is none.

    ``any`` says nothing and so contradicts nothing: an empty list (``list[any]``) goes along with
    every other list. Whole numbers among floats are floats.
    """
    parts = {kind_parts(kind) for kind in kinds if kind != ANY}
    names = {name for name, _ in parts}
    if names == {"int", "float"}:
        return "float"
    if len(names) != 1:
        return ANY
    name = names.pop()
    inner = [inner for _, inner in parts]
    if name == "tuple" and (len({len(i) for i in inner}) > 1 or any("..." in i for i in inner)):
        return f"tuple[{common_kind(part for i in inner for part in i if part != '...')}, ...]"
    columns = list(zip(*inner, strict=True))
    return f"{name}[{', '.join(map(common_kind, columns))}]" if columns else name


def kind_parts(kind: str) -> tuple[str, tuple[str, ...]]:
    """``dict[str, int]`` as ``("dict", ("str", "int"))``; a scalar has no parts."""
    name, bracket, rest = kind.partition("[")
    if not bracket:
        return name, ()
    parts, depth, start = [], 0, 0
    for index, character in enumerate(rest[:-1]):
        depth += (character == "[") - (character == "]")
        if character == "," and depth == 0:
            parts.append(rest[start:index].strip())
            start = index + 1
    return name, (*parts, rest[start:-1].strip())


def kind_from_annotation(node: ast.expr | None) -> str:
    """The kind that an annotation states; ``any`` for everything outside plain data."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _kind_from_text(node.value)
    if isinstance(node, ast.Constant):
        return "None" if node.value is None else "..." if node.value is ... else ANY
    if isinstance(node, ast.Name | ast.Attribute):
        name = _plain_name(node)
        return name if name in SCALARS else _BARE.get(name, ANY)
    if not isinstance(node, ast.Subscript):
        return ANY
    name = _plain_name(node.value)
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name not in CONTAINERS or len(inner) != {"dict": 2, "tuple": len(inner)}.get(name, 1):
        return ANY
    return f"{name}[{', '.join(map(kind_from_annotation, inner))}]"


def _kind_from_text(annotation: str) -> str:
    try:
        return kind_from_annotation(ast.parse(annotation, mode="eval").body)
    except (SyntaxError, ValueError):
        return ANY


def _plain_name(node: ast.expr) -> str:
    """``list`` for ``list``, ``List`` and ``typing.List``."""
    name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
    return _ALIASES.get(name, name)
