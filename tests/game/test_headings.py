"""Claims about answers under headings."""

import re

from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.game.headings import block_under, fenced, section

marked = st.lists(
    st.sampled_from(["# A", "## A", "# B:", "```", "````python", "``", "x = 1", "", " # A #", "#A"])
    | st.text(max_size=5),
    max_size=12,
).map("\n".join)
"""Texts full of headings, fences and near misses."""


@given(marked)
def test_a_fenced_text_is_read_back_exactly(text: str) -> None:
    assert block_under(f"# A\nwords\n{fenced(text)}\nwords", "a") == text


@given(marked | st.text())
def test_no_text_makes_reading_fail(text: str) -> None:
    found, block = section(text, "A"), block_under(text, "A")
    assert found is None or found in text
    assert block is None or (block in text and found is not None)


def test_a_section_ends_with_a_heading_of_its_level_or_above() -> None:
    text = "# A\none\n## deeper\ntwo\n# B\nthree"
    assert section(text, "A") == "one\n## deeper\ntwo"
    assert section(text, "deeper") == "two"
    assert section(text, "C") is None


def test_the_last_of_equal_headings_counts() -> None:
    assert section("# A\nfirst thoughts\n# A\nanswer", "A") == "answer"


def test_a_comment_of_a_program_is_no_heading() -> None:
    program = "# Program\nx = 1"
    assert block_under(f"# Program\n{fenced(program)}\n# End", "Program") == program


def test_a_heading_may_have_any_level_case_and_marks_behind_it() -> None:
    for heading in ("# Diverging input", "### diverging INPUT:", "  ## Diverging input ##"):
        assert block_under(f"{heading}\n```\n1\n```", "Diverging input") == "1"


def test_a_block_that_is_never_closed_is_none() -> None:
    assert block_under("# A\n```python\nx = 1", "A") is None
    assert block_under("# A\n````\nx = 1\n```", "A") is None
    assert block_under("# A\nno block", "A") is None
    assert block_under("# A\n# B\n```\nx\n```", "A") is None


def test_reading_takes_time_in_proportion_to_the_text() -> None:
    """Lines on which a backtracking search would never end."""
    assert section("# A" + " #" * 200_000 + "x", "A") is None
    assert fenced("`" * 100_000).startswith("`" * 100_001)
    assert len(re.findall("`", fenced("a" * 100_000))) == 6
