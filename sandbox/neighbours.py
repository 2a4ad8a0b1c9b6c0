"""Inputs near known ones: the values one edit away from a value, and what lies farther out.

An edit is chosen by type. A number moves by one, to zero, to its opposite, to a constant of the
programs or next to one; a text or a container loses, doubles, exchanges or changes an element, or
all of them; a truth value flips. Types stay as they are, so what a program expected of a known
input it can expect of its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from random import Random
from typing import TypeVar

from sandbox.hints import Hints
from sandbox.input_text import input_text, value_text

T = TypeVar("T")
Arguments = dict[str, object]
Elements = list[object]

# Elements that are edited in a long container: so many at its start, and as many at its end.
EDGE = 8
# Edits of one element: the first of these, so that no element uses up what is tried.
STEPS_PER_ELEMENT = 12
# Edits that are looked at, however many there are.
EDITS_LOOKED_AT = 1024
FEWEST_EDITS = 8
CHARACTERS_LOOKED_AT = 500_000
# Draws repeat themselves; a distance that gives nothing new after this many is exhausted.
DRAWS_PER_INPUT = 8


def inputs_near(
    known: Sequence[Mapping[str, object]],
    hints: Hints,
    count: int,
    seed: int,
    without: Collection[str] = (),
) -> Iterator[str]:
    """Yield at most ``count`` different canonical inputs, none of them known, nearest first.

    Those one edit away come first, then those two away, and so on; each distance gets half of what
    is left of the count. Where one edit leads to more than that, half of the part goes to the edits
    that tell most, and half is drawn; what lies farther is drawn. Inputs ``without`` are stepped
    over. The same arguments give the same inputs. Raises ``ValueError`` for a known input that has
    no literal.
    """
    texts = [input_text(arguments) for arguments in known]
    rng = Random(f"{seed}/{texts}")
    seen, stepped_over = set(texts), {*without}
    reached = _nearest(known, hints)
    left = count
    while left > 0:
        part = left - left // 2
        ring = dict(_unseen(reached, seen))
        new = [text for text in ring if text not in stepped_over]
        if not ring:
            return
        told = new if len(new) <= part else _most_telling(new, part, rng)
        yield from told
        left -= len(told)
        spared = {*new}.difference(told)
        seen -= spared
        stones = [arguments for text, arguments in ring.items() if text not in spared]
        reached = _drawn(stones, hints, DRAWS_PER_INPUT * (left - left // 2), rng)


def _nearest(known: Sequence[Mapping[str, object]], hints: Hints) -> Iterator[Arguments]:
    """Yield the inputs one edit away, those of each known one in turn."""
    reached = _in_turn([edits(each, hints) for each in known])
    return islice(reached, max(map(_looked_at, known), default=0))


def _looked_at(arguments: Mapping[str, object]) -> int:
    """How many edits are looked at: fewer of a large input, whose every edit is as large again."""
    affordable = CHARACTERS_LOOKED_AT // len(input_text(arguments))
    return min(EDITS_LOOKED_AT, max(FEWEST_EDITS, affordable))


def _most_telling(texts: list[str], part: int, rng: Random) -> list[str]:
    """The first half of the part, and as many of the others, drawn."""
    first = part // 2
    drawn = rng.sample(range(first, len(texts)), part - first)
    return [texts[place] for place in (*range(first), *sorted(drawn))]


def _drawn(ring: list[Arguments], hints: Hints, draws: int, rng: Random) -> Iterator[Arguments]:
    """Yield edits of inputs of the ring, drawn at random."""
    near: dict[int, list[Arguments]] = {}
    for _ in range(draws):
        place = rng.randrange(len(ring))
        if place not in near:
            near[place] = list(islice(edits(ring[place], hints), _looked_at(ring[place])))
        if near[place]:
            yield rng.choice(near[place])


def _unseen(found: Iterable[Arguments], seen: set[str]) -> Iterator[tuple[str, Arguments]]:
    """Yield what has a literal that was not seen before, with that literal, and see it."""
    for arguments in found:
        try:
            text = input_text(arguments)
        except ValueError:  # not a number, or one of thousands of digits
            continue
        if text not in seen:
            seen.add(text)
            yield text, arguments


def neighbour(example: Mapping[str, object], rng: Random, hints: Hints) -> Arguments:
    """``example`` with one or two edits, drawn at random."""
    arguments = dict(example)
    for _ in range(rng.choice((1, 1, 2)) if arguments else 0):
        name = rng.choice(list(arguments))
        near = list(islice(steps(arguments[name], hints), EDITS_LOOKED_AT))
        if near:
            arguments[name] = rng.choice(near)
    return arguments


def edits(arguments: Mapping[str, object], hints: Hints) -> Iterator[Arguments]:
    """Yield the inputs one edit away, the arguments in turn; some of them may be equal.

    An argument also takes the value of another one of its type, because programs compare their
    arguments, and None where the programs ask for it.
    """

    def of(name: str) -> Iterator[Arguments]:
        value = arguments[name]
        others = (v for n, v in arguments.items() if n != name and type(v) is type(value))
        none = (None,) if hints.none else ()
        for new in chain(islice(steps(value, hints), 2), others, none, steps(value, hints)):
            yield {**arguments, name: new}

    return _in_turn([of(name) for name in arguments])


def steps(value: object, hints: Hints) -> Iterator[object]:
    """Yield the values of the same type one edit away, most telling first; none for other types.

    Some of them may be equal to each other or to ``value``.
    """
    if isinstance(value, bool):
        return iter((not value,))
    if isinstance(value, int):
        return _int_steps(value, hints)
    if isinstance(value, float):
        return _float_steps(value, hints)
    if isinstance(value, str):
        return _text_steps(value, hints)
    return _container_steps(value, hints)


def _int_steps(value: int, hints: Hints) -> Iterator[int]:
    yield from (value + 1, value - 1, 0, 1, -1, -value)
    for constant in hints.ints:
        yield from (constant, constant + 1, constant - 1)
    yield from (value + 2, value - 2, value // 2, 2 * value, 10, 100, -100)


def _float_steps(value: float, hints: Hints) -> Iterator[float]:
    yield from (value + 1.0, value - 1.0, value + 0.5, value - 0.5, 0.0)
    if value:  # the opposite of 0.0 is another text for the same number
        yield from (-value, value / 2, 2 * value)
    yield from map(float, hints.ints)


def _text_steps(value: str, hints: Hints) -> Iterator[str]:
    def other(_: object) -> Iterator[str]:
        return iter(hints.letters)

    yield from ("", value[::-1], value.swapcase(), f" {value}", f"{value} ")
    yield from hints.strings
    yield from (f"{value}{letter}" for letter in hints.letters)
    for characters in _rearranged(list(value), other):
        yield "".join(map(str, characters))


def _container_steps(value: object, hints: Hints) -> Iterator[object]:
    def near(element: object) -> Iterator[object]:
        return islice(steps(element, hints), STEPS_PER_ELEMENT)

    if isinstance(value, list):
        yield from _sequence_steps(value, near)
    elif isinstance(value, tuple) and len({*map(type, value)}) == 1:
        yield from map(tuple, _sequence_steps(list(value), near))
    elif isinstance(value, tuple):  # elements of several types: a record, which keeps its length
        yield from map(tuple, _replaced(list(value), near))
    elif isinstance(value, set):
        yield from map(set, _sequence_steps(sorted(value, key=value_text), near))
    elif isinstance(value, dict):
        yield from _dict_steps(value, near)


def _sequence_steps(
    values: Elements, near: Callable[[object], Iterator[object]]
) -> Iterator[Elements]:
    yield []
    yield from _rearranged(values, near)
    yield from (values[::-1], values + values)


def _dict_steps(
    value: dict[object, object], near: Callable[[object], Iterator[object]]
) -> Iterator[dict[object, object]]:
    yield {}
    keys = list(value)
    for place in _places(len(keys)):
        key = keys[place]
        yield {k: v for k, v in value.items() if k != key}
        yield from ({**value, key: new} for new in near(value[key]))
        yield from ({new if k == key else k: v for k, v in value.items()} for new in near(key))


def _rearranged(values: Elements, near: Callable[[object], Iterator[object]]) -> Iterator[Elements]:
    """Yield the sequences with an element dropped, doubled, exchanged with the next, or changed."""
    for place in _places(len(values)):
        before, element, after = values[:place], values[place], values[place + 1 :]
        yield before + after
        yield [*before, element, element, *after]
        if after:
            yield [*before, after[0], element, *after[1:]]
    yield from _replaced(values, near)


def _replaced(values: Elements, near: Callable[[object], Iterator[object]]) -> Iterator[Elements]:
    """Yield the sequences with one element changed, the elements in turn."""

    def at(place: int) -> Iterator[Elements]:
        return ([*values[:place], new, *values[place + 1 :]] for new in near(values[place]))

    return _in_turn([at(place) for place in _places(len(values))])


def _places(length: int) -> list[int]:
    """The places of a sequence that are edited: all, or those near both ends of a long one."""
    if length <= 2 * EDGE:
        return list(range(length))
    return [*range(EDGE), *range(length - EDGE, length)]


def _in_turn(streams: Sequence[Iterator[T]]) -> Iterator[T]:
    """Yield one item of each stream, then the next of each, until all have ended."""
    waiting = list(streams)
    while waiting:
        going = []
        for stream in waiting:
            for item in islice(stream, 1):
                yield item
                going.append(stream)
        waiting = going
