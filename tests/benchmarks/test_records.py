from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.benchmarks.suites.face import Mark
from sinq_jax.benchmarks.suites.records import Record, RecordError, read_records, write_records
from sinq_jax.game.records import Completion

TEXT = st.text(max_size=9)
MARKS = st.builds(
    Mark, st.booleans(), TEXT, st.none() | TEXT, st.dictionaries(TEXT, st.booleans(), max_size=2)
)
WRITTEN = st.builds(Completion, TEXT, st.integers(0, 9), st.booleans())
RECORDS = st.builds(
    Record,
    st.just("b"),
    st.just("pass@k"),
    TEXT,
    TEXT,
    st.lists(WRITTEN, max_size=2).map(tuple),
    st.lists(MARKS, max_size=2).map(tuple),
    st.none() | TEXT,
    seen=st.none() | st.booleans(),
    part=st.none() | TEXT,
    notes=st.dictionaries(TEXT, st.integers(0, 9), max_size=1),
) | st.builds(
    Record,
    st.just("b"),
    st.just("likelihood"),
    TEXT,
    TEXT,
    logprobs=st.lists(st.floats(-99, 0), max_size=3).map(tuple),
    tokens=st.lists(st.integers(0, 9), max_size=3).map(tuple),
    right=st.integers(0, 1),
)


@given(st.lists(RECORDS, max_size=3))
def test_records_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, records: list[Record]
) -> None:
    path = tmp_path_factory.mktemp("records") / "r.jsonl"
    write_records(path, records)
    assert read_records(path) == records


def test_a_record_of_before_there_were_parts_has_none(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(
        '{"benchmark": "mbpp_plus", "measure": "pass@k", "item": "Mbpp/2", "data": "s", '
        '"seen": null, "expected": null, "completions": [], "marks": []}\n'
    )
    [record] = read_records(path)
    assert record.part is None
    assert "part" not in record.to_json()


@pytest.mark.parametrize("line", ["{}", "[]", "1", "{", '{"benchmark": "b", "item": 1}'])
def test_a_line_that_is_no_record_is_told_with_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(f"\n{line}\n")
    with pytest.raises(RecordError, match=r"r.jsonl:2: expected a record of a benchmark"):
        read_records(path)


def test_a_file_that_cannot_be_written_or_read_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RecordError, match=r"expected a file to write"):
        write_records(tmp_path / "file" / "r.jsonl", [])
    with pytest.raises(RecordError, match=r"expected a file of records"):
        read_records(tmp_path / "no.jsonl")
