"""Inputs next to a known one: one value changed a little, the shape of everything kept."""

from collections.abc import Callable, Mapping, Sequence
from random import Random

from sinq_jax.programs.draws import Hints


def neighbour(example: Mapping[str, object], rng: Random, hints: Hints) -> dict[str, object]:
    """``example`` with one or two of its arguments changed somewhere inside.

    A number moves, a text or a container loses, gains, doubles or exchanges an element; types stay
    as they are, so what a program expected of the example it can expect of the neighbour.
    """
    arguments = dict(example)
    if not arguments:
        return arguments
    for _ in range(rng.choice((1, 1, 2))):
        name = rng.choice(list(arguments))
        arguments[name] = changed(arguments[name], rng, hints)
    return arguments


def changed(value: object, rng: Random, hints: Hints) -> object:
    """A value of the same type as ``value``, a small step away; unknown types come back as is."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        near = [value + rng.choice((-2, -1, 1, 2)), rng.choice((0, 1, -value, value // 2))]
        return rng.choice([*near, *hints.ints])
    if isinstance(value, float):
        return rng.choice((value + rng.choice((-1.0, -0.5, 0.5, 1.0)), 0.0, -value))
    if isinstance(value, str):
        characters = _rearranged(list(value), rng, lambda _: rng.choice(hints.letters))
        return "".join(map(str, characters))
    if isinstance(value, list):
        return _rearranged(value, rng, lambda old: changed(old, rng, hints))
    if isinstance(value, tuple):
        return _changed_tuple(value, rng, hints)
    if isinstance(value, set):
        ordered = sorted(value, key=repr)
        return set(_rearranged(ordered, rng, lambda old: changed(old, rng, hints)))
    if isinstance(value, dict):
        return _changed_dict(value, rng, hints)
    return value


def _rearranged(
    values: Sequence[object], rng: Random, step: Callable[[object], object]
) -> list[object]:
    """One edit: an element changed, dropped, doubled, or two of them exchanged."""
    edited = list(values)
    if not edited:
        return edited
    place, other = rng.randrange(len(edited)), rng.randrange(len(edited))
    edit = rng.choice(("step", "step", "drop", "double", "exchange"))
    if edit == "step":
        edited[place] = step(edited[place])
    elif edit == "drop":
        del edited[place]
    elif edit == "double":
        edited.insert(place, edited[place])
    else:
        edited[place], edited[other] = edited[other], edited[place]
    return edited


def _changed_tuple(value: tuple[object, ...], rng: Random, hints: Hints) -> tuple[object, ...]:
    """A tuple keeps its length where its elements differ in type: then it is a record."""
    if len({type(element) for element in value}) == 1:
        return tuple(_rearranged(value, rng, lambda old: changed(old, rng, hints)))
    if not value:
        return value
    place = rng.randrange(len(value))
    return (*value[:place], changed(value[place], rng, hints), *value[place + 1 :])


def _changed_dict(value: dict[object, object], rng: Random, hints: Hints) -> dict[object, object]:
    if not value:
        return value
    edited = dict(value)
    key = rng.choice(list(edited))
    if rng.random() < 0.25:
        del edited[key]
    else:
        edited[key] = changed(edited[key], rng, hints)
    return edited
