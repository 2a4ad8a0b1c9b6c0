"""Claims about splits and the built-in set."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.programs import builtin
from sinq_jax.programs.builtin import load_builtin
from sinq_jax.programs.grammar import generate
from sinq_jax.programs.mutation import mutants
from sinq_jax.programs.normal_form import fraction, normal_form
from sinq_jax.programs.program import Program, ProgramSet, ProgramSourceError
from sinq_jax.programs.splits import split, split_of

BUILTIN = load_builtin(seed=1, train=300, validation=30, held_out=60)


def forms(programs: tuple[Program, ...]) -> set[str]:
    return {normal_form(program.source) for program in programs}


def parts(found: ProgramSet) -> list[tuple[Program, ...]]:
    return [found.train, found.validation, found.held_out]


def test_built_in_set_has_the_sizes_that_were_asked_for() -> None:
    assert [len(part) for part in parts(BUILTIN)] == [300, 30, 60]
    assert [len(part) for part in parts(load_builtin(1, 5, 0, 3))] == [5, 0, 3]


def test_built_in_set_is_reproducible() -> None:
    assert load_builtin(seed=1, train=300, validation=30, held_out=60) == BUILTIN
    assert load_builtin(seed=2, train=300, validation=30, held_out=60) != BUILTIN


def test_hand_written_programs_are_in_every_split_but_no_more_than_a_tenth() -> None:
    for part in parts(BUILTIN):
        written = [program for program in part if program.name.startswith("handwritten/")]
        assert 0 < len(written) <= len(part) / 10


def test_every_built_in_program_has_a_mutant_and_a_name_of_its_own() -> None:
    programs = [program for part in parts(BUILTIN) for program in part]
    assert all(mutants(program) for program in programs)
    assert len({program.name for program in programs}) == len(programs)


def test_no_program_is_in_two_splits_not_even_of_sets_with_other_seeds() -> None:
    other = load_builtin(seed=2, train=300, validation=30, held_out=60)
    for first, part in enumerate(parts(BUILTIN)):
        for second, its_part in enumerate(parts(other)):
            if first != second:
                assert not forms(part) & forms(its_part)
                assert not forms(part) & forms(parts(BUILTIN)[second])


def test_new_names_layout_and_comments_do_not_move_a_program() -> None:
    source = "def f(x):\n    t = x + 1\n    return t\n"
    twin = "def  plus(value) :\n  '''One more.'''\n  # add\n  total=(value+1)\n  return total"
    assert normal_form(source) == normal_form(twin)
    assert split_of(source) == split_of(twin)
    assert normal_form(source) != normal_form(source.replace("1", "2"))
    assert normal_form("def f(x):\n    return x") != normal_form("def f(x):\n    return y")


def test_splits_have_about_the_shares_they_are_meant_to_have() -> None:
    counts = [len(part) for part in parts(split(generate(seed=9, count=400)))]
    assert 240 <= counts[0] <= 320
    assert 15 <= counts[1] <= 70
    assert 50 <= counts[2] <= 115


def test_of_equal_programs_the_first_stays_and_the_other_is_named() -> None:
    first = Program("a", "def f(x):\n    return x\n", "f")
    second = Program("b", "def g(y):\n    return y\n", "g")
    found = split([first, second])
    assert sum(found[0] for found in [(len(part),) for part in parts(found)]) == 1
    assert [(skip.where, skip.reason) for skip in found.skipped] == [("b", "the same program as a")]


def test_a_family_that_is_too_small_says_how_many_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(builtin, "stream", lambda seed: iter(generate(seed, 20)))
    with pytest.raises(ProgramSourceError, match=r"^programs\.train: expected at most \d+ .*900"):
        load_builtin(seed=0, train=900, validation=1, held_out=1)


@given(st.text())
def test_fraction_lies_between_0_and_1_for_any_text(text: str) -> None:
    assert 0 <= fraction(text) < 1
    assert fraction(text) == fraction(text)
