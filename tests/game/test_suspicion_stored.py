"""Claims about suspicion in games.sqlite, and about files from before there was any."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from sinq_jax.game.records import Suspicion
from sinq_jax.game.store import GameStore
from tests.game.test_store import game, ruling, store
from tests.game.test_variety_stored import make_version_2


def test_suspicion_is_told_with_the_figures_and_takes_the_difficulty(tmp_path: Path) -> None:
    suspect = replace(game(1, solved=0), suspicion=Suspicion("budget used up", 64))
    cleared = replace(suspect, suspicion=Suspicion("found", 48, '{"x": 3}', ruling()))
    with store(tmp_path) as opened:
        opened.write_round(1, [suspect, cleared, game(1)])
        assert [(e.suspect, e.measured) for e in opened.entries()] == [
            (True, False),
            (False, True),
            (False, True),
        ]
        opened.delete_after(0)
        assert opened._connection.execute("SELECT count(*) FROM suspicion").fetchone() == (0,)


def test_the_time_that_a_find_took_is_no_content(tmp_path: Path) -> None:
    digests = []
    for name, wall_s in [("one", 0.1), ("two", 0.9)]:
        find = Suspicion("found", 48, '{"x": 3}', ruling(wall_s=wall_s))
        with store(tmp_path, name) as opened:
            opened.write_round(0, [replace(game(), suspicion=find)])
            digests.append(opened.content_digest())
    assert digests[0] == digests[1]


def make_version_1(path: Path) -> None:
    """Take from a file what files did not have before the suspicion pass."""
    make_version_2(path)
    with closing(sqlite3.connect(path)) as file:
        file.executescript("DROP TABLE suspicion; PRAGMA user_version = 1;")


def test_a_file_from_before_the_suspicion_pass_is_read_and_left_as_it_is(tmp_path: Path) -> None:
    with store(tmp_path) as opened:
        opened.write_round(0, [game()])
        digest = opened.content_digest()
    path = tmp_path / "games.sqlite"
    make_version_1(path)
    before = path.read_bytes()
    with GameStore(path, readonly=True) as opened:
        assert list(opened.games()) == [game()]
        assert [entry.suspect for entry in opened.entries()] == [False]
        assert opened.content_digest() == digest
    assert path.read_bytes() == before


def test_a_file_from_before_the_suspicion_pass_is_written_on(tmp_path: Path) -> None:
    with store(tmp_path) as opened:
        opened.write_round(0, [game()])
    make_version_1(tmp_path / "games.sqlite")
    examined = replace(game(1), suspicion=Suspicion("budget used up", 64))
    with store(tmp_path) as opened:
        opened.write_round(1, [examined])
    with GameStore(tmp_path / "games.sqlite", readonly=True) as opened:
        assert list(opened.games()) == [game(), examined]
