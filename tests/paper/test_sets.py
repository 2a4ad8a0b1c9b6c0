"""Claims about the four training sets and their texts, checkable by hand."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.game.chats import Message
from sinq_jax.game.prompts import EditFormat, Format, ProgramFormat
from sinq_jax.paper.preferences import preferences
from sinq_jax.paper.rows import evaluator_row, generator_row, prediction_row, preference_row
from sinq_jax.paper.sets import training_sets
from tests.paper.scene import game, judged_variant, program

each_format = pytest.mark.parametrize(
    "form", [EditFormat(), ProgramFormat()], ids=lambda form: type(form).__name__
)


def test_a_small_run_makes_these_sets() -> None:
    """Nine hard variants and two easy ones of each level from 0 to 4, ten answers each."""
    games = [game(5 - level % 5, 5 + level % 5, number=level) for level in range(9)]
    easy = [(10 - level, level, 20 + 2 * level + k) for level in range(5) for k in range(2)]
    games += [game(right, wrong, number=number) for right, wrong, number in easy]
    sets = training_sets(games, 0)
    assert len(sets.generator) == 9 + 1
    assert [each.level for each in sets.generator] == [5, 6, 7, 8, 9, 5, 6, 7, 8, 4]
    assert len(sets.prediction) == 9 + 9
    assert [each.level for each in sets.prediction[9:]] == [4, 3, 2, 1, 0, 4, 3, 2, 1]
    assert len(sets.preferences) == 9
    assert sets.evaluator == sets.generator


def test_the_old_denominators_move_variants_between_easy_and_hard() -> None:
    """Five right answers, four wrong and one unreadable: level 5 of 10, but 4 of 9."""
    games = [game(5, 4, 1, number=number) for number in range(3)] + [game(0, 10, number=9)]
    assert [each.level for each in training_sets(games, 0).generator] == [5, 5, 5, 10]
    old = training_sets(games, 0, reference_quirks=True)
    assert [each.level for each in old.prediction] == [10, 4]


def test_the_evaluator_learns_each_program_once_however_often_it_was_drawn() -> None:
    games = [game(4, 6, number=number) for number in range(27)] + [game(6, 4, number=99)]
    games += [game(0, 10, number=3)]
    sets = training_sets(games, 0)
    assert len(sets.generator) == 28 + 3
    assert len(sets.evaluator) == 28
    assert all(each.answer is not None for each in sets.evaluator)


def test_pairs_of_preference_are_of_one_original_and_hard_against_easy() -> None:
    variants = [
        *(judged_variant(level, number, "a") for number, level in enumerate((9, 5, 4, 0, 2))),
        *(judged_variant(level, number, "b") for number, level in enumerate((6, 7, 1))),
        judged_variant(10, 0, "only hard"),
        judged_variant(0, 0, "only easy"),
    ]
    pairs = preferences(variants, 0)
    assert [pair.hard.program.name for pair in pairs] == ["a", "a", "b"]
    assert {pair.hard.level for pair in pairs[:2]} == {9, 5}
    assert {pair.easy.level for pair in pairs[:2]} <= {4, 0, 2}
    assert pairs[2].easy.level == 1


@given(
    st.lists(st.tuples(st.integers(0, 10), st.sampled_from("abc")), max_size=40), st.integers(0, 3)
)
def test_no_variant_stands_in_two_pairs_and_none_is_left_over(
    table: list[tuple[int, str]], seed: int
) -> None:
    variants = [judged_variant(level, place, name) for place, (level, name) in enumerate(table)]
    pairs = preferences(variants, seed)
    assert pairs == preferences(variants, seed)
    assert all(pair.hard.program == pair.easy.program for pair in pairs)
    assert all(pair.easy.level < 5 <= pair.hard.level for pair in pairs)
    used = [each for pair in pairs for each in (pair.hard, pair.easy)]
    assert len(set(used)) == len(used)
    assert set(used) <= set(variants)
    counts = Counter((name, level >= 5) for level, name in table)
    assert len(pairs) == sum(min(counts[name, True], counts[name, False]) for name in "abc")


@each_format
def test_a_generator_s_row_asks_for_the_level_that_was_measured(form: Format) -> None:
    row = generator_row(form, judged_variant(7, 3))
    assert row == (
        Message("user", form.generator_prompt(program(), 7)),
        Message("assistant", "text 3"),
    )


@each_format
def test_a_prediction_row_trains_on_the_level_alone(form: Format) -> None:
    row = prediction_row(form, judged_variant(7, 3))
    told = "7" if isinstance(form, EditFormat) else "Difficulty level: 7"
    assert row == (
        Message("user", form.generator_prompt(program(), None)),
        Message("assistant", "text 3", weight=0),
        Message("user", form.difficulty_question()),
        Message("assistant", told),
    )
    trained = [each for each in row if each.role == "assistant" and each.weight != 0]
    assert [each.content for each in trained] == [told]


@each_format
def test_a_preference_row_asks_once_for_the_hardest(form: Format) -> None:
    (pair,) = preferences([judged_variant(9, 1), judged_variant(2, 2)], 0)
    row = preference_row(form, pair)
    assert row.prompt == (Message("user", form.generator_prompt(program(), 10)),)
    assert row.chosen == (Message("assistant", "text 1"),)
    assert row.rejected == (Message("assistant", "text 2"),)


@each_format
def test_an_evaluator_s_row_has_a_right_answer_its_own_where_there_is_one(form: Format) -> None:
    solved, unsolved = (evaluator_row(form, judged_variant(level, 3)) for level in (9, 10))
    assert solved[1] == Message("assistant", "answer 3")
    assert solved[0] == unsolved[0]
    reply = form.parse_reply(unsolved[1].content)
    assert getattr(reply, "input", None) == '{"x": 3}'
