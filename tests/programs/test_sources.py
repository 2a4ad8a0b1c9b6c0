"""Claims about programs read from JSONL files and folders."""

import ast
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.programs.folder import read_folder
from sinq_jax.programs.jsonl import read_jsonl
from sinq_jax.programs.program import Program, ProgramSet, ProgramSourceError, UnsuitableProgram
from sinq_jax.programs.records import program_from_record
from sinq_jax.programs.sources import load_programs

ADD = "def add(a, b=1):\r\n\treturn a + b"


def load(source: str, path: Path) -> ProgramSet:
    return load_programs(source, str(path), seed=0, train=1, validation=1, held_out=1)


def all_of(found: ProgramSet) -> list[Program]:
    return [*found.train, *found.validation, *found.held_out]


def write_jsonl(path: Path, records: Sequence[object]) -> Path:
    lines = [item if isinstance(item, str) else json.dumps(item) for item in records]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_entry_point_examples_and_kinds_come_from_the_calls_in_the_tests() -> None:
    record = {
        "code": ADD,
        "test_setup_code": "import math",
        "test_list": ["assert add(1, 2) == 3", "assert set([add(b=-4, a=5)]) == {1}", "assert ("],
        "challenge_test_list": ["assert not add(1, 2) == 4", "assert add(len('ab')) == 3"],
    }
    found = program_from_record(record, "p/1")
    assert found.source == "import math\ndef add(a, b=1):\n\treturn a + b\n"
    assert found.entry_point == "add"
    assert found.examples == ('{"a": 1, "b": 2}', '{"b": -4, "a": 5}')
    assert [(p.name, p.kind) for p in found.parameters] == [("a", "int"), ("b", "int")]


def test_a_test_text_that_calls_a_candidate_gives_examples_too() -> None:
    record = {
        "code": "def up(s):\n    return s.upper()",
        "entry_point": "up",
        "test": "def check(candidate):\n    assert candidate('a') == 'A'\n",
    }
    assert program_from_record(record, "p").examples == ('{"s": "a"}',)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({}, "no text under the key 'code'"),
        ({"code": "def f(x:\n"}, "syntax error in line 1"),
        ({"code": "def f(x):\n    '\0'\n"}, "syntax error"),
        ({"code": "x = 1"}, "no entry point"),
        ({"code": "def f(x): pass\ndef g(x): pass"}, "no entry point"),
        ({"code": "def f(x): pass", "test_list": ["assert g(1)"]}, "no entry point"),
        ({"code": "def f(x): pass", "entry_point": "g"}, "no function g"),
        ({"code": "def f(): pass"}, "f takes no parameters"),
        ({"code": "def f(*xs): pass"}, "f takes any number of arguments"),
        ({"code": "def f(x, /): pass"}, "f takes positional-only parameters"),
    ],
)
def test_what_cannot_be_played_is_told_in_one_phrase(
    record: dict[str, object], reason: str
) -> None:
    with pytest.raises(UnsuitableProgram, match=reason) as caught:
        program_from_record(record, "p")
    assert "\n" not in str(caught.value)


def test_a_bad_line_is_skipped_with_its_number_and_the_rest_is_kept(tmp_path: Path) -> None:
    good = {"name": "mine/add", "code": ADD, "entry_point": "add"}
    other = {"code": "def twice(x):\n    return x * 2"}
    records = [good, "{broken", "", [1], {"code": "def f(:"}, good, other]
    found = load("jsonl", write_jsonl(tmp_path / "some.jsonl", records))
    assert {program.name for program in all_of(found)} == {"mine/add", "some/7"}
    numbers = [skip.where.rpartition(":")[2] for skip in found.skipped]
    assert numbers == ["2", "4", "5", "6"]
    assert [skip.reason.split(":")[0] for skip in found.skipped] == [
        "not JSON",
        "expected an object, got b'[1]'",
        "syntax error in line 1",
        "the name mine/add is taken",
    ]


def test_bytes_that_are_no_text_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_bytes(b'\xff\xfe\n{"code": "def f(x): return x"}\r\n')
    found = load("jsonl", path)
    assert [program.name for program in all_of(found)] == ["some/2"]
    assert found.skipped[0].reason.startswith("not JSON")


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists))
def test_no_record_raises_anything_but_the_reason_it_is_unsuitable(value: object) -> None:
    for key in ("code", "entry_point", "test", "test_list", "test_setup_code"):
        record: dict[str, object] = {"code": "def f(x):\n    return x\n"}
        record[key] = value
        with suppress(UnsuitableProgram):
            assert program_from_record(record, "p").entry_point == "f"


@pytest.mark.parametrize(
    ("source", "content"),
    [("jsonl", None), ("folder", None), ("jsonl", ""), ("jsonl", '{"code": "x"}'), ("other", "")],
)
def test_a_source_without_programs_is_one_clear_line(
    tmp_path: Path, source: str, content: str | None
) -> None:
    path = tmp_path / "place"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ProgramSourceError, match="expected") as caught:
        load(source, path)
    assert "\n" not in str(caught.value)


def test_an_empty_folder_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ProgramSourceError, match="expected at least one program, got none"):
        load("folder", tmp_path)


def test_every_self_contained_function_of_a_folder_is_a_program(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a.py").write_text(
        "import math\nimport os.path\nfrom re import sub as swap\nLIMIT = 3\n\n\n"
        "def area(r: float, digits=2):\n    return round(min(r, LIMIT) * math.pi, digits)\n\n\n"
        "def clean(s):\n    def inner(t):\n        return swap('a', 'b', t)\n    return inner(s)\n"
    )
    programs, skipped = read_folder(tmp_path)
    assert not skipped
    area, clean = programs
    assert area.name == f"{tmp_path.name}/inner/a/area"
    assert area.source.startswith("import math\nLIMIT = 3\n\ndef area(r: float, digits=2):\n")
    assert [(p.name, p.kind) for p in area.parameters] == [("r", "float"), ("digits", "int")]
    assert clean.source.startswith("from re import sub as swap\n\ndef clean(s):\n")
    for program in programs:
        namespace: dict[str, object] = {}
        exec(program.source, namespace)
        assert callable(namespace[program.entry_point])


def test_what_a_folder_cannot_offer_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "import functools\n\n\ndef helped(x):\n    return helper(x)\n\n\n"
        "def helper(x):\n    return x\n\n\n@functools.cache\ndef decorated(x):\n    return x\n\n\n"
        "def forgetful():\n    return 1\n"
    )
    (tmp_path / "b.py").write_text("def f(x:\n")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "hidden.py").write_text("def hidden(x):\n    return x\n")
    (tmp_path / "c.py").write_bytes(b"\xff\xff")
    found = load("folder", tmp_path)
    assert [program.entry_point for program in all_of(found)] == ["helper"]
    assert [skip.reason.partition(":")[0] for skip in found.skipped] == [
        "helped uses helper, which stands outside it",
        "decorated is decorated",
        "forgetful takes no parameters",
        "not readable as Python",
        "not readable as Python",
    ]


def mbpp() -> Path:
    """MBPP's own file, which the project does not ship."""
    folder = os.environ.get("SINQ_DATA") or Path(__file__).parents[2] / ".." / "shared" / "data"
    path = Path(folder) / "mbpp" / "mbpp.jsonl"
    if not path.exists():
        pytest.skip(f"{path} is not here; set SINQ_DATA to the folder that holds mbpp/mbpp.jsonl")
    return path


def test_mbpp_works_unchanged_with_its_published_splits() -> None:
    found = read_jsonl(mbpp())
    assert [len(found.train), len(found.validation), len(found.held_out)] == [374, 90, 500]
    assert {skip.reason for skip in found.skipped} == {"a prompt task of MBPP"}
    assert len(found.skipped) == 10
    assert found.train[0].name == "mbpp/601"
    assert found.held_out[-1].name == "mbpp/510"


def test_mbpp_programs_have_lf_line_ends_and_examples_that_bind() -> None:
    programs = all_of(read_jsonl(mbpp()))
    assert not any("\r" in program.source for program in programs)
    assert sum(not program.examples for program in programs) <= 5
    for program in programs:
        names = {parameter.name for parameter in program.parameters}
        for text in program.examples:
            assert ast.literal_eval(text).keys() <= names
