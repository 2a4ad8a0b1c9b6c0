"""Settings: values are checked in one way wherever they come from, and survive JSON exactly."""

import json
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.config.config import Config
from sinq_jax.config.schema import (
    ConfigError,
    Setting,
    build,
    closest,
    flatten,
    nest,
    setting,
    settings,
    unnest,
)


@dataclass(frozen=True)
class Inner:
    rate: float = setting(0.5, "a rate", "per second", above=0, high=1)
    limit: int | None = setting(None, "a limit, None for no limit", low=1)
    sizes: tuple[int, ...] = setting((8, 16), "some sizes", low=1)


@dataclass(frozen=True)
class Outer:
    kind: Literal["a", "b"] = setting("a", "a kind")
    on: bool = setting(True, "a switch")
    inner: Inner = Inner()


def field(name: str) -> Setting:
    return next(each for each in settings(Outer) if each.name == name)


def values(each: Setting) -> st.SearchStrategy[object]:
    least = each.low if each.above is None else each.above
    if each.type is float:
        return st.floats(
            least,
            each.high,
            exclude_min=each.above is not None,
            allow_nan=False,
            allow_infinity=False,
        )
    if each.type is int:
        return st.integers(*(None if end is None else int(end) for end in (least, each.high)))
    if get_origin(each.type) is tuple:
        choices = get_args(get_args(each.type)[0])
        anything = st.text(st.characters(exclude_characters=","), min_size=1)
        word = st.sampled_from(choices) if choices else anything
        return st.lists(word, max_size=3).map(tuple)
    return {bool: st.booleans(), str: st.text()}.get(
        each.type, st.sampled_from(getattr(each.type, "__args__", [None]))
    )


configs = st.fixed_dictionaries({each.name: values(each) for each in settings(Config)})


@given(configs)
def test_a_config_survives_json_bit_for_bit(flat: dict[str, object]) -> None:
    config = build(Config, flat)
    again = build(Config, unnest(json.loads(json.dumps(nest(flatten(config))))))
    assert again == config
    assert repr(again) == repr(config)


@given(configs)
def test_every_value_can_be_typed_on_the_command_line(flat: dict[str, Any]) -> None:
    for each in settings(Config):
        value = flat[each.name]
        text = ",".join(value) if isinstance(value, tuple) else str(value)
        assert each.read(text) == value


def test_every_setting_says_what_it_is() -> None:
    for each in settings(Config):
        assert each.meaning, each.name
        assert each.accept(flatten(Config())[each.name]) == flatten(Config())[each.name]


def test_a_setting_whose_default_is_none_can_be_set_and_unset() -> None:
    assert field("inner.limit").read("7") == 7
    assert field("inner.limit").read("None") is None


def test_a_tuple_is_read_from_a_comma_separated_list() -> None:
    assert field("inner.sizes").read("4,8,12") == (4, 8, 12)
    assert field("inner.sizes").read("") == ()


def test_an_integer_where_a_number_is_wanted_becomes_a_float() -> None:
    assert repr(field("inner.rate").accept(1)) == "1.0"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("inner.rate", True),
        ("inner.rate", 0.0),
        ("inner.rate", 1.5),
        ("inner.rate", float("nan")),
        ("inner.rate", 10**400),
        ("inner.rate", "0.5"),
        ("inner.limit", 0),
        ("inner.limit", 2.0),
        ("inner.sizes", (4, 0)),
        ("inner.sizes", (4, "x")),
        ("kind", "c"),
        ("on", 1),
        ("on", None),
    ],
)
def test_a_value_of_another_type_or_out_of_bounds_is_refused(name: str, value: object) -> None:
    with pytest.raises(ConfigError, match=rf"^--config\.{name}: expected .*, got .*; correct it"):
        field(name).accept(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [("inner.rate", "fast"), ("inner.limit", "1.5"), ("on", "yes"), ("inner.sizes", "4,x")],
)
def test_a_text_that_is_no_such_value_is_refused(name: str, text: str) -> None:
    with pytest.raises(ConfigError, match=rf"^--config\.{name}: expected .*, got"):
        field(name).read(text)


def test_all_wrong_values_are_found_at_once_and_told_in_one_line() -> None:
    with pytest.raises(ConfigError) as caught:
        build(Outer, {"kind": "c", "inner.rate": 2.0, "inner.rote": 1.0})
    assert len(caught.value.problems) == 3
    assert "\n" not in str(caught.value)
    assert "(also wrong: " in str(caught.value)


def test_a_whole_section_cannot_be_replaced_by_a_value() -> None:
    with pytest.raises(ConfigError, match=r"--config\.inner: .*one by one"):
        build(Outer, {"inner": {}})


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("rollot.temperature", "rollout.temperature"),
        ("rollout.temprature", "rollout.temperature"),
        ("temperature", "rollout.temperature"),
        ("learning.log_every", "warm_start.log_every"),
        ("model.learning_rate", "learning.learning_rate"),
    ],
)
def test_a_typo_finds_the_name_that_was_meant(typed: str, meant: str) -> None:
    assert closest(typed, list(flatten(Config()))) == meant


def test_a_name_like_no_other_gets_no_guess() -> None:
    assert closest("zzzzqqq", list(flatten(Config()))) is None
