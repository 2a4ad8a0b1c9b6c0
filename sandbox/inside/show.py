"""Texts of values for people, made without running the program's own methods."""

from sandbox.inside.slots import derives, exception_args, is_immutable, name_of, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

MAX_TEXT = 2000
MAX_PARTS = 200
MAX_DEPTH = 6
LARGE = 10**1000

PLAIN = (bool, float, complex, type(None), type(...), type(NotImplemented), bytes, bytearray, range)
FIXED = (
    "decimal.Decimal",
    "datetime.date",
    "datetime.datetime",
    "datetime.time",
    "datetime.timedelta",
    "re.Pattern",
)


def show(value: object) -> str:
    """Return a text like `repr`'s, cut at 2,000 characters."""
    return _cut(_Showing().text(value, 0))


def show_raised(error: BaseException) -> str:
    """Return the class and the message of an exception, like the last line of a traceback."""
    parts = exception_args(error)
    name = name_of(type(error)).removeprefix("program.")
    if not parts:
        return name
    if len(parts) == 1 and type(parts[0]) is str:
        return _cut(f"{name}: {parts[0]}")
    return _cut(f"{name}: {_Showing().listed(parts, 1)}")


def _cut(text: str) -> str:
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT] + f"... ({len(text)} characters)"
    return text.encode("utf-8", "backslashreplace").decode()


class _Showing:
    """One text in the making; it stops at a number of parts."""

    def __init__(self) -> None:
        self.left = MAX_PARTS

    def text(self, value: "Any", depth: int) -> str:
        self.left -= 1
        if self.left < 0 or depth > MAX_DEPTH:
            return "..."
        kind = type(value)
        if kind is int:
            return f"{value}" if -LARGE < value < LARGE else f"{value:#x}"
        if kind is str:
            return str.__repr__(value[: MAX_TEXT + 1])
        for plain in PLAIN:
            if kind is plain:
                return str(plain.__repr__(value))  # type: ignore[call-arg]
        if kind is list:
            return f"[{self.listed(value, depth)}]"
        if kind is tuple:
            return f"({self.listed(value, depth)}{',' if len(value) == 1 else ''})"
        if kind is set:
            return f"{{{self.listed(value, depth)}}}" if value else "set()"
        return self.pairs(value, depth) if kind is dict else self.other(value, kind, depth)

    def listed(self, values: "Iterable[Any]", depth: int) -> str:
        parts = []
        for value in values:
            parts.append(self.text(value, depth + 1))
            if self.left < 0:
                break
        return ", ".join(parts)

    def pairs(self, value: "Any", depth: int) -> str:
        parts = []
        for key, item in dict.items(value):
            parts.append(f"{self.text(key, depth + 1)}: {self.text(item, depth + 1)}")
            if self.left < 0:
                break
        return "{" + ", ".join(parts) + "}"

    def other(self, value: "Any", kind: type, depth: int) -> str:
        name = name_of(kind).removeprefix("program.")
        if derives(kind, dict):
            return f"{name}({self.pairs(value, depth)})"
        for base in (list, tuple, set, frozenset):
            if derives(kind, base):
                return f"{name}([{self.listed(base.__iter__(value), depth)}])"
        if derives(kind, type):
            return f"<class {name_of(value)}>"
        if derives(kind, BaseException):
            return f"{name}({self.listed(exception_args(value), depth)})"
        if is_immutable(kind):
            return str(kind.__dict__["__repr__"](value)) if name in FIXED else f"<{name}>"
        parts = [f" {key}={self.text(part, depth + 1)}" for key, part in state(value)[:MAX_PARTS]]
        return f"<{name}{''.join(parts)}>"
