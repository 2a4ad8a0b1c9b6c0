"""Claims about kinds and sizes of edits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.game.edit_kinds import LAYOUT, UNREADABLE, edit_kinds, edit_share
from sinq_jax.programs.builtin import handwritten
from sinq_jax.programs.mutation import mutants

P = """def f(xs, k):
    t = 0
    for v in xs:
        if v > 3 and v != k:
            t += v
    return t + len(xs[1:])
"""


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        ("> 3", "> 4", ("constant",)),
        ("> 3", "> -3", ("constant",)),
        ("> 3", ">= 3", ("comparison",)),
        ("and", "or", ("boolean",)),
        ("v > 3 and v != k", "v > 3", ("boolean",)),
        ("v > 3", "not v > 3", ("boolean",)),
        ("t += v", "t -= v", ("operator",)),
        ("t += v", "t += v * 2", ("operator",)),
        ("t += v", "t += k", ("name",)),
        ("t += v", "pass", ("operator", "statement")),
        ("len(", "sum(", ("name",)),
        ("xs[1:]", "xs[2:]", ("constant",)),
        ("xs[1:]", "xs[:]", ("slice",)),
        ("xs[1:]", "xs", ("slice",)),
        ("len(xs[1:])", "abs(len(xs[1:]))", ("call",)),
        ("for v in xs:", "for v in xs[:-1]:", ("slice",)),
        ("    return t", "    t = 0\n    return t", ("statement",)),
        ("    t = 0\n", "    t = 0  # nothing\n", LAYOUT),
        ("def f", "def def f", UNREADABLE),
    ],
)
def test_an_edit_is_of_its_kind(old: str, new: str, kinds: tuple[str, ...]) -> None:
    assert old in P
    assert edit_kinds(P, P.replace(old, new, 1)) == kinds


def test_two_edits_have_both_kinds() -> None:
    variant = P.replace("> 3", "< 3").replace("t = 0", "t = 1")
    assert edit_kinds(P, variant) == ("comparison", "constant")


def test_every_mutant_has_a_kind_other_than_layout() -> None:
    for program in handwritten()[:20]:
        for mutant in mutants(program):
            kinds = edit_kinds(program.source, mutant.source)
            assert kinds not in (LAYOUT, UNREADABLE), mutant


def test_the_share_counts_changed_tokens_over_those_of_the_original() -> None:
    assert edit_share("a = 1\n", "a = 1\n") == 0
    assert edit_share("a = 1\n", "a = 2\n") == 1 / 4  # a, =, 1 and the end of the line
    assert edit_share("a = 1\n", "a = 1  # one\n") == 0
    assert edit_share("a = 1\n", "a = 1 + 1 + 1 + 1\n") == 6 / 4
    assert edit_share("a = 1\n", "a = (\n") is None


@given(st.lists(st.sampled_from(["a = 1\n", "b = a\n", "c = b + 2\n", "pass\n"]), min_size=1))
def test_a_program_is_no_edit_of_itself_and_all_of_it_is_one(lines: list[str]) -> None:
    source = "".join(lines)
    assert edit_share(source, source) == 0
    assert edit_share(source, "") == 1.0
    assert edit_kinds(source, source) == LAYOUT
