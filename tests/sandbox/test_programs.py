"""Claims about what is known of programs and inputs before anything runs."""

import contextlib
import inspect
import json
import marshal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.inputs import parse_input
from sandbox.modules import ALLOWED, TIERS, tier_for
from sandbox.programs import RejectedError, prepare
from sandbox.syntax import literal

HEADERS = (
    "def f()",
    "def f(a)",
    "def f(a, b=1)",
    "def f(a, /)",
    "def f(a=1, /, b=2)",
    "def f(a, *, c)",
    "def f(a, *, c=1)",
    "def f(*args)",
    "def f(*args, a)",
    "def f(**kw)",
    "def f(a, /, **kw)",
    "def f(a, b=2, *args, c, d=4, **kw)",
)
names = st.sets(st.sampled_from("abcdxyz"), max_size=4)


@given(st.sampled_from(HEADERS), names)
def test_binding_agrees_with_the_interpreter(header: str, given_names: set[str]) -> None:
    source = f"{header}: return 1"
    space: dict[str, Any] = {}
    exec(source, space)
    try:
        inspect.signature(space["f"]).bind(**dict.fromkeys(given_names, 0))
        fits = True
    except TypeError:
        fits = False
    signature = prepare(source, "f", 10**4).signature
    assert signature.binds(frozenset(given_names)) == fits


@given(st.sampled_from(HEADERS), st.sampled_from(HEADERS))
def test_signatures_are_equal_only_for_equal_headers(one: str, other: str) -> None:
    first, second = (prepare(f"{h}: return 1", "f", 10**4).signature for h in (one, other))
    assert (first == second) == (one == other)


def test_annotations_default_values_and_decorators_are_no_part_of_the_signature() -> None:
    plain = prepare("def f(a, b=1): return 1", "f", 10**4).signature
    fancy = "import functools\n@functools.cache\ndef f(a: int, b: int = 7) -> int: return 1"
    assert prepare(fancy, "f", 10**4).signature == plain


def test_the_last_definition_counts() -> None:
    twice = "def f(a): return 1\ndef f(b): return 2"
    assert prepare(twice, "f", 10**4).signature.either == ("b",)


REFUSED = {
    "import random": "import of random",
    "import os.path": "import of os",
    "from time import time": "import of time",
    "import math, uuid": "import of uuid",
    "from . import x": "import of .",
    "import numpy": "import of numpy",
    "import sys\nsys.modules": "sys.modules",
    "from datetime import datetime\ndef g(): return datetime.now()": "datetime.now",
    "def g():\n    def h():\n        import secrets": "import of secrets",
    "class A:\n    import threading": "import of threading",
    "\n".join(f"x{n} = {n}" for n in range(300)) + "\nimport socket": "import of socket",
}


@pytest.mark.parametrize("source", REFUSED)
def test_a_forbidden_import_is_seen_wherever_it_stands(source: str) -> None:
    assert prepare(f"{source}\ndef f(): pass", "f", 10**5).refused == REFUSED[source]


def test_a_program_runs_in_the_smallest_tier_that_has_its_imports() -> None:
    for source, tier in (("", "bare"), ("import math", "bare"), ("import re", "common")):
        program = prepare(f"{source}\ndef f(): pass", "f", 10**4)
        assert program.refused is None
        assert TIERS[program.tier].name == tier
    assert TIERS[tier_for(ALLOWED)].name == "wide"


@pytest.mark.parametrize(
    "source",
    ["(" * 10**4, "-" * 10**5 + "1", "a" + ".a" * 10**5, "[" * 99 + "]" * 99 + "+" * 10**4, "\\"],
)
def test_mad_sources_are_rejected_or_compiled_but_never_crash(source: str) -> None:
    with contextlib.suppress(RejectedError):
        prepare(f"def f(): pass\n{source}", "f", 10**6)


literals = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.binary(max_size=5)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.text(max_size=3), literals, max_size=3))
def test_every_literal_arrives_as_it_was_written(value: dict[str, object]) -> None:
    parsed = parse_input(f"  {value!r}\n", 10**5)
    assert marshal.loads(parsed.packed) == value
    assert parsed.names == {*value}


@given(st.text(max_size=40))
def test_no_text_does_more_than_be_rejected(text: str) -> None:
    with contextlib.suppress(RejectedError):
        assert type(marshal.loads(parse_input(text, 10**3).packed)) is dict


jsonable = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=6,
)


def nested(depth: int, opening: str, closing: str) -> str:
    return f'{{"a": {opening * depth}{closing * depth}}}'


def spelled(text: str) -> object:
    """What Python itself says that a dict literal spells; None where it is none."""
    try:
        value = literal(text)
    except ValueError:
        return None
    return value if type(value) is dict and all(type(key) is str for key in value) else None


def read(text: str) -> object:
    try:
        return marshal.loads(parse_input(text, 10**5).packed)
    except RejectedError:
        return None


@pytest.mark.parametrize(
    "text",
    [
        '{"a": true}',
        '{"a": [NaN]}',
        '{"a": -Infinity}',
        '{"a": null}',
        r'{"a": "\/ \u00e9 \ud83d\ude00"}',
        '{"a": "\x7f"}',
        '{"a": "null", "b": 1E400, "c": -0.0, "d": -0, "a": [1e5]}',
        '\t {"a":\n\r 01}',
        ' {"a": 1,}',
        '\f{"a": 1}',
        '{"a": "\0"}',
        "[1]",
        "1",
        '"a"',
        "",
        *(nested(depth, "[", "]") for depth in (90, 98, 99, 100, 101, 198, 199, 200, 2000)),
        nested(120, '{"b": [', "]}"),
    ],
)
def test_texts_that_may_be_json_mean_what_python_says(text: str) -> None:
    assert repr(read(text)) == repr(spelled(text))


@given(st.dictionaries(st.text(max_size=3), jsonable, max_size=3), st.booleans())
def test_json_is_read_as_python_reads_it(value: object, escaped: bool) -> None:
    text = json.dumps(value, ensure_ascii=escaped)
    assert repr(read(text)) == repr(spelled(text))


def test_a_huge_integer_may_be_an_input() -> None:
    parsed = parse_input("{'x': " + "9" * 20_000 + "}", 10**5)
    assert marshal.loads(parsed.packed) == {"x": 10**20_000 - 1}
