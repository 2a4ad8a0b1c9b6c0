"""Reading objects through the slots of the built-in types, past anything that a program overrides.

Attribute access (`value.__dict__`, `kind.__mro__`) would run a program's own `__getattribute__`,
properties and metaclasses. The descriptors below are those of `type`, `object` and `BaseException`
themselves, taken before any program ran.
"""

IMMUTABLE_TYPE = 1 << 8
HEAP_TYPE = 1 << 9

type_dict = type.__dict__["__dict__"].__get__
type_mro = type.__dict__["__mro__"].__get__
type_module = type.__dict__["__module__"].__get__
type_qualname = type.__dict__["__qualname__"].__get__
type_flags = type.__dict__["__flags__"].__get__
exception_args = BaseException.__dict__["args"].__get__


class _Slotted:
    __slots__ = ("slot",)


GETSET = type(type.__dict__["__dict__"])
MEMBER = type(_Slotted.__dict__["slot"])
UNSET = object()


class NoEncodingError(Exception):
    """The value has no encoding, so nothing may be concluded from it."""


class TooLargeError(Exception):
    """The encoding of the value is longer than the limit."""


def own(kind: type, name: str) -> object:
    """Return what the class body of kind itself binds to name, or UNSET."""
    return type_dict(kind).get(name, UNSET)


def name_of(kind: type) -> str:
    """Return `module.qualname` of a class; the module is left out for built-in ones."""
    module = type_module(kind)
    qualname: str = type_qualname(kind)
    if type(module) is not str or module == "builtins":
        return qualname
    return f"{module}.{qualname}"


def is_immutable(kind: type) -> bool:
    """Say whether no program can have changed the methods of kind."""
    return bool(type_flags(kind) & IMMUTABLE_TYPE)


def derives(kind: type, base: type) -> bool:
    """Say whether base is among the classes that kind is made from, without asking a metaclass."""
    return any(each is base for each in type_mro(kind))


def owner_of(kind: type, name: str) -> type:
    """Return the class along the method resolution order that defines name (at last object)."""
    for base in type_mro(kind):
        if name in type_dict(base):
            found: type = base
            return found
    return object


def state(value: object) -> list[tuple[str, object]]:
    """Return the attributes of an instance: its `__dict__` and its slots, sorted by name."""
    found: dict[str, object] = {}
    for base in type_mro(type(value)):
        for name, entry in type_dict(base).items():
            if type(entry) is MEMBER and name not in found:
                try:
                    found[name] = MEMBER.__get__(entry, value)
                except AttributeError:
                    continue
        holder = own(base, "__dict__")
        if type(holder) is GETSET and base is not type:
            attributes = GETSET.__get__(holder, value)  # type: ignore[attr-defined]
            found.update({k: v for k, v in dict.items(attributes) if type(k) is str})
    return sorted(found.items(), key=_first)


def _first(pair: tuple[str, object]) -> str:
    return pair[0]
