"""Claims about the canonical text of inputs and their order."""

import ast
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.input_text import _literal_text, arguments_of, input_text, size_key, value_text

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.binary(max_size=5)
    | st.complex_numbers(allow_nan=False, allow_infinity=False)
)
hashables = scalars | st.tuples(scalars) | st.tuples(scalars, scalars)
plain_data = st.recursive(
    hashables,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.sets(hashables, max_size=3)
        | st.dictionaries(hashables, inner, max_size=3)
    ),
    max_leaves=5,
)
inputs = st.dictionaries(st.text(max_size=3), plain_data, max_size=3)


@given(inputs)
def test_canonical_text_reads_back_as_the_same_arguments(arguments: dict[str, object]) -> None:
    text = input_text(arguments)
    assert ast.literal_eval(text) == arguments


@given(inputs)
def test_canonical_form_is_a_fixed_point(arguments: dict[str, object]) -> None:
    text = input_text(arguments)
    assert input_text(arguments_of(text)) == text


@given(inputs)
def test_what_json_spells_is_spelled_as_without_it(arguments: dict[str, object]) -> None:
    assert input_text(arguments) == _literal_text(arguments)


@given(
    st.lists(
        st.lists(st.integers() | st.floats(allow_nan=False) | st.text("ab\x7f'\" ")) | st.tuples()
    )
)
def test_numbers_and_plain_texts_are_spelled_as_without_json(values: list[object]) -> None:
    assert value_text(values) == _literal_text(values)


@given(st.text())
def test_a_text_is_written_in_double_quotes_on_one_line(text: str) -> None:
    written = value_text(text)
    assert written[0] == written[-1] == '"'
    assert written.isprintable()


@given(inputs, inputs)
def test_order_by_size_is_total_and_tells_different_texts_apart(
    first: dict[str, object], second: dict[str, object]
) -> None:
    one, other = input_text(first), input_text(second)
    assert (size_key(one) == size_key(other)) == (one == other)
    assert (size_key(one) < size_key(other)) != (size_key(other) <= size_key(one))


def test_written_form_is_the_one_the_players_learn() -> None:
    arguments = {"x": 3, "s": "a\"b'c", "xs": [1, -2], "t": (1,), "d": {"k": {2, 1}}, "n": None}
    assert input_text(arguments) == (
        '{"x": 3, "s": "a\\"b\'c", "xs": [1, -2], "t": (1,), "d": {"k": {1, 2}}, "n": None}'
    )
    assert input_text(arguments_of(" {'x':3 ,\n's' :'ab'}")) == '{"x": 3, "s": "ab"}'


def test_small_inputs_come_first() -> None:
    numbers = sorted((f'{{"x": {n}}}' for n in range(-3, 4)), key=size_key)
    assert [ast.literal_eval(text)["x"] for text in numbers] == [0, 1, -1, 2, -2, 3, -3]
    lists = ['{"xs": [9, 9]}', '{"xs": []}', '{"xs": [7]}', '{"xs": [0, 1]}', '{"xs": [0]}']
    assert sorted(lists, key=size_key) == [lists[1], lists[4], lists[2], lists[3], lists[0]]
    texts = ['{"s": "b"}', '{"s": "aa"}', '{"s": ""}', '{"s": "a"}', '{"s": "Z"}']
    assert sorted(texts, key=size_key) == [texts[2], texts[3], texts[0], texts[4], texts[1]]


def test_text_that_is_no_literal_comes_last() -> None:
    assert size_key("x + 1") > size_key(input_text({"x": 10**40}))
    assert size_key("{" * 5000) > size_key('{"x": 0}')


def test_infinity_has_a_literal_and_nan_has_none() -> None:
    assert ast.literal_eval(value_text([math.inf, -math.inf])) == [math.inf, -math.inf]
    with pytest.raises(ValueError, match="NaN"):
        value_text([math.nan])


@pytest.mark.parametrize("text", ["[1]", "{1: 2}", "f()", "", "{", "{'x': y}", "(" * 3000, "\0"])
def test_what_is_no_dict_of_keyword_arguments_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        input_text(arguments_of(text))
