"""What is known of a program before it runs: its code, its signature, what it imports."""

from __future__ import annotations

import ast
import dis
import marshal
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

from sandbox.closed import is_closed
from sandbox.modules import ALLOWED, UNSTEADY, tier_for

IMPORT_NAME = dis.opmap["IMPORT_NAME"]
EXTENDED_ARG = dis.opmap["EXTENDED_ARG"]


class RejectedError(Exception):
    """The text is no program that can be run; the message is the reason."""


@dataclass(frozen=True)
class Signature:
    """Name, kind and parameters of an entry point; the values of defaults are left out.

    A changed default value is a changed behaviour, like any constant in the body, so it may differ
    between original and variant; which parameters have a default may not.
    """

    name: str
    is_async: bool
    positional_only: tuple[str, ...]
    either: tuple[str, ...]
    defaults: int
    rest: bool
    keyword_only: tuple[str, ...]
    optional_keywords: frozenset[str]
    keywords: bool

    def binds(self, names: frozenset[str]) -> bool:
        """Say whether a call with exactly these keyword arguments fits."""
        ordered = self.positional_only + self.either
        optional = {*ordered[len(ordered) - self.defaults :], *self.optional_keywords}
        if not optional.issuperset(self.positional_only):
            return False  # nothing could give it: inputs are keyword arguments
        required = {*self.either, *self.keyword_only} - optional
        return required <= names and (self.keywords or names <= {*self.either, *self.keyword_only})


@dataclass(frozen=True)
class Program:
    """A program ready to be sent to a child.

    refused: why it may not run, or None. closed: whether it may share a child (`sandbox.closed`).
    """

    code: bytes
    signature: Signature
    tier: int
    refused: str | None
    closed: bool


def prepare(source: str, entry_point: str, limit_bytes: int) -> Program:
    """Return the compiled program; raise RejectedError when the text cannot be one."""
    if len(source.encode("utf-8", "surrogatepass")) > limit_bytes:
        raise RejectedError("program too long")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source, "program")
            code = compile(source, "program", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        raise RejectedError("syntax error") from None
    signature = _signature(tree, entry_point)
    imports = frozenset(name.partition(".")[0] for name in _imports(code))
    refused = _refused(code, imports)
    tier = tier_for(imports) if refused is None else 0
    closed = refused is None and is_closed(tree)
    return Program(marshal.dumps(code), signature, tier, refused, closed)


def _signature(tree: ast.Module, entry_point: str) -> Signature:
    found = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == entry_point
    ]
    if not found:
        raise RejectedError("no entry point")
    node, args = found[-1], found[-1].args
    optional = [a.arg for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d]
    return Signature(
        name=entry_point,
        is_async=isinstance(node, ast.AsyncFunctionDef),
        positional_only=tuple(a.arg for a in args.posonlyargs),
        either=tuple(a.arg for a in args.args),
        defaults=len(args.defaults),
        rest=args.vararg is not None,
        keyword_only=tuple(a.arg for a in args.kwonlyargs),
        optional_keywords=frozenset(optional),
        keywords=args.kwarg is not None,
    )


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _imports(code: CodeType) -> Iterator[str]:
    for each in _codes(code):
        extended = 0
        for operation, argument in zip(each.co_code[::2], each.co_code[1::2], strict=True):
            index = extended << 8 | argument
            extended = index if operation == EXTENDED_ARG else 0
            if operation == IMPORT_NAME:
                yield each.co_names[index]


def _refused(code: CodeType, imports: frozenset[str]) -> str | None:
    """Return the rule that the program breaks on its face, or None."""
    forbidden = sorted(name or "." for name in imports - ALLOWED)
    if forbidden:
        return f"import of {forbidden[0]}"
    for module, attributes in UNSTEADY.items():
        if module in imports:
            used = {name for each in _codes(code) for name in each.co_names} & attributes
            if used:
                return f"{module}.{min(used)}"
    return None
