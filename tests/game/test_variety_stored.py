"""Claims about behaviours, quirky verdicts and equivalent pairs in games.sqlite, and about files
from before there were any.
"""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from sinq_jax.game.equivalents import (
    EquivalentQuestion,
    equivalent_measures,
    equivalent_reward,
    question_from_plain,
    question_to_plain,
)
from sinq_jax.game.jsonl import game_from_plain, game_to_plain
from sinq_jax.game.records import Answer, Behaviour, Completion, Game, Ruling
from sinq_jax.game.store import GameStore
from tests.game.test_store import game, ruling, store

ADDED = ("behaviour", "quirky", "equivalent_answer", "equivalent")


def make_version_2(path: Path) -> None:
    """Take from a file what files did not have before behaviours were kept."""
    drops = "".join(f"DROP TABLE {table};" for table in ADDED)
    with closing(sqlite3.connect(path)) as file:
        file.executescript(f"{drops} PRAGMA user_version = 2;")


def answer(text: str, word: Ruling | None = None) -> Answer:
    claims = text == "equivalent"
    given = None if claims else text
    return Answer(Completion(text, 3, True), given, claims, word or Ruling("invalid", "no", {}))


def question(number: int = 0, *answers: Answer) -> EquivalentQuestion:
    asked = answers or (answer("equivalent"), answer('{"x": 1}', Ruling("same", "same", {})))
    program = replace(game().program, name="another", source="def f(x): return x\n")
    text = "def f(x):\n    y = '\ud800'\n    return x\n"
    return EquivalentQuestion(number, program, text, ("dead code", "mirror"), 48, asked)


def quirky(of: Game) -> Game:
    """The game as a quirky judge would pay for it."""
    refused = replace(of.admission, verdict="same", quirky=True)
    answers = tuple(replace(a, ruling=replace(a.ruling, quirky=False)) for a in of.answers)
    return replace(of, admission=refused, answers=answers)


VARIED = [
    replace(game(0), behaviour=Behaviour(("constant", "operator"), "0f" * 8, 3)),
    quirky(game(0)),
    game(0),
]


def test_behaviours_quirky_verdicts_and_questions_come_back_exactly(tmp_path: Path) -> None:
    with store(tmp_path) as opened:
        opened.write_round(0, VARIED, equivalents=[question(), question()])
        opened.write_round(1, [])
    with GameStore(tmp_path / "games.sqlite", readonly=True) as opened:
        assert list(opened.games(0)) == VARIED
        assert opened.equivalents(0) == [question(), question()]
        assert opened.equivalents(1) == []


@pytest.mark.parametrize("each", VARIED)
def test_lines_of_json_keep_behaviours_and_quirky_verdicts(each: Game) -> None:
    assert game_from_plain(game_to_plain(each)) == each


def test_questions_go_from_host_to_host_without_loss() -> None:
    told = json.loads(json.dumps(question_to_plain(question())))
    assert question_from_plain(told) == question()


def test_a_quirky_judge_pays_and_the_sound_verdict_stays() -> None:
    paid = quirky(game())
    assert paid.admitted
    assert paid.admission.verdict == "same"
    assert paid.solved == 0


def test_the_questions_of_dropped_rounds_are_gone_with_their_programs(tmp_path: Path) -> None:
    with store(tmp_path) as opened:
        opened.write_round(0, [game(0)], equivalents=[question(0)])
        opened.write_round(1, [game(1)], equivalents=[question(1)])
        opened.delete_after(0)
        assert opened.equivalents(0) == [question(0)]
        opened.write_round(0, [game(0)])
        left = [
            opened._connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("equivalent", "equivalent_answer", "program")
        ]
        assert left == [0, 0, 1]


def test_every_change_of_a_question_changes_the_digest_and_measured_times_do_not(
    tmp_path: Path,
) -> None:
    timed = [question(0, answer('{"x": 1}', ruling(wall_s=wall_s))) for wall_s in (0.1, 0.9)]
    others = [question(), replace(question(), tried=47), question(0, answer("equivalent"))]
    digests = []
    for place, each in enumerate([*timed, *others]):
        with store(tmp_path, f"{place}.sqlite") as opened:
            opened.write_round(0, [game()], equivalents=[each])
            digests.append(opened.content_digest())
    assert digests[0] == digests[1]
    assert len(set(digests)) == 4


def test_a_question_of_another_round_is_refused(tmp_path: Path) -> None:
    with store(tmp_path) as opened, pytest.raises(ValueError, match="games of round 1, got 0"):
        opened.write_round(1, [], equivalents=[question(0)])


@pytest.mark.parametrize("readonly", [True, False])
def test_a_file_from_before_behaviours_is_read_as_it_was(tmp_path: Path, readonly: bool) -> None:
    with store(tmp_path) as opened:
        opened.write_round(0, [game()])
        digest = opened.content_digest()
    path = tmp_path / "games.sqlite"
    make_version_2(path)
    before = path.read_bytes()
    with GameStore(path, readonly=readonly) as opened:
        assert list(opened.games()) == [game()]
        assert opened.equivalents(0) == []
        assert opened.content_digest() == digest
    assert (path.read_bytes() == before) is readonly


def test_a_refuted_question_pays_nobody_and_counts_as_no_recognition() -> None:
    right, wrong = answer("equivalent"), answer('{"x": 1}', Ruling("same", "same", {}))
    standing = question(0, right, wrong, wrong, right)
    refuted = question(0, right, answer('{"x": 2}', Ruling("diverges", "values", {})))
    assert [equivalent_reward(standing, each) for each in standing.answers] == [1.0, 0.0, 0.0, 1.0]
    assert [equivalent_reward(refuted, each) for each in refuted.answers] == [0.0, 0.0]
    assert equivalent_measures([standing, refuted]) == {
        "equivalent/questions": 2.0,
        "equivalent/refuted": 1.0,
        "equivalent/answers": 4.0,
        "equivalent/recognised": 0.5,
    }
    assert "equivalent/recognised" not in equivalent_measures([])
