"""Claims about games.sqlite: exact, atomic, replaceable, and clear when the file is in trouble."""

import math
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sinq_jax.game.records import Answer, Completion, Game, Proposal, Ruling, Suspicion
from sinq_jax.game.store import Entry, GameStore, StoreError
from sinq_jax.programs.program import Parameter, Program

NUMBERS = st.integers(0, 2**40)
TEXTS = st.text(st.characters(), max_size=12)  # all of Unicode, NUL and lone surrogates among it
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
RULINGS = st.builds(
    Ruling,
    st.sampled_from(["diverges", "same", "invalid", "unstable"]),
    TEXTS,
    st.dictionaries(st.sampled_from(["original", "variant"]) | TEXTS, JSON_VALUES, max_size=3),
)
COMPLETIONS = st.builds(Completion, TEXTS, NUMBERS, st.booleans())
ANSWERS = st.builds(Answer, COMPLETIONS, st.none() | TEXTS, st.booleans(), RULINGS)
PROGRAMS = st.builds(
    Program,
    TEXTS,
    TEXTS,
    TEXTS,
    st.lists(st.builds(Parameter, TEXTS, TEXTS), max_size=2).map(tuple),
    st.lists(TEXTS, max_size=2).map(tuple),
)
SUSPICIONS = st.builds(Suspicion, TEXTS, NUMBERS) | st.builds(
    Suspicion, TEXTS, NUMBERS, TEXTS, RULINGS
)
GAMES = st.builds(
    Game,
    round=st.just(3),
    program=PROGRAMS,
    target=NUMBERS,
    sample=NUMBERS,
    completion=COMPLETIONS,
    proposal=st.none() | st.builds(Proposal, TEXTS, TEXTS),
    admission=RULINGS,
    answers=st.lists(ANSWERS, max_size=3).map(tuple),
    density=st.none() | st.tuples(NUMBERS, NUMBERS),
    suspicion=st.none() | SUSPICIONS,
)

PROGRAM = Program(
    "built-in/1", "def f(x):\n    return x\n", "f", (Parameter("x", "int"),), ('{"x": 1}',)
)


def ruling(verdict: str = "diverges", wall_s: float = 0.01) -> Ruling:
    receipt = {"original": {"value": "1", "wall_s": wall_s}, "limits": {"cpu_s": 0.25}}
    return Ruling(verdict, "outcomes differ", receipt)  # type: ignore[arg-type]


def game(number: int = 0, text: str = "edit", solved: int = 1, wall_s: float = 0.01) -> Game:
    answers = tuple(
        Answer(
            Completion(f"try {i}", 3, True),
            '{"x": 2}',
            False,
            ruling("diverges" if i < solved else "same", wall_s),
        )
        for i in range(4)
    )
    return Game(
        round=number,
        program=PROGRAM,
        target=5,
        sample=0,
        completion=Completion(text, 7, True),
        proposal=Proposal("def f(x):\n    return -x\n", '{"x": 1}'),
        admission=ruling(wall_s=wall_s),
        answers=answers,
        density=(3, 20),
    )


def store(folder: Path, name: str = "games.sqlite") -> GameStore:
    return GameStore(folder / name, busy_timeout_s=0)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(GAMES, max_size=4))
def test_games_come_back_exactly_equal(games: list[Game]) -> None:
    with TemporaryDirectory() as folder, store(Path(folder)) as opened:
        opened.write_round(3, games)
        assert list(opened.games(3)) == games
        assert [opened.game(3, place) for place in range(len(games))] == list(opened.games())


def test_a_receipt_that_holds_a_number_that_is_none_comes_back(tmp_path: Path) -> None:
    receipt = {"original": {"value": math.nan}, "limits": [math.inf]}
    with store(tmp_path) as opened:
        opened.write_round(0, [replace(game(), admission=Ruling("same", "", receipt))])
        assert repr(opened.game(0, 0).admission.receipt) == repr(receipt)


def test_what_receipts_share_is_stored_once(tmp_path: Path) -> None:
    with store(tmp_path) as opened:
        opened.write_round(0, [game(), game(text="other")])
    with closing(sqlite3.connect(tmp_path / "games.sqlite")) as file:
        assert file.execute("SELECT content FROM condition").fetchall() == [
            ('{"limits": {"cpu_s": 0.25}}',)
        ]


def test_games_survive_reopening_and_keep_the_order_of_rounds(tmp_path: Path) -> None:
    first, second = [game(0, "a"), game(0, "b")], [game(2, "c")]
    with store(tmp_path) as opened:
        opened.write_round(2, second, {"seed": 7})
        opened.write_round(0, first)
    with GameStore(tmp_path / "games.sqlite", readonly=True) as opened:
        assert list(opened.games()) == first + second
        assert list(opened.games(range(1, 9))) == second
        assert opened.metadata(2) == {"seed": 7}
        assert opened.rounds() == [0, 2]


def test_rewriting_a_round_replaces_it(tmp_path: Path) -> None:
    with store(tmp_path) as opened:
        opened.write_round(0, [game(text="old"), game(text="older")])
        opened.write_round(0, [game(text="new")])
        assert list(opened.games()) == [game(text="new")]
        assert opened.counts()["answers"] == 4


def test_a_round_is_stored_whole_or_not_at_all(tmp_path: Path) -> None:
    broken = replace(game(text="broken"), admission=Ruling("same", "", {"tuple": (1,)}))
    with store(tmp_path) as opened:
        opened.write_round(0, [game(text="kept")])
        with pytest.raises(TypeError, match="lists, no tuples"):
            opened.write_round(0, [game(text="lost"), broken])
        assert list(opened.games()) == [game(text="kept")]


def test_a_game_of_another_round_is_refused(tmp_path: Path) -> None:
    with store(tmp_path) as opened, pytest.raises(ValueError, match="games of round 1, got 0"):
        opened.write_round(1, [game(0)])


def test_delete_after_drops_later_rounds_with_all_that_hangs_on_them(tmp_path: Path) -> None:
    with store(tmp_path) as opened:
        for number in range(4):
            opened.write_round(number, [game(number)])
        assert opened.delete_after(1) == 2
        assert opened.rounds() == [0, 1]
        assert opened.counts() == {
            "rounds": 2,
            "programs": 1,
            "games": 2,
            "admitted": 2,
            "answers": 8,
            "solved": 2,
        }
        opened.delete_after(-1)
        assert set(opened.counts().values()) == {0}


def test_a_resumed_store_has_the_digest_of_an_undisturbed_one(tmp_path: Path) -> None:
    other = replace(PROGRAM, name="other")
    with store(tmp_path, "undisturbed") as opened:
        opened.write_round(0, [game(0)], {"seed": 1, "wall_s": 3.0})
        opened.write_round(1, [game(1)])
        undisturbed = opened.content_digest()
    with store(tmp_path, "resumed") as opened:
        opened.write_round(1, [replace(game(1), program=other), game(1, "lost in the crash")])
        opened.write_round(0, [game(0, wall_s=0.2)], {"seed": 1, "wall_s": 8.0})
        assert opened.content_digest() != undisturbed
        opened.delete_after(0)
        opened.write_round(1, [game(1, wall_s=0.7)])
        assert opened.content_digest() == undisturbed


@pytest.mark.parametrize(
    "changed",
    [
        game(text="other"),
        game(solved=2),
        replace(game(), density=(3, 21)),
        replace(game(), program=replace(PROGRAM, examples=())),
        replace(game(), suspicion=Suspicion("budget used up", 64)),
        replace(game(), admission=Ruling("diverges", "differ", {"limits": {"cpu_s": 0.5}})),
    ],
)
def test_any_change_of_content_changes_the_digest(tmp_path: Path, changed: Game) -> None:
    digests = []
    for name, content in [("one", game()), ("two", changed)]:
        with store(tmp_path, name) as opened:
            opened.write_round(0, [content])
            digests.append(opened.content_digest())
    assert digests[0] != digests[1]


def test_entries_give_the_figures_without_the_texts(tmp_path: Path) -> None:
    unparsed = replace(
        game(1), proposal=None, admission=Ruling("invalid", "no edit", {}), answers=(), density=None
    )
    with store(tmp_path) as opened:
        opened.write_round(1, [game(1, solved=3), unparsed])
        assert list(opened.entries()) == [
            Entry(1, 0, "built-in/1", 5, 3, 4, "diverges", "outcomes differ", (3, 20)),
            Entry(1, 1, "built-in/1", 5, 0, 0, "invalid", "no edit", None),
        ]


def test_rulings_on_answers_are_counted_by_verdict_and_reason(tmp_path: Path) -> None:
    with store(tmp_path) as opened:
        opened.write_round(1, [game(1, solved=3), game(1, solved=0)])
        differ = "outcomes differ"
        assert opened.answer_rulings() == {("diverges", differ): 3, ("same", differ): 5}


def test_a_file_that_is_no_database_gives_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "games.sqlite").write_bytes(b"not a database at all, " * 50)
    with pytest.raises(StoreError, match=r"games\.sqlite: this is not an sqlite file"):
        store(tmp_path)


def test_a_damaged_page_gives_one_clear_line(tmp_path: Path) -> None:
    with store(tmp_path) as opened:
        for number in range(30):
            opened.write_round(number, [game(number)])
    path = tmp_path / "games.sqlite"
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"), store(tmp_path) as opened:
        list(opened.games())


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "games.sqlite") as other:
        other.execute("CREATE TABLE precious (x)")
    other.close()
    with pytest.raises(StoreError, match="expected a file of games, version 3, got version 0"):
        store(tmp_path)


def test_a_missing_file_is_not_created_by_a_reader(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="found none; play a run first"):
        GameStore(tmp_path / "games.sqlite", readonly=True)
    with pytest.raises(StoreError, match="cannot be opened or created"):
        GameStore(tmp_path / "nowhere" / "games.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_busy_file_gives_one_clear_line_and_loses_nothing(tmp_path: Path) -> None:
    with store(tmp_path) as opened, store(tmp_path) as other:
        opened.write_round(0, [game()])
        with opened._transaction():
            with pytest.raises(StoreError, match="another process is writing"):
                other.write_round(1, [game(1)])
            assert list(other.games()) == [game()]
        other.write_round(1, [game(1)])
        assert opened.rounds() == [0, 1]


def test_a_full_disk_gives_one_clear_line_and_keeps_what_was_there(tmp_path: Path) -> None:
    with store(tmp_path) as opened:
        opened.write_round(0, [game()])
        (pages,) = opened._connection.execute("PRAGMA page_count").fetchone()
        opened._connection.execute(f"PRAGMA max_page_count = {pages + 1}")
        with pytest.raises(StoreError, match="the disk is full"):
            opened.write_round(1, [game(1, text="x" * 1000) for _ in range(50)])
        assert list(opened.games()) == [game()]
        opened._connection.execute(f"PRAGMA max_page_count = {pages + 1000}")
        opened.write_round(1, [game(1)])
        assert opened.rounds() == [0, 1]
