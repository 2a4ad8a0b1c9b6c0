"""Claims about ``python -m sinq_jax.intake``: games go in, out and in again without loss."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from sinq_jax.config.files import REPOSITORY
from sinq_jax.export.job import write_export
from sinq_jax.game.published import Published, published_game, read_published
from sinq_jax.intake.__main__ import main
from tests.audit.scene import CASES, chat, write_all, write_lines
from tests.export.scene import CONFIG, games, write_workdir

DATA = Path(os.environ.get("SINQ_DATA", REPOSITORY / ".." / "shared" / "data"))
RELEASE = DATA / "sinq_release"
FILES = ("published.jsonl", "published.chat.jsonl")
QUICK = ("--workers", "2", "--timeout", "0.1")


def bring_in(out: Path, *paths: Path) -> list[Published]:
    """What an intake of these files keeps."""
    assert main([*map(str, paths), "--out", str(out), *QUICK]) == 0
    with (out / FILES[0]).open(encoding="utf-8") as file:
        return list(read_published(file))


def contents(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in FILES]


def test_what_was_taken_in_can_be_taken_in_again_from_both_files_without_loss(
    tmp_path: Path,
) -> None:
    cases = [case for case in CASES if "while" not in case.variant]
    kept = bring_in(tmp_path / "one", write_all(tmp_path, *cases)[0])
    assert len(kept) == sum(case.verdict == "diverges" for case in cases) == 5
    for name in FILES:
        assert bring_in(tmp_path / name, tmp_path / "one" / name) == kept
        assert contents(tmp_path / name) == contents(tmp_path / "one")


def without_others(variants: Sequence[Published]) -> list[Published]:
    return [replace(each, others=()) for each in variants]


def test_our_own_games_come_back_from_every_export_of_them(tmp_path: Path) -> None:
    """The two unsolved variants of round 1 are one proof, which a search tells apart."""
    workdir = write_workdir(tmp_path)
    write_export(CONFIG, workdir)
    expected = [each for each in map(published_game, games()) if each is not None][:-1]
    expected[-1] = replace(expected[-1], level=10)
    assert len(expected) == 20
    sources = (workdir / "games.sqlite", workdir / "export" / "games.jsonl")
    for path in sources:
        kept = bring_in(tmp_path / "in" / path.name, path)
        assert kept == expected
        assert {each.others for each in kept} == {(), ('{"x": 1}',)}
    chats = bring_in(tmp_path / "chats", workdir / "export" / "games.chat.jsonl")
    assert chats == without_others(expected)


@pytest.mark.skipif(
    not RELEASE.exists(),
    reason="needs sinq_release/: set SINQ_DATA to the folder that holds it",
)
def test_the_release_goes_in_out_and_in_again_without_loss(tmp_path: Path) -> None:
    paths = sorted(RELEASE.glob("finetuning*.jsonl"))
    kept = bring_in(tmp_path / "in", *paths, Path("--limit=12"))
    assert 40 < len(kept) <= 60
    assert all(each.level is not None and each.analysis for each in kept)
    again = bring_in(tmp_path / "again", tmp_path / "in" / FILES[1])
    assert again == kept
    assert contents(tmp_path / "again") == contents(tmp_path / "in")


def test_the_command_says_what_it_kept_left_out_and_wrote(tmp_path: Path) -> None:
    lines = [chat(CASES[0]), chat(CASES[6]), {"x": 1}, chat(CASES[0], 7), chat(CASES[0])]
    path = write_lines(tmp_path / "a", *lines)
    done = subprocess.run(
        [sys.executable, "-m", "sinq_jax.intake", str(path), "--out", str(tmp_path / "b")],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shown = done.stdout.splitlines()
    assert shown[0] == "1 of 2 variants are kept, published in 4 rows of 1 file."
    assert [line.split() for line in shown if line.startswith("same")] == [
        ["same:", "same", "value", "1"]
    ]
    assert "1 lines could not be read:" in shown
    assert shown[-2:] == [str(tmp_path / "b" / name) for name in FILES]


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["/no/such/file", "--out", "OUT"], "expected a games.sqlite"),
        (["GOOD", "--out", "GOOD"], "expected to write published.jsonl and published.chat.jsonl"),
        (["GOOD", "--out", "OUT", "--timeout", "-1"], "cpu_s"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    words: list[str], fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = write_lines(tmp_path / "good", chat(CASES[0]))
    named = {"GOOD": str(good), "OUT": str(tmp_path / "out")}
    assert main([named.get(word, word) for word in words]) == 2
    shown = capsys.readouterr().err.strip()
    assert fault in shown
    assert len(shown.splitlines()) == 1


def test_an_empty_intake_says_so(tmp_path: Path) -> None:
    assert bring_in(tmp_path / "out", write_lines(tmp_path / "a", chat(CASES[6]))) == []
    assert contents(tmp_path / "out") == [b"", b""]
