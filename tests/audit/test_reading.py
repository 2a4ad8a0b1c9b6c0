"""Claims about reading published games: by content, line by line, and never by crashing."""

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinq_jax.audit.formats import FaultyLineError, UnknownLineError, read_line
from sinq_jax.audit.proofs import AuditError, Proof
from sinq_jax.audit.reading import read_files
from sinq_jax.game.jsonl import game_to_plain, write_games
from sinq_jax.game.published import Published, published_game, published_to_plain
from sinq_jax.game.records import Suspicion
from tests.audit.scene import CASES, FORMATS, chat, game, pair, write_all, write_lines

CASE = CASES[0]


def test_one_proof_is_the_same_in_every_format(tmp_path: Path) -> None:
    sources = read_files(write_all(tmp_path, *CASES))
    assert [source.name for source in sources] == [*FORMATS]
    expected = [
        Proof("f", case.original, case.variant.rstrip() + "\n", case.input) for case in CASES
    ]
    for source in sources:
        assert [row.proof for row in source.rows] == expected, source.name
        assert {row.level for row in source.rows} == {5}, source.name
        assert (source.faults, source.unclaimed) == ((), 0)


def test_rows_are_named_by_line_or_by_round_and_game(tmp_path: Path) -> None:
    sources = read_files(write_all(tmp_path, *CASES[:2]))
    assert [row.place for row in sources[2].rows] == ["pairs:1", "pairs:2"]
    assert sources[4].rows[1].place == "store: round 1, game 1"


def test_a_difficulty_that_nobody_measured_is_unknown(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a", pair(CASE, None), chat(CASE, "Any"), chat(CASE, 10))
    assert [row.level for row in read_files([path])[0].rows] == [None, None, 10]


def test_a_game_without_answers_has_no_level_and_a_refused_one_claims_nothing(
    tmp_path: Path,
) -> None:
    path = tmp_path / "games"
    with path.open("w", encoding="utf-8") as file:
        write_games([game(CASE, 0, 0), game(CASE, 0, 10), game(CASE, admitted=False)], file)
    (source,) = read_files([path])
    assert [row.level for row in source.rows] == [None, 10]
    assert source.unclaimed == 1


def test_a_suspect_game_has_no_level_because_it_may_be_equivalent_and_not_hard(
    tmp_path: Path,
) -> None:
    unsolved = game(CASE, 0, 10)
    suspect = replace(unsolved, suspicion=Suspicion("nothing found", 40))
    path = tmp_path / "games"
    with path.open("w", encoding="utf-8") as file:
        write_games([unsolved, suspect], file)
    assert [row.level for row in read_files([path])[0].rows] == [10, None]


def test_bad_lines_are_named_with_what_they_lack_and_the_others_are_read(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a", chat(CASE), {"messages": []}, {"x": 1}, chat(CASE, 11))
    with path.open("ab") as file:
        file.write(b"{\n\xff\n\n" + b"[" * 100_000 + b"\n[1]\n")
    write_lines(tmp_path / "b", chat(CASE))
    path.write_bytes(path.read_bytes() + (tmp_path / "b").read_bytes())
    (source,) = read_files([path])
    assert [row.place for row in source.rows] == ["a:1", "a:10"]
    assert source.faults == (
        "a:2: no text of the role 'user'",
        "a:3: a JSON object with the keys 'x'",
        "a:4: difficulty '11', expected 0 to 10",
        "a:5: not JSON",
        "a:6: not JSON",
        "a:8: not JSON",
        "a:9: not a JSON object",
    )


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("# Generated program", "# Program"), "no block of code under '# Generated program'"),
        (("# Diverging input", "# Input"), "no block of code under '# Diverging input example'"),
        (("Entry point function: f", "Function: f"), "no difficulty level, entry point"),
    ],
)
def test_a_chat_without_a_part_says_which(change: tuple[str, str], fault: str) -> None:
    row = chat(CASE)
    for message in row["messages"]:
        message["content"] = message["content"].replace(*change)
    with pytest.raises(FaultyLineError, match=fault):
        read_line(json.dumps(row).encode())


PUBLISHED = published_game(game(CASE))
assert PUBLISHED is not None
WHOLE = (
    *(chat(CASE), chat(CASE, predicted=3), pair(CASE)),
    *(game_to_plain(game(CASE)), published_to_plain(PUBLISHED)),
)
JUNK = (None, True, 7, -1.5, "", "Difficulty level: x", [], [None], {}, {"role": "user"})


def damaged(value: Any, places: list[int], junk: Any) -> Any:
    """``value`` with junk at the node that the numbers lead to, a child at each step."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    if not places or not isinstance(value, dict | list) or not keys:
        return junk
    key = keys[places[0] % len(keys)]
    copy = value.copy()
    copy[key] = (
        damaged(value[key], places[1:], junk) if isinstance(value[key], dict | list) else junk
    )
    return copy


@settings(max_examples=300)
@given(
    st.one_of(
        st.binary(max_size=40),
        st.builds(
            lambda whole, places, junk: json.dumps(damaged(whole, places, junk)).encode(),
            st.sampled_from(WHOLE),
            st.lists(st.integers(0, 20), min_size=1, max_size=5),
            st.sampled_from(JUNK),
        ),
    )
)
def test_no_line_can_do_more_than_be_named(line: bytes) -> None:
    fault = ""
    try:
        found = read_line(line)
    except (UnknownLineError, FaultyLineError) as error:
        found, fault = None, str(error)
    assert found is None or isinstance(found, Published)
    assert "\n" not in fault


def test_at_most_the_first_rows_are_read(tmp_path: Path) -> None:
    paths = write_all(tmp_path, *CASES)
    assert [len(source.rows) for source in read_files(paths, limit=3)] == [3] * len(FORMATS)


def test_files_are_named_below_the_folder_that_holds_all(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    paths = [
        write_lines(tmp_path / "one" / "a", chat(CASE)),
        write_lines(tmp_path / "a", chat(CASE)),
    ]
    assert [source.name for source in read_files(paths)] == ["one/a", "a"]


def test_a_damaged_or_strange_file_is_one_clear_line(tmp_path: Path) -> None:
    whole = gzip.compress(b'{"a": 1}\n' * 1000)
    contents = {
        "empty": (b"", "got no line"),
        "text": (b"hello\n", "only lines like the first, not JSON"),
        "other": (b'{"a": 1}\n', "only lines like the first, a JSON object with the keys 'a'"),
        "cut": (whole[: len(whole) // 2], "got an error"),
        "flipped": (whole[:20] + b"\0\0" + whole[22:], "got an error"),
        "sqlite": (b"SQLite format 3\0" + b"x" * 200, "move it away"),
    }
    for name, (content, fault) in contents.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(AuditError, match=fault) as caught:
            read_files([tmp_path / name])
        assert str(caught.value).startswith(str(tmp_path / name))
        assert "\n" not in str(caught.value)


def test_a_file_given_twice_is_a_mistake(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a", chat(CASE))
    with pytest.raises(AuditError, match="twice"):
        read_files([path, tmp_path / "." / "a"])
