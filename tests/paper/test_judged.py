"""Claims about which variants are judged and how hard they were, by our rule and by the old one."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.game.difficulty import level
from sinq_jax.game.records import Suspicion
from sinq_jax.paper.judged import judged, truncated_level
from tests.paper.scene import game


def levels(*games: object, quirks: bool = False) -> list[int]:
    return [each.level for each in judged(games, 0, reference_quirks=quirks)]  # type: ignore[arg-type]


def test_every_answer_counts_unless_the_old_denominators_are_asked_for() -> None:
    """Three right, three wrong, two unreadable, two claims of equivalence: 3 of 10, or 3 of 8."""
    played = game(3, 3, 2, equivalent=2)
    assert levels(played) == [7]
    assert levels(played, quirks=True) == [6]  # 10 (1 - 3/8) = 6.25


def test_without_an_answer_that_parses_the_old_rule_knows_no_level() -> None:
    unread = game(0, 0, 10)
    assert levels(unread) == [10]
    assert levels(unread, quirks=True) == []


def test_with_ten_answers_the_old_rule_has_no_level_2() -> None:
    """Nine right answers come out at 0, eight at 1: the floats fall just below 1 and 2."""
    assert [truncated_level(s, 10) for s in range(10, -1, -1)] == [0, 0, 1, 3, 4, 5, 6, 7, 8, 9, 10]
    assert [level(s, 10) for s in range(10, -1, -1)] == list(range(11))


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_old_rule_is_never_above_ours_and_at_most_one_below(counts: tuple[int, int]) -> None:
    assert level(*counts) - 1 <= truncated_level(*counts) <= level(*counts)


def test_what_proves_nothing_was_not_asked_about_or_is_suspect_is_left_out() -> None:
    refused = game(2, 2, verdict="same")
    unparsed = replace(refused, proposal=None)
    suspect = replace(game(0, 4), suspicion=Suspicion("no more inputs", 64))
    found = replace(suspect, suspicion=Suspicion("found", 64, '{"x": 2}'))
    assert levels(refused, unparsed, game(0, 0), suspect, found) == [10]


@pytest.mark.parametrize("quirks", [False, True])
def test_one_right_answer_is_drawn_and_always_the_same(quirks: bool) -> None:
    games = [game(6, 1, number=number) for number in range(20)]
    drawn = [each.answer for each in judged(games, 3, reference_quirks=quirks)]
    assert drawn == [each.answer for each in judged(games[:10], 3)] + drawn[10:]
    assert len(set(drawn)) > 1
    assert set(drawn) <= {f"right {place}" for place in range(6)}
    assert [each.answer for each in judged([game(0, 3)], 3)] == [None]
