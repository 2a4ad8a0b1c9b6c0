"""Encodings of the built-in containers, views and iterators."""

from _operator import add, eq
from _struct import pack
from itertools import repeat

from sandbox.inside import leaves
from sandbox.inside.raised import raised
from sandbox.inside.slots import NoEncodingError, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from sandbox.inside.encoding import Walk


MANY = 32
ZERO = 0.0
LARGE = 2.0**900
"""Beyond, the encoding of a whole number is a checksum, from which the number cannot be read."""


def listed(walk: "Walk", values: "Iterable[object]") -> str:
    """Return the encodings of several values, in order, joined by commas.

    A long row of numbers is encoded as the doubles that they equal, if each of them equals one, in
    a third of the time. Whether it is follows from the encodings of the numbers alone.
    """
    values = [*values]
    if len(values) <= MANY:
        return ",".join(_each(walk, values))
    packed = _doubles(values, not walk.strict)
    if packed is None:
        texts = _each(walk, values)
        packed = None if walk.strict else _spelled_doubles(texts)
        if packed is None:
            return ",".join(texts)
    walk.room -= len(packed)
    return f"row{leaves.checksum(packed)}"


def _doubles(values: "list[Any]", floats: bool) -> "bytes | None":
    """Return the doubles that ints, and floats if these may be among them, are equal to; None where
    a value is something else, equals no double or is large. NaN equals none.
    """
    for v in values:
        if type(v) is not int and not (floats and type(v) is float):
            return None
    try:
        doubles = [*map(add, values, repeat(ZERO))]  # which also makes 0.0 of -0.0
    except OverflowError:
        return None
    exact = all(map(eq, doubles, values)) and min(doubles) > -LARGE and max(doubles) < LARGE
    return pack(f"{len(doubles)}d", *doubles) if exact else None


def _spelled_doubles(texts: "list[str]") -> "bytes | None":
    """Return the same of numbers of any type, from their encodings."""
    numbers = []
    for text in texts:
        number = leaves.number(text)
        if number is None:
            return None
        numbers.append(number)
    return _doubles(numbers, True)


def _each(walk: "Walk", values: "Iterable[object]") -> "list[str]":
    """Return `walk.value` of each; leaves, of which there may be a million, without that call."""
    leaf_of, value_of = walk.leaves.get, walk.value
    return [
        leaf(v) if type(kind := type(v)) is type and (leaf := leaf_of(kind)) else value_of(v)
        for v in values
    ]


def _unordered(walk: "Walk", values: "Iterable[object]", tag: str) -> str:
    return f"{tag}{{{','.join(sorted(_each(walk, values)))}}}"


def list_(walk: "Walk", value: "list[object]") -> str:
    """Encode a list, in order."""
    return f"[{listed(walk, list.__iter__(value))}]"


def tuple_(walk: "Walk", value: "tuple[object, ...]") -> str:
    """Encode a tuple, in order."""
    return f"({listed(walk, tuple.__iter__(value))})"


def set_(walk: "Walk", value: "set[object]") -> str:
    """Encode a set, without order."""
    return _unordered(walk, set.__iter__(value), "S")


def frozenset_(walk: "Walk", value: "frozenset[object]") -> str:
    """Encode a frozenset; under policy `python` it equals the set of the same elements."""
    return _unordered(walk, frozenset.__iter__(value), "Z" if walk.strict else "S")


def dict_(walk: "Walk", value: "dict[object, object]", ordered: bool = False) -> str:
    """Encode a dict: its items sorted by their keys' encodings, or in order where that counts."""
    keys = [walk.value(k) for k in dict.keys(value)]
    values = [*dict.values(value)]
    places = [*range(len(keys))]
    if not (ordered or walk.strict):
        places.sort(key=keys.__getitem__)
    items = [f"{keys[i]}:{walk.value(values[i])}" for i in places]
    return f"{'O' if ordered else 'D'}{{{','.join(items)}}}"


def ordered_dict(walk: "Walk", value: "dict[object, object]") -> str:
    """Encode an OrderedDict as a dict; its order goes to the header."""
    walk.saw_order = True
    return dict_(walk, value, ordered=walk.show_order or walk.strict)


def deque(walk: "Walk", value: "Iterable[object]") -> str:
    """Encode a deque, in order, without its bound."""
    return f"deque[{listed(walk, value)}]"


def array(walk: "Walk", value: "Any") -> str:
    """Encode an array by its numbers; policy `strict` adds their type."""
    return f"array{value.typecode if walk.strict else ''}[{listed(walk, value.tolist())}]"


def range_(_walk: "Walk", value: range) -> str:
    """Encode a range by the numbers in it, as `==` does."""
    first = value[0] if value else 0
    step = value.step if len(value) > 1 else 0
    return f"range({len(value):x},{first:x},{step:x})"


def slice_(walk: "Walk", value: slice) -> str:
    """Encode a slice by its three parts."""
    return f"slice({listed(walk, (value.start, value.stop, value.step))})"


def set_view(walk: "Walk", value: "Iterable[object]") -> str:
    """Encode the keys or items of a dict; under policy `python` they equal a set."""
    return _unordered(walk, value, name_of(type(value)) if walk.strict else "S")


def values_view(walk: "Walk", value: "Iterable[object]") -> str:
    """Encode the values of a dict, in order."""
    return f"values[{listed(walk, value)}]"


def mapping_proxy(walk: "Walk", value: "Any") -> str:
    """Encode a read-only view as the dict it shows."""
    return dict_(walk, dict(value))


def memory(walk: "Walk", value: memoryview) -> str:
    """Encode a memoryview of bytes as those bytes; policy `strict` adds the type."""
    if value.format not in ("B", "b", "c"):
        raise NoEncodingError("a memoryview of other than bytes")
    return ("v" if walk.strict else "") + leaves.data(value.tobytes())


def iterator(walk: "Walk", value: "Iterable[object]") -> str:
    """Encode an iterator by the items it still gives, up to the bound, and by how it ends."""
    key = id(value)
    if key not in walk.drained:
        walk.drained[key] = (value, *_drain(value, walk.items))
    _, items, end = walk.drained[key]
    tag = name_of(type(value)) if walk.strict else "it"
    closing = end if type(end) is str else raised(walk, end)  # type: ignore[arg-type]
    return f"{tag}[{listed(walk, items)};{closing}]"


def _drain(value: "Iterable[object]", bound: int) -> "tuple[list[object], BaseException | str]":
    items: list[object] = []
    try:
        for item in value:
            if len(items) == bound:
                return items, "more"
            items.append(item)
    except MemoryError:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever a program raises is how this ends
        return items, error
    return items, "end"
