"""Texts of values for people, made without running the program's own methods."""

from sandbox.inside.slots import derives, exception_args, is_immutable, name_of, state

MAX_TEXT = 2000
MAX_PARTS = 200
MAX_DEPTH = 6

BRACKETS = {list: "[]", tuple: "()", set: "{}"}
FIXED = ("decimal.Decimal", "datetime.date", "datetime.datetime", "datetime.time",
         "datetime.timedelta", "re.Pattern")
PLAIN = (bool, float, complex, type(None), type(...), type(NotImplemented), bytes, bytearray, range)


class _Budget:
    def __init__(self) -> None:
        self.parts = MAX_PARTS


def show(value: object) -> str:
    """Return a text like `repr`'s, cut at 2,000 characters."""
    return _cut(_show(value, 0, _Budget()))


def show_raised(error: BaseException) -> str:
    """Return the class and the message of an exception, like the last line of a traceback."""
    parts = exception_args(error)
    name = name_of(type(error)).removeprefix("program.")
    if not parts:
        return name
    if len(parts) == 1 and type(parts[0]) is str:
        return _cut(f"{name}: {parts[0]}")
    return _cut(f"{name}: {', '.join([_show(part, 1, _Budget()) for part in parts[:MAX_PARTS]])}")


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + f"... ({len(text)} characters)"


def _show(value: object, depth: int, budget: _Budget) -> str:
    budget.parts -= 1
    if budget.parts < 0 or depth > MAX_DEPTH:
        return "..."
    kind = type(value)
    if kind is int:
        return f"{value}" if abs(value) < 10**1000 else f"{value:#x}"  # type: ignore[operator]
    if kind is str:
        return str.__repr__(value[: MAX_TEXT + 1])  # type: ignore[index]
    for plain in PLAIN:
        if kind is plain:
            return kind.__repr__(value)
    for base, (left, right) in BRACKETS.items():
        if kind is base:
            return _sequence(value, left, right, depth, budget)  # type: ignore[arg-type]
    return _other(value, kind, depth, budget)


def _sequence(value: "list[object]", left: str, right: str, depth: int, budget: _Budget) -> str:
    if type(value) is set and not value:
        return "set()"
    parts = []
    for item in value:
        parts.append(_show(item, depth + 1, budget))
        if budget.parts < 0:
            break
    comma = "," if left == "(" and len(parts) == 1 else ""
    return left + ", ".join(parts) + comma + right


def _other(value: object, kind: type, depth: int, budget: _Budget) -> str:
    name = name_of(kind).removeprefix("program.")
    if derives(kind, dict):
        pairs = []
        for key, item in dict.items(value):  # type: ignore[arg-type]
            shown = _show(key, depth + 1, budget)
            pairs.append(f"{shown}: {_show(item, depth + 1, budget)}")
            if budget.parts < 0:
                break
        text = "{" + ", ".join(pairs) + "}"
        return text if kind is dict else f"{name}({text})"
    for base in (list, tuple, set, frozenset):
        if derives(kind, base):
            items = [*base.__iter__(value)][: MAX_PARTS + 1]  # type: ignore[arg-type]
            return f"{name}({_sequence(items, '[', ']', depth, budget)})"
    if derives(kind, type):
        return f"<class {name_of(value)}>"  # type: ignore[arg-type]
    if derives(kind, BaseException):
        return f"{name}({', '.join([_show(a, depth + 1, budget) for a in exception_args(value)])})"
    if is_immutable(kind):
        return kind.__repr__(value) if name in FIXED else f"<{name}>"
    parts = [f"{key}={_show(part, depth + 1, budget)}" for key, part in state(value)[:MAX_PARTS]]
    return f"<{name}{' ' if parts else ''}{' '.join(parts)}>"
