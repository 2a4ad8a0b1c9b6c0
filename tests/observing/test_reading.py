"""Claims about the games that a report shows: which are chosen, and how an edit is marked."""

import re
from html import unescape
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.game.difficulty import level
from sinq_jax.game.store import Entry
from sinq_jax.report.choice import games_to_read, refusals_to_read
from sinq_jax.report.diff import diff_listing
from sinq_jax.report.html import visible

LINES = st.lists(st.text("ab <&+-=()x1", max_size=6), min_size=1, max_size=8)


def entry(number: int, position: int, solved: int, program: str = "p", reason: str = "") -> Entry:
    verdict = "invalid" if reason else "diverges"
    answers = 0 if reason else 8
    return Entry(number, position, program, 5, solved, answers, verdict, reason, None)


ENTRIES = st.lists(
    st.builds(
        entry,
        st.integers(1, 20),
        st.integers(0, 99),
        st.integers(0, 8),
        st.sampled_from("pqr"),
        st.sampled_from(["", "", "no input"]),
    ),
    max_size=60,
    unique_by=lambda e: (e.round, e.position),
)


@given(ENTRIES)
def test_a_dozen_different_games_cover_every_level_there_is(entries: list[Entry]) -> None:
    answered = [e for e in entries if e.answers]
    chosen = games_to_read(entries)
    assert len(chosen) == len(set(chosen)) == min(12, len(answered))
    assert set(chosen) <= set(answered)
    levels = [level(e.solved, e.answers) for e in chosen]
    assert set(levels) == {level(e.solved, e.answers) for e in answered}
    assert levels == sorted(levels, reverse=True)
    assert chosen == games_to_read(list(entries))


def test_chosen_games_are_spread_over_rounds_and_programs() -> None:
    entries = [entry(number, 0, 4, f"p{number % 3}") for number in range(1, 101)]
    rounds = [e.round for e in games_to_read(entries)]
    assert rounds[0] == 1
    assert rounds[-1] > 95
    assert max(b - a for a, b in pairwise(rounds)) <= 25
    assert len({e.program for e in games_to_read(entries, 3)}) == 3


def test_refusals_show_the_latest_of_each_common_reason() -> None:
    entries = [entry(1, i, 0, reason=r) for i, r in enumerate(["b", "a", "c", "b", "a", "d", "e"])]
    assert [(e.reason, e.position) for e in refusals_to_read(entries)] == [
        ("a", 4),
        ("b", 3),
        ("c", 2),
        ("d", 5),
    ]


def plain_lines(listing: str) -> list[tuple[str, str]]:
    body = re.sub(r"</?(pre|code|mark)[^>]*>", "", listing)
    spans = re.findall(r"<span[^>]*><i>(.)</i>(.*?)\n</span>", body, flags=re.DOTALL)
    return [(sign, unescape(text)) for sign, text in spans]


@given(LINES, LINES)
def test_both_programs_can_be_read_off_a_diff(old: list[str], new: list[str]) -> None:
    lines = plain_lines(diff_listing("\n".join(old), "\n".join(new)))
    before = "\n".join(text for sign, text in lines if sign in " -")
    after = "\n".join(text for sign, text in lines if sign in " +")
    assert before == "\n".join(old).rstrip("\n")
    assert after == "\n".join(new).rstrip("\n")


def test_within_a_line_only_what_differs_is_marked() -> None:
    listing = diff_listing("def f(x):\n    return x > 1", "def f(x):\n    return x >= 1")
    assert "return x <mark>&gt;</mark> 1" in listing
    assert "return x <mark>&gt;=</mark> 1" in listing
    assert listing.count("<mark>") == 2


@given(st.text(st.characters()))
def test_nothing_hides_or_reorders_text_or_breaks_the_file(text: str) -> None:
    shown = visible(text)
    shown.encode()
    assert all(char in "\n\t" or char.isprintable() or char.isspace() for char in shown)
    assert "\u202e" not in shown
    assert visible("naïve λ = 3\n") == "naïve λ = 3\n"
