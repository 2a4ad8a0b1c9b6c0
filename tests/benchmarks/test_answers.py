from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.benchmarks.suites.answers import before_stops, blocks, chosen, majority, tagged

VOTES = st.lists(st.sampled_from(["yes", "no", None]), max_size=9)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("yes", "yes"),
        ("No, it is bounded.", "no"),
        ("**Yes**", "yes"),
        ("It may overflow. Answer: yes", "yes"),
        ("The answer is no? No: the buffer is small.\nAnswer: **Yes**", "yes"),
        ("Answer: no\nAnswer:\nyes", "yes"),
        ("yes and then no. Answer: no", "no"),
        ("not sure", None),
        ("nothing", None),
        ("I think so", None),
        ("", None),
    ],
)
def test_the_last_answer_counts_and_without_one_the_first_word(
    text: str, answer: str | None
) -> None:
    assert chosen(text, ("no", "yes")) == answer


@given(VOTES)
def test_no_answer_has_more_votes_than_the_majority(votes: list[str | None]) -> None:
    counts = Counter(vote for vote in votes if vote)
    winner = majority(votes)
    if winner is None:
        assert not counts
    else:
        assert counts[winner] == max(counts.values())


@given(VOTES)
def test_what_was_not_understood_has_no_vote(votes: list[str | None]) -> None:
    assert majority(votes) == majority([vote for vote in votes if vote])


def test_of_equally_many_votes_the_first_given_wins() -> None:
    assert majority(["no", "yes", "yes", "no"]) == "no"
    assert majority([None, "yes", "no"]) == "yes"


def test_a_text_ends_before_the_first_of_its_stops() -> None:
    assert before_stops("a b c", ("c", "b")) == "a "
    assert before_stops("a b c", ()) == "a b c"


def test_blocks_are_found_also_when_the_last_is_never_closed() -> None:
    assert blocks("x\n```python\na\n```\ny\n```\nb\n") == ["a\n", "b\n"]
    assert blocks("inline ``` is no fence") == []


def test_a_tagged_answer_may_lack_the_tag_that_the_prompt_ended_with() -> None:
    assert tagged("thoughts [ANSWER] 1 [/ANSWER] more") == "1"
    assert tagged("1 [/ANSWER]") == "1"
    assert tagged("[ANSWER] 1") == "1"
    assert tagged("1") is None
