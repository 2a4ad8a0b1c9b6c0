"""Canonical, structural encodings of values, made without running the program's own methods.

`encode(value, ...)` returns a text that is equal for two values exactly when they count as equal:
policy `python` says what `==` says of plain built-in data (and NaN equals NaN), policy `strict`
also tells types, the sign of zero and the order of dict items apart. A program's `__eq__`,
`__repr__`, `__hash__`, `__class__` and metaclasses are never asked; the one code of a program that
runs is the body of a returned iterator.

Two things differ only when both sides show them, so they stand in a header before the body: `o`,
the order of OrderedDicts (which counts among themselves but not against a dict), and `c`, the
code of functions (which can differ where the behaviour does not, so it proves nothing).
"""

from sandbox.inside import leaves, nodes
from sandbox.inside.leaves import checksum, digest
from sandbox.inside.raised import raised
from sandbox.inside.slots import NoEncodingError, TooLargeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Drained = dict[int, tuple[object, list[object], BaseException | str]]

MAX_DEPTH = 20_000
NEVER = 1 << 60


class Walk:
    """One pass over a value. Shared parts are encoded once, cycles as the way back up."""

    def __init__(self, strict: bool, items: int, room: int, drained: "Drained") -> None:
        self.strict = strict
        self.items = items
        self.room = room
        self.drained = drained
        self.leaves = leaves.STRICT if strict else leaves.PYTHON
        self.show_order = self.show_code = False
        self.saw_order = self.saw_code = False
        self.path: dict[int, int] = {}
        self.low = NEVER
        self.done: dict[int, str] = {}
        self.kept: list[object] = []

    def value(self, value: object) -> str:
        """Encode one value, however nested; raise NoEncodingError or TooLargeError."""
        kind = type(value)
        if type(kind) is type:  # only then is its hash, which the look-up needs, not the program's
            leaf = self.leaves.get(kind)
            if leaf is not None:
                return leaf(value)
        key = id(value)
        known = self.done.get(key)
        if known is not None:
            return known
        depth = len(self.path)
        above = self.path.get(key)
        if above is not None:
            self.low = min(self.low, above)
            return f"^{depth - above}"
        if depth > MAX_DEPTH:
            raise NoEncodingError("nested too deep")
        return self._inner(value, kind, key, depth)

    def _inner(self, value: object, kind: type, key: int, depth: int) -> str:
        outer, self.low = self.low, NEVER
        self.path[key] = depth
        body = nodes.node(kind)(self, value)
        del self.path[key]
        self.room -= len(body)
        if self.room < 0:
            raise TooLargeError
        body = digest(body)
        if self.low >= depth:  # nothing in it points above itself, so it means the same elsewhere
            self.done[key] = body
            self.kept.append(value)
        else:
            outer = min(outer, self.low)
        self.low = outer
        return body


def encode(value: object, strict: bool, items: int, room: int) -> str:
    """Return the encoding of a value.

    strict: policy `strict` instead of `python`. items: how many items of an iterator are looked
    at. room: characters that all parts of the encoding may have together. Raises NoEncodingError
    when the value has none, TooLargeError when room does not suffice.
    """
    return _with_header(lambda walk: walk.value(value), (strict, items, room))


def encode_outcome(
    result: object,
    error: BaseException | None,
    extras: "tuple[object, ...]",
    bounds: "tuple[bool, int, int]",
) -> str:
    """Return the encoding of how a call ended: the result, or the error if there is one.

    extras: what else is observed. bounds: strict, items and room as for `encode`.
    """

    def visit(walk: Walk) -> str:
        end = walk.value(result) if error is None else "!" + raised(walk, error)
        return end + "".join([f"+{walk.value(extra)}" for extra in extras])

    return _with_header(visit, bounds)


def _with_header(visit: "Callable[[Walk], str]", bounds: "tuple[bool, int, int]") -> str:
    drained: Drained = {}
    plain = Walk(*bounds, drained)
    body = visit(plain)
    header = ""
    for letter, seen in (("o", plain.saw_order), ("c", plain.saw_code)):
        if seen:
            fine = Walk(*bounds, drained)
            fine.show_order, fine.show_code = letter == "o", letter == "c"
            header += f"~{letter}{checksum(visit(fine).encode())}"
    return f"{header}~{body}" if header else body
