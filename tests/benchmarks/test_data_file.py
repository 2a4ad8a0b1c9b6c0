import gzip
import json
import re
from pathlib import Path

import pytest

from sinq_jax.benchmarks.suites.data_file import DataFileError, read_data_file

ROWS = [{"a": 1}, {"a": "two\nlines"}]


def test_lines_a_list_and_their_gzipped_copies_hold_the_same_rows(tmp_path: Path) -> None:
    lines = "\n".join(map(json.dumps, ROWS)).encode()
    (tmp_path / "x.jsonl").write_bytes(lines)
    (tmp_path / "x.json").write_text(json.dumps(ROWS))
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress(lines))
    files = [read_data_file(tmp_path / name) for name in ("x.jsonl", "x.json", "x.jsonl.gz")]
    assert [[row for _, row in file.rows] for file in files] == [ROWS] * 3
    assert files[0].checksum == files[2].checksum != files[1].checksum


def test_csv_keeps_line_ends_and_quotes_inside_fields(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b'code,n\n"a ""b""\nc",1\n')
    [(where, row)] = read_data_file(tmp_path / "x.csv").rows
    assert row == {"code": 'a "b"\nc', "n": "1"}
    assert where.endswith("x.csv:3")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.jsonl", b"", "expected at least one record"),
        ("x.jsonl", b'{"a": 1}\n{"a": ', r"x.jsonl:2: expected JSON"),
        ("x.jsonl", b'"text"', r"x.jsonl:1: expected an object"),
        ("x.jsonl", b"\xff\xfe", "expected UTF-8, got byte 0xff at 0"),
        # A parameter names its test, and workers must agree on names: no time of day in it.
        ("x.jsonl.gz", gzip.compress(b'{"a": 1}', mtime=0)[:-9], "expected a readable data file"),
        ("x.csv", b"a,b\n1\n", r"x.csv:2: expected 2 fields"),
    ],
)
def test_a_damaged_file_is_told_in_one_line(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataFileError, match=said) as told:
        read_data_file(tmp_path / name)
    assert "\n" not in str(told.value)


def test_a_file_that_is_not_there_is_told_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match=re.escape(str(tmp_path / "no.jsonl"))):
        read_data_file(tmp_path / "no.jsonl")


def test_a_row_of_another_benchmark_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"a": 1}\n{"b": 2}\n')
    file = read_data_file(tmp_path / "x.jsonl")
    with pytest.raises(DataFileError, match=r"x.jsonl:2: expected an a, got no key 'a'"):
        file.read(lambda row: row["a"], "an a")
