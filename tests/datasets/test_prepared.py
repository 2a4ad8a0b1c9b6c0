"""Claims about originals as TFDS datasets: prepared once, read back alike, without tensorflow."""

import ast
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from sinq_jax.datasets import __main__ as command
from sinq_jax.datasets.humaneval import without_docstrings
from sinq_jax.datasets.published import PUBLISHED, Published
from sinq_jax.datasets.reading import originals_of, read_dataset

REPOSITORY = Path(__file__).parents[2]
DATA = Path(os.environ.get("SINQ_DATA", REPOSITORY / ".." / "shared" / "data"))
MBPP = DATA / "mbpp" / "mbpp.jsonl"
HUMANEVAL = DATA / "humaneval" / "HumanEval.jsonl.gz"
needs_data = pytest.mark.skipif(
    not MBPP.exists() or not HUMANEVAL.exists(),
    reason="needs mbpp/ and humaneval/: set SINQ_DATA to the folder that holds them",
)


def run(*arguments: object) -> int:
    return command.main([*map(str, arguments)])


def task(number: int, code: str) -> dict[str, object]:
    name = code.split("(")[0].removeprefix("def ")
    return {
        "task_id": number,
        "text": "",
        "code": code,
        "test_setup_code": "",
        "test_list": [f"assert {name}(1) == 1"],
    }


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A file in MBPP's form with one task of each of its splits, and one more to learn from."""
    tasks = [
        task(601, "def up(x):\r\n\treturn x + 1"),
        task(602, "def down(x): return x - 1"),
        task(511, "def twice(x): return 2 * x"),
        task(11, "def same(x): return x"),
        task(1, "def none(x): return None"),
    ]
    path = tmp_path / "mbpp.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in tasks), encoding="utf-8")
    return path


@pytest.fixture
def served(small: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Published]:
    """The small file as a published one, behind a server on this machine."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(small.parent))
    monkeypatch.setattr(SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    data = small.read_bytes()
    published = replace(
        PUBLISHED["mbpp"],
        url=f"http://127.0.0.1:{server.server_port}/mbpp.jsonl",
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
    )
    monkeypatch.setattr(command, "PUBLISHED", {"mbpp": published})
    yield published
    server.shutdown()
    server.server_close()


def test_a_download_is_checked_prepared_and_read_back_alike(
    served: Published, small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("mbpp", "--data-dir", tmp_path / "sets") == 0
    folder = Path(capsys.readouterr().out.splitlines()[-1])
    assert read_dataset(folder).splits == served.read(small).splits
    assert [program.name for program in originals_of(read_dataset(folder)).train] == [
        "mbpp/601",
        "mbpp/602",
    ]


def test_other_bytes_than_the_published_ones_are_refused_and_leave_nothing(
    served: Published,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    wrong = replace(served, sha256="0" * 64)
    monkeypatch.setattr(command, "PUBLISHED", {"mbpp": wrong})
    assert run("mbpp", "--data-dir", tmp_path / "sets") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert all(part in line for part in (served.url, "0" * 64, "--path"))
    assert not [*(tmp_path / "sets").glob("mbpp/*")]


def test_a_server_that_does_not_answer_is_one_line(
    served: Published,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    missing = replace(served, url=served.url.replace("mbpp.jsonl", "gone.jsonl"))
    monkeypatch.setattr(command, "PUBLISHED", {"mbpp": missing})
    assert run("mbpp", "--data-dir", tmp_path / "sets") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert all(part in line for part in ("gone.jsonl", "404"))


def test_a_set_that_is_there_is_left_as_it_is(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("mbpp", "--data-dir", tmp_path / "sets", "--path", small)
    assert run(*asked) == 0
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "sets").rglob("*")}
    assert run(*asked) == 0
    assert "there already" in capsys.readouterr().out
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "sets").rglob("*")}


def test_what_stands_in_a_benchmark_is_not_learned_from(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    benchmark = tmp_path / "benchmark.jsonl"
    solutions = [
        {"prompt": 'def raised(n):\n    """Up."""\n', "canonical_solution": "    return n + 1\n"},
        {"code": "def f(a): return a"},
    ]
    benchmark.write_text("".join(json.dumps(each) + "\n" for each in solutions), encoding="utf-8")
    asked = ("mbpp", "--data-dir", tmp_path, "--path", small, "--against", benchmark)
    assert run(*asked) == 0
    out = capsys.readouterr().out
    splits = read_dataset(tmp_path / "mbpp" / "1.0.0").splits
    assert [program.name for program in splits["train"]] == ["mbpp/602"]
    assert [program.name for program in splits["test"]] == ["mbpp/11"]  # measured on, so it stays
    assert "left out: mbpp/601: stands in benchmark.jsonl:1 too" in out


def test_a_folder_and_a_jsonl_file_are_sets_too(tmp_path: Path) -> None:
    code = tmp_path / "My-Code"
    code.mkdir()
    (code / "one.py").write_text("def f(x: int):\n    return x\n", encoding="utf-8")
    (tmp_path / "two.jsonl").write_text('{"code": "def g(x): return x"}\n', encoding="utf-8")
    assert run("folder", "--path", code, "--data-dir", tmp_path) == 0
    assert run("jsonl", "--path", tmp_path / "two.jsonl", "--data-dir", tmp_path) == 0
    for name in ("my_code", "two"):
        parts = read_dataset(tmp_path / name / "1.0.0")
        assert sum(map(len, parts.splits.values())) == 1


def test_reading_needs_no_tensorflow(small: Path, tmp_path: Path) -> None:
    assert run("mbpp", "--data-dir", tmp_path, "--path", small) == 0
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from sinq_jax.datasets.reading import read_dataset\n"
        "print(len(read_dataset(Path(sys.argv[1])).splits), 'tensorflow' in sys.modules)"
    )
    folder = str(tmp_path / "mbpp" / "1.0.0")
    done = subprocess.run(
        [sys.executable, "-c", program, folder], capture_output=True, text=True, cwd=REPOSITORY
    )
    assert (done.returncode, done.stdout) == (0, "4 False\n"), done.stderr


@needs_data
def test_mbpp_has_the_published_splits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("mbpp", "--data-dir", tmp_path, "--path", MBPP) == 0
    assert "the published bytes" in capsys.readouterr().out
    splits = read_dataset(tmp_path / "mbpp" / "1.0.0").splits
    sizes = {name: len(programs) for name, programs in splits.items()}
    assert sizes == {"train": 374, "validation": 90, "test": 500, "prompt": 10}


@needs_data
def test_humaneval_solutions_are_programs_without_their_descriptions(tmp_path: Path) -> None:
    assert run("humaneval", "--data-dir", tmp_path, "--path", HUMANEVAL) == 0
    programs = read_dataset(tmp_path / "humaneval" / "1.0.0").splits["test"]
    assert len(programs) == 164
    functions = [
        node
        for program in programs
        for node in ast.walk(ast.parse(program.source))
        if isinstance(node, ast.FunctionDef)
    ]
    assert not any(map(ast.get_docstring, functions))


def test_only_docstrings_go() -> None:
    source = 'X = "kept"\ndef f(a):\n    """One.\n\n    Two."""\n\n    # why\n    return """t"""\n'
    assert without_docstrings(source) == ('X = "kept"\ndef f(a):\n    # why\n    return """t"""\n')
    assert without_docstrings('def f(a):\n    "only"\n') == "def f(a):\n    pass\n"


@pytest.mark.parametrize(
    "wrong",
    [
        ["mbpp", "--path", "gone.jsonl"],
        ["humaneval", "--path", "gone.jsonl"],
        ["humaneval", "--path", __file__],
        ["mbpp", "--path", __file__],
        ["jsonl"],
        ["folder", "--path", __file__],
        ["mbpp", "--path", __file__, "--against", "gone.jsonl"],
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*wrong, "--data-dir", tmp_path / "sets") == 2
    captured = capsys.readouterr()
    assert len(captured.err.splitlines()) == 1
    assert not [*(tmp_path / "sets").glob("*/1.0.0")]
