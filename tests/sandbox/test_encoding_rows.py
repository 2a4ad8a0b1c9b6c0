"""Laws of the encoding of long rows of numbers: as doubles, where each of them equals one."""

import decimal
import fractions
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.test_encoding import Count, numbers, python, strict

odd_numbers = st.sampled_from(
    [0, -0.0, 7.0, 1e300, True, 0.5, math.nan, math.inf, 2**53, 2**53 + 1, 2**900, 2**1030]
)
"""Numbers near a border: of doubles, of types, of what equals itself, of what is read back."""


def in_another_type(number: Any, choice: int) -> Any:
    """A number that equals this one, of another type where one has it."""
    if isinstance(number, complex) or not math.isfinite(_within_floats(number)):
        return number
    makers = (float, fractions.Fraction, decimal.Decimal, Count, complex, int)
    try:
        made = makers[choice](number)
    except (OverflowError, TypeError, ValueError):
        return number
    return made if made == number else number


def _within_floats(number: Any) -> float:
    return float(number) if abs(number) < 2**1000 else 0.0


@given(
    st.lists(numbers | odd_numbers, min_size=33, max_size=40)
    | st.lists(st.integers(-9, 9) | st.floats(), min_size=33, max_size=40),
    st.lists(st.integers(0, 5), min_size=40, max_size=40),
    st.integers(0, 32),
    numbers | odd_numbers,
)
def test_a_long_row_is_encoded_alike_exactly_when_its_elements_are(
    row: list[Any], choices: list[int], place: int, other: Any
) -> None:
    twin = [in_another_type(v, choice) for v, choice in zip(row, choices, strict=False)]
    changed = [*row[:place], other, *row[place + 1 :]]
    for policy in (python, strict):
        for another in (twin, changed):
            alike = [*map(policy, row)] == [*map(policy, another)]
            assert (policy(row) == policy(another)) == alike


@pytest.mark.parametrize(
    ("a", "b", "alike"),
    [
        (0.0, -0.0, True),
        (2**60, 2.0**60, True),
        (True, fractions.Fraction(1), True),
        (math.nan, decimal.Decimal("nan"), True),
        (2**53, 2**53 + 1, False),
        (2.0**53, 2**53 + 1, False),
        (0.0, math.nan, False),
    ],
)
def test_a_long_row_tells_apart_what_equality_does(a: object, b: object, alike: bool) -> None:
    assert (python([a] * 33) == python([b] * 33)) == alike
