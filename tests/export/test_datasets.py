"""Claims about the TFDS datasets: TFDS reads them without tensorflow, in order, and whole."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
import tensorflow_datasets as tfds

from sinq_jax.config.files import REPOSITORY
from sinq_jax.export.job import write_export
from sinq_jax.game.jsonl import game_from_plain
from sinq_jax.game.store import GameStore
from tests.export.scene import CONFIG, games, write_workdir
from tests.export.test_files import lines

PLAYED = games()


def source(workdir: Path, table: str, split: str) -> list[dict[str, Any]]:
    path = workdir / "export" / "tfds" / table / "1.0.0"
    return list(tfds.builder_from_directory(path).as_data_source(split=split))


def messages(row: dict[str, Any]) -> list[tuple[str, str, float]]:
    columns = (row["role"], row["content"], row["weight"])
    return [(r.decode(), c.decode(), float(w)) for r, c, w in zip(*columns, strict=True)]


def plain(chat: list[dict[str, Any]]) -> list[tuple[str, str, float]]:
    return [(each["role"], each["content"], each.get("weight", 1.0)) for each in chat]


def test_every_game_comes_back_whole_and_in_order(workdir: Path) -> None:
    rows = source(workdir, "games", "train")
    assert [game_from_plain(json.loads(row["game"])) for row in rows] == PLAYED


def test_the_columns_of_a_game_tell_what_a_reader_would_filter_by(workdir: Path) -> None:
    rows = source(workdir, "games", "train")
    first = rows[0]
    assert (first["entry_point"], first["program"]) == (b"f", b"a")
    assert first["variant"] == b"def f(x):\n    return x + 1\n"
    assert first["input"] == b'{"x": 1}'
    assert [int(row["level"]) for row in rows[:6]] == [5, 6, 7, 8, 9, 10]
    assert [int(row["level"]) for row in rows[-4:]] == [-1, -1, -1, 10]
    assert [int(row["round"]) for row in rows[-5:]] == [0, 1, 1, 1, 1]
    assert [bool(row["suspect"]) for row in rows[-4:]] == [False, False, True, False]
    assert rows[-3]["variant"] == b""
    assert all(
        (int(row["solved"]), int(row["answers"])) == (game.solved, len(game.answers))
        for row, game in zip(rows, PLAYED, strict=True)
    )


def test_chats_and_preferences_are_those_of_the_lines(workdir: Path) -> None:
    for name in ("games", "generator", "prediction", "evaluator"):
        rows = source(workdir, "chats", name)
        expected = lines(workdir / "export" / f"{name}.chat.jsonl")
        assert [messages(row["messages"]) for row in rows] == [
            plain(chat["messages"]) for chat in expected
        ]
    rows = source(workdir, "preferences", "train")
    expected = lines(workdir / "export" / "preferences.jsonl")
    assert len(rows) == len(expected) > 0
    for row, pair in zip(rows, expected, strict=True):
        assert {name: messages(row[name]) for name in pair} == {
            name: plain(chat) for name, chat in pair.items()
        }


def test_sets_without_a_row_are_left_out(tmp_path: Path) -> None:
    write_workdir(tmp_path)
    with GameStore(tmp_path / "games.sqlite") as store:
        store.write_round(0, [game for game in PLAYED if not game.admitted and game.round == 0])
        store.delete_after(0)
        store.write_round(1, [game for game in PLAYED if not game.admitted])
    written = write_export(CONFIG, tmp_path)
    assert [name for name in written if name.startswith("tfds")] == ["tfds/games/train"]
    assert {count for name, count in written.items() if "chat" in name} == {0}


def test_an_export_leaves_nothing_among_the_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary, run = tmp_path / "temporary", tmp_path / "run"
    temporary.mkdir()
    run.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    write_export(CONFIG, write_workdir(run))
    assert (run / "export" / "tfds" / "games").exists()
    assert list(temporary.iterdir()) == []


def test_neither_tensorflow_nor_jax_is_needed(tmp_path: Path) -> None:
    write_workdir(tmp_path)
    code = (
        "import sys; from pathlib import Path; from tests.export.scene import CONFIG;"
        "from sinq_jax.export.job import export; export(CONFIG, Path(sys.argv[1]));"
        "print(sorted({'tensorflow', 'jax'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "[]"
