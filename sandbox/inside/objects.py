"""Encodings of instances, classes, functions and the objects of the standard library."""

import sys

from sandbox.inside import leaves
from sandbox.inside.containers import listed
from sandbox.inside.slots import (
    HEAP_TYPE,
    NoEncodingError,
    name_of,
    own,
    state,
    type_flags,
    type_mro,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sandbox.inside.encoding import Walk

MODULE = type(sys)
module_dict = vars(MODULE)["__dict__"].__get__


def instance(walk: "Walk", value: object, content: str = "") -> str:
    """Encode an instance by its class's name, its built-in content and its attributes."""
    kind = type(value)
    if not content:
        for base in type_mro(kind):
            if base is not object and not type_flags(base) & HEAP_TYPE:
                raise NoEncodingError(f"a {name_of(kind)}")
    parts = [f"{name}={walk.value(part)}" for name, part in state(value)]
    return f"I{name_of(kind)}({content};{','.join(parts)})"


def class_(_walk: "Walk", value: type) -> str:
    """Encode a class by its name."""
    return f"C{name_of(value)}"


def reduced(walk: "Walk", value: "Any") -> str:
    """Encode a value of a C type that cannot be changed, by what its own reduce method gives."""
    kind = type(value)
    try:
        parts = own(kind, "__reduce__").__get__(value)()  # type: ignore[attr-defined]
    except TypeError:  # some have the method to say that they cannot be taken apart
        raise NoEncodingError(f"a {name_of(kind)}") from None
    if type(parts) is not tuple:
        raise NoEncodingError(f"a {name_of(kind)}")
    return f"R{name_of(kind)}({listed(walk, parts[1:])})"


def decimal(walk: "Walk", value: "Any") -> str:
    """Encode a Decimal by its exact value; policy `strict` adds the type and the digits."""
    return reduced(walk, value) if walk.strict else leaves.decimal(*value.as_tuple())


def fraction(walk: "Walk", value: object) -> str:
    """Encode a Fraction by its exact value; policy `strict` adds the type."""
    parts = dict(state(value))
    top, bottom = parts.get("_numerator"), parts.get("_denominator")
    if walk.strict or type(top) is not int or type(bottom) is not int or bottom <= 0:
        return instance(walk, value)
    return leaves.ratio(top, bottom)


def pattern(walk: "Walk", value: "Any") -> str:
    """Encode a compiled regular expression by its text and flags."""
    return f"re({listed(walk, (value.pattern, value.flags))})"


def match(walk: "Walk", value: "Any") -> str:
    """Encode a match by its expression, its text and the places that matched."""
    return f"match({listed(walk, (value.re, value.string, value.regs))})"


def function(walk: "Walk", value: "Any") -> str:
    """Encode a function; what it is made of goes to the header."""
    walk.saw_code = True
    if not walk.show_code:
        return "F"
    cells = [_content(cell) for cell in value.__closure__ or ()]
    return f"F({listed(walk, (value.__code__, value.__defaults__, value.__kwdefaults__, cells))})"


def _content(cell: "Any") -> object:
    try:
        return cell.cell_contents
    except ValueError:
        return ...


def code(walk: "Walk", value: "Any") -> str:
    """Encode a code object by its instructions and what they name, without line numbers."""
    shape = (value.co_argcount, value.co_kwonlyargcount, value.co_flags, value.co_code)
    names = (value.co_names, value.co_varnames, value.co_freevars, value.co_cellvars)
    return f"K({listed(walk, (*shape, *names, value.co_consts))})"


def builtin(walk: "Walk", value: "Any") -> str:
    """Encode a function or method of C by its name and what it is bound to."""
    bound = value.__self__
    holder = "" if bound is None or type(bound) is MODULE else walk.value(bound)
    return f"b{value.__module__}.{value.__qualname__}({holder})"


def method(walk: "Walk", value: "Any") -> str:
    """Encode a bound method by its function and the object."""
    return f"M({listed(walk, (value.__func__, value.__self__))})"


def descriptor(_walk: "Walk", value: "Any") -> str:
    """Encode an unbound method of a built-in class by its name."""
    return f"b{value.__qualname__}()"


def module(walk: "Walk", value: object) -> str:
    """Encode a module by its name."""
    return f"module({walk.value(module_dict(value).get('__name__'))})"
