"""Claims about line edits: what differs is found, named by line numbers, and put back exactly."""

from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.game.edits import Edit, apply_edit, edit_between, merged_listing, numbered


def texts_of(*lines: str) -> st.SearchStrategy[str]:
    """Texts of some of these lines, with one line feed at their end."""
    drawn = st.lists(st.sampled_from(lines), min_size=1, max_size=6)
    return drawn.map(lambda each: "\n".join(each).rstrip("\n") + "\n")


texts = texts_of("a", "b", "", " c", "+d", "-e", "1 f")
unmarked = texts_of("a", "b", "", " c", "1 f")


@given(texts, texts)
def test_the_edit_between_two_texts_leads_from_one_to_the_other(old: str, new: str) -> None:
    edit = edit_between(old, new)
    assert 1 <= edit.first <= edit.last
    assert apply_edit(old, edit) == new


@given(texts, texts)
def test_no_smaller_run_of_lines_would_do(old: str, new: str) -> None:
    """Unless it takes a line along because something must be named: an insertion, or no change."""
    edit = edit_between(old, new)
    removed = old.rstrip("\n").split("\n")[edit.first - 1 : edit.last]
    if len(removed) > 1 and edit.lines:
        assert removed[0] != edit.lines[0]
        assert removed[-1] != edit.lines[-1]


@given(texts, st.integers(-2, 9), st.integers(-2, 9))
def test_an_edit_of_lines_that_are_not_there_is_none(text: str, first: int, last: int) -> None:
    count = len(text.rstrip("\n").split("\n"))
    edited = apply_edit(text, Edit(first, last, ("x",)))
    assert (edited is None) == (not 1 <= first <= last <= count)


def test_an_insertion_a_deletion_and_a_change_name_their_lines() -> None:
    old = "a\nb\nc\n"
    assert edit_between(old, "a\nb\nx\nc\n") == Edit(2, 2, ("b", "x"))
    assert edit_between(old, "x\na\nb\nc\n") == Edit(1, 1, ("x", "a"))
    assert edit_between(old, "a\nc\n") == Edit(2, 2, ())
    assert edit_between(old, "a\nx\ny\nc\n") == Edit(2, 2, ("x", "y"))
    assert edit_between(old, "x\nb\ny\n") == Edit(1, 3, ("x", "b", "y"))


def test_a_numbered_text_has_each_line_after_its_number() -> None:
    assert numbered("def f(x):\n\n    return x\n") == "1 def f(x):\n2 \n3     return x"


@given(unmarked, unmarked)
def test_both_texts_can_be_read_from_their_merged_listing(old: str, new: str) -> None:
    listing = merged_listing(old, new).split("\n")
    assert [line.removeprefix("-") for line in listing if line[:1] != "+"] == old[:-1].split("\n")
    assert [line.removeprefix("+") for line in listing if line[:1] != "-"] == new[:-1].split("\n")
