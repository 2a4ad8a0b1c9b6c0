"""Laws of the canonical encoding."""

import array
import collections
import decimal
import enum
import fractions
import io
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.inside.encoding import encode, encode_outcome
from sandbox.inside.leaves import number
from sandbox.inside.raised import masked
from sandbox.inside.show import show
from sandbox.inside.slots import NoEncodingError, TooLargeError

numbers = st.one_of(
    st.booleans(),
    st.integers(),
    st.integers(-3, 3),
    st.floats(allow_nan=False),
    st.sampled_from([0.0, -0.0, 1.0, 2.0, 0.5]),
    st.complex_numbers(allow_nan=False, allow_infinity=False),
    st.fractions(),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**6), max_value=10**6),
)
leaves = st.one_of(st.none(), numbers, st.text(max_size=4), st.binary(max_size=4))
hashables = st.recursive(
    leaves, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3), max_leaves=4
)
data = st.recursive(
    hashables,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(hashables, inner, max_size=3)
        | st.sets(hashables, max_size=3)
    ),
    max_leaves=8,
)


def python(value: object) -> str:
    return encode(value, strict=False, items=100, room=10**6)


def strict(value: object) -> str:
    return encode(value, strict=True, items=100, room=10**6)


@given(data)
def test_only_encodings_of_numbers_are_read_as_numbers(value: object) -> None:
    found = number(python(value))
    assert found is None or (found == value and python(found) == python(value))


@given(data, data)
def test_encodings_agree_with_equality_of_plain_data(a: object, b: object) -> None:
    assert (python(a) == python(b)) == (a == b)


@given(numbers, numbers)
def test_encodings_agree_with_equality_of_numbers(a: Any, b: Any) -> None:
    assert (python(a) == python(b)) == (a == b)


@given(data)
def test_strictly_equal_values_are_equal(a: object) -> None:
    twin = eval(
        repr(a), {"Fraction": fractions.Fraction, "Decimal": decimal.Decimal, "inf": math.inf}
    )
    assert python(twin) == python(a)


@given(st.lists(hashables, max_size=5))
def test_the_order_of_insertion_is_no_difference(items: list[Any]) -> None:
    backwards: set[Any] = set()
    backwards.update(items[::-1])
    assert python(set(items)) == python(backwards)
    assert python(dict.fromkeys(items)) == python(dict.fromkeys(items[::-1]))


@given(st.lists(data, max_size=4))
def test_sharing_is_no_difference(items: list[object]) -> None:
    again = [[*items], [*items]]
    assert python([items, items]) == python(again)


@given(st.text())
def test_any_text_can_be_encoded_and_shown(text: str) -> None:
    for value in (text, text + "\ud800"):
        python(value).encode()
        show(value).encode()


def test_nan_equals_nan_wherever_it_is() -> None:
    for wrap in (lambda v: v, lambda v: [v], lambda v: {v: v}, lambda v: complex(v, 1)):
        assert python(wrap(math.nan)) == python(wrap(float("nan")))
    assert python(math.nan) == python(decimal.Decimal("nan"))


class Point(collections.namedtuple("Point", "x y")):
    __slots__ = ()


class Count(int):
    pass


class Level(enum.IntEnum):
    LOW = 1


EQUAL = [
    (Point(1, 2), (1, 2)),
    (Count(5), 5),
    (Level.LOW, 1),
    (collections.Counter("aab"), {"a": 2, "b": 1}),
    (collections.defaultdict(list, {1: [2]}), {1: [2]}),
    (collections.OrderedDict(a=1, b=2), collections.OrderedDict(a=1, b=2)),
    ({1: 2}.keys(), {1}),
    (range(0, 3, 2), range(0, 4, 2)),
    (array.array("i", [1]), array.array("d", [1.0])),
    (decimal.Decimal("2.50"), 2.5),
    (fractions.Fraction(4, 2), 2),
    (memoryview(b"ab"), b"ab"),
]


@pytest.mark.parametrize(("a", "b"), EQUAL)
def test_what_equals_in_python_has_one_encoding(a: Any, b: Any) -> None:
    assert a == b
    assert python(a) == python(b)


def test_strict_knows_types() -> None:
    for a, b in EQUAL:
        if type(a) is not type(b):
            assert strict(a) != strict(b), (a, b)


class Hostile:
    def __init__(self, x: int) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        raise AssertionError

    def __hash__(self) -> int:
        raise AssertionError

    def __repr__(self) -> str:
        raise AssertionError

    def __getattribute__(self, name: str) -> object:
        raise AssertionError


class Slotted:
    __slots__ = ("a", "b")
    a: int
    b: int


def test_instances_are_read_without_their_methods() -> None:
    assert python(Hostile(1)) == python(Hostile(1)) != python(Hostile(2))
    assert "x=1" in show(Hostile(1))


def test_slots_are_state() -> None:
    one, two = Slotted(), Slotted()
    one.a = two.a = 1
    assert python(one) == python(two)
    two.b = 2
    assert python(one) != python(two)


def test_cycles_end() -> None:
    loop: list[object] = [1]
    loop.append({"back": loop})
    other: list[object] = [1]
    other.append({"back": other})
    assert python(loop) == python(other)
    show(loop)


def test_sharing_does_not_explode() -> None:
    value: list[object] = [1]
    for _ in range(100):
        value = [value, value]
    assert len(python(value)) < 100


def test_iterators_are_bounded_and_keep_their_end() -> None:
    def raising() -> Any:
        yield 1
        raise KeyError("a")

    assert python(iter([1, 2])) == python(x for x in (1, 2))
    assert "more" in encode(iter(int, 1), strict=False, items=3, room=10**6)
    assert "EKeyError" in python(raising())


def test_code_is_a_detail_that_the_body_leaves_out() -> None:
    one, two = python(lambda: 1), python(lambda: 2)
    assert one != two
    assert one.rpartition("~")[2] == two.rpartition("~")[2]


def test_too_much_is_said_and_not_cut() -> None:
    with pytest.raises(TooLargeError):
        encode(list(range(10**4)), strict=False, items=10, room=10**3)


@pytest.mark.parametrize("value", [object.__new__, python.__code__])
def test_code_objects_and_builtins_have_encodings(value: object) -> None:
    assert python(value) == python(value)


async def coroutine() -> None: ...


def test_what_cannot_be_read_has_no_encoding() -> None:
    """Python 3.12 gives files a method to be taken apart that only says that they cannot be."""
    started = coroutine()
    for value in (started, io.BufferedWriter(io.BytesIO())):
        with pytest.raises(NoEncodingError):
            python([value])
    started.close()


def raised(error: BaseException) -> str:
    return encode_outcome(None, error, (), (False, 10, 10**6))


def test_exceptions_count_by_type_and_arguments() -> None:
    assert raised(ValueError(1)) == raised(ValueError(1.0))
    assert raised(ValueError(1)) != raised(ValueError(2))
    assert raised(ValueError(1)) != raised(TypeError(1))
    assert raised(ValueError(1)) != python(ValueError(1))
    assert raised(RecursionError("a")) == raised(RecursionError("b"))


@given(st.integers(0, 2**64), st.integers(0, 10**6), st.text(max_size=5))
def test_addresses_and_lines_never_make_a_difference(address: int, line: int, rest: str) -> None:
    assert masked(f"<A at {address:#x}> line {line}!{rest}") == masked(f"<A at 0x0> line 1!{rest}")
