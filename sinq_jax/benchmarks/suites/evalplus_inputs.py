"""Inputs of MBPP+ as they were meant: JSON has no tuples, sets or complex numbers.

Which argument of which task is what is EvalPlus's knowledge (release 0.3.1, MBPP+ v0.2.0); the
table here says the same, so that a call is theirs.
"""

from collections.abc import Callable, Sequence
from typing import Any

Arguments = Sequence[Any]
Thaw = Callable[[Arguments], Arguments]


def _rows(value: Any) -> list[object]:
    """A list of tuples."""
    return [tuple(row) for row in value]


def _deep(value: Any) -> object:
    return tuple(map(_deep, value)) if isinstance(value, list) else value


def _mixed(value: Any) -> tuple[object, ...]:
    """A tuple of tuples and of what is no list."""
    return tuple(tuple(v) if isinstance(v, list) else v for v in value)


def _sets(value: Any) -> list[object]:
    """A list of sets; what is empty stays an empty dict, as in theirs."""
    return [set(item) if isinstance(item, list) and item else {} for item in value]


def _tuple_values(value: Any) -> dict[object, object]:
    return {k: tuple(v) for k, v in value.items()}


def _all(thaw: Callable[[Any], object]) -> Thaw:
    return lambda arguments: [thaw(each) for each in arguments]


def _first(thaw: Callable[[Any], object]) -> Thaw:
    return lambda arguments: [thaw(arguments[0]), *arguments[1:]]


def _numbers(arguments: Arguments) -> Arguments:
    return [float(arguments[0]), complex(arguments[1])]


_TABLE: tuple[tuple[str, Thaw], ...] = (
    ("2 116 132 143 222 261 273 394 399 421 424 429 470 560 579 596 616", _all(tuple)),
    ("630 726 740 744 809", _all(tuple)),
    ("63 64 70 94 120 237 272 299 400 409 417 438 473 614 780", _all(_rows)),
    ("75 413 444 753", _first(_rows)),
    ("106 750", lambda arguments: [arguments[0], tuple(arguments[1])]),
    ("115", _first(_sets)),
    ("124", _numbers),
    ("250 307 405 446 617 720 763 808", _first(tuple)),
    ("259 401 445", _all(lambda value: tuple(_rows(value)))),
    ("278", _first(_mixed)),
    ("722", _first(_tuple_values)),
    ("252", _first(complex)),
    ("580 615 791", _all(_deep)),
)
_BY_TASK = {int(task): thaw for tasks, thaw in _TABLE for task in tasks.split()}


def meant(name: str, arguments: Arguments) -> Arguments:
    """The arguments of one call of the task ``name`` (``Mbpp/2``) with their types restored."""
    group, _, number = name.partition("/")
    thaw = _BY_TASK.get(int(number)) if group == "Mbpp" and number.isdigit() else None
    return arguments if thaw is None else thaw(arguments)
