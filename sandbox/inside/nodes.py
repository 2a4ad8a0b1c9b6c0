"""Which function encodes which kind of value with parts: `node(kind)` finds it."""

from sandbox.inside import containers as c
from sandbox.inside import objects as o
from sandbox.inside.raised import raised
from sandbox.inside.slots import UNSET, derives, is_immutable, name_of, own, owner_of, type_mro

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sandbox.inside.encoding import Walk

    Node = Callable[[Walk, Any], str]


class _Probe:
    def method(self) -> None: ...


NODES: "dict[type, Node]" = {
    list: c.list_,
    tuple: c.tuple_,
    dict: c.dict_,
    set: c.set_,
    frozenset: c.frozenset_,
    range: c.range_,
    slice: c.slice_,
    memoryview: c.memory,
    type({}.keys()): c.set_view,
    type({}.items()): c.set_view,
    type({}.values()): c.values_view,
    type(type.__dict__): c.mapping_proxy,
    type(_Probe.method): o.function,
    type(_Probe.method.__code__): o.code,
    type(len): o.builtin,
    type(_Probe().method): o.method,
    type(str.join): o.descriptor,
    type(object.__init__): o.descriptor,
    type(dict.__dict__["fromkeys"]): o.descriptor,
    o.MODULE: o.module,
    type: o.class_,
}
IMMUTABLE_BY_NAME: "dict[str, Node]" = {
    "collections.OrderedDict": c.ordered_dict,
    "collections.deque": c.deque,
    "array.array": c.array,
    "decimal.Decimal": o.decimal,
    "re.Pattern": o.pattern,
    "re.Match": o.match,
}
EQUAL_LIKE_BASE = ("collections.Counter", "collections.OrderedDict")


def _leaf(read: "Callable[[Any], object]", base: type) -> "Node":
    def encode(walk: "Walk", value: object) -> str:
        return walk.leaves[base](read(value))

    return encode


def _whole(get: "Callable[[Any, slice], object]") -> "Callable[[Any], object]":
    def read(value: object) -> object:
        return get(value, slice(None))

    return read


BASES: "dict[type, Node]" = {
    int: _leaf(int.__int__, int),
    float: _leaf(float.__float__, float),
    complex: _leaf(complex.__complex__, complex),
    str: _leaf(str.__str__, str),
    bytes: _leaf(_whole(bytes.__getitem__), bytes),
    bytearray: _leaf(_whole(bytearray.__getitem__), bytearray),
    list: c.list_,
    tuple: c.tuple_,
    dict: c.dict_,
    set: c.set_,
    frozenset: c.frozenset_,
}


def _derived(walk: "Walk", value: object) -> str:
    """Encode an instance of a subclass of a built-in type.

    Under policy `python` it counts as its base where it inherits the base's `==`.
    """
    kind = type(value)
    base = _base(kind)
    content = BASES[base](walk, value)
    owner = owner_of(kind, "__eq__")
    if walk.strict or not (owner is base or name_of(owner) in EQUAL_LIKE_BASE):
        return o.instance(walk, value, content)
    if name_of(owner) == "collections.OrderedDict":
        return c.ordered_dict(walk, value)  # type: ignore[arg-type]
    return content


def _base(kind: type) -> "Any":
    for each in type_mro(kind):
        for base in BASES:
            if each is base:
                return each
    return None


def node(kind: type) -> "Node":
    """Return the function that encodes values of this very class."""
    if type(kind) is type and kind in NODES:  # the hash of a class with a metaclass may be its own
        return NODES[kind]
    fixed = is_immutable(kind)
    name = name_of(kind)
    if fixed and name in IMMUTABLE_BY_NAME:
        return IMMUTABLE_BY_NAME[name]
    if _base(kind) is not None:
        return _derived
    if derives(kind, BaseException):
        return raised
    if derives(kind, type):
        return o.class_
    if fixed and own(kind, "__next__") is not UNSET:
        return c.iterator
    if fixed and own(kind, "__reduce__") is not UNSET:
        return o.reduced
    return o.fraction if name == "fractions.Fraction" else o.instance
