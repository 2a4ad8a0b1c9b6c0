"""Claims about ``python -m sinq_jax.audit``: what it prints, writes, and says of mistakes."""

import subprocess
import sys
from pathlib import Path

import pytest

from sinq_jax.audit.__main__ import main
from sinq_jax.config.files import REPOSITORY
from tests.audit.scene import CASES, chat, pair, write_lines


def call(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sinq_jax.audit", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        check=False,
    )


def test_the_table_goes_to_stdout_and_progress_to_stderr_and_no_file_anywhere(
    tmp_path: Path,
) -> None:
    path = write_lines(tmp_path / "a", chat(CASES[0]), chat(CASES[6]), {"x": 1}, chat(CASES[0]))
    done = call(path, "--workers", 1)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1 of 2 proofs hold (50.0% [")
    assert "same: same value" in done.stdout
    assert "a:3: a JSON object with the keys 'x'" in done.stdout
    assert "checks/s" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_out_writes_receipts_and_page_and_names_them(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a", pair(CASES[0]))
    done = call(path, "--out", tmp_path / "out", "--limit", 1, "--timeout", 0.2)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == [
        str(tmp_path / "out" / name) for name in ("receipts.jsonl", "audit.html")
    ]
    assert '"cpu_s": 0.2' in (tmp_path / "out" / "receipts.jsonl").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["/no/such/file"],
        ["--wrokers", "2", "GOOD"],
        ["--workers", "0", "GOOD"],
        ["--limit", "many", "GOOD"],
        ["--timeout", "-1", "GOOD"],
        ["--out", "GOOD", "GOOD"],
        ["GOOD", "GOOD"],
        ["TEXT"],
        ["FOLDER"],
    ],
    ids=" ".join,
)
def test_a_mistake_gets_status_2_and_one_line(
    arguments: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    paths = {"GOOD": tmp_path / "good", "TEXT": tmp_path / "text", "FOLDER": tmp_path}
    write_lines(paths["GOOD"], pair(CASES[0]))
    paths["TEXT"].write_text("hello\n")
    assert status([str(paths.get(argument, argument)) for argument in arguments]) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1, said.err


def status(arguments: list[str]) -> int | str | None:
    """The exit status of the command, run in this process."""
    try:
        return main(arguments)
    except SystemExit as end:
        return end.code


def test_help_says_what_a_file_may_be() -> None:
    done = call("--help")
    assert done.returncode == 0
    assert "games.sqlite" in done.stdout
