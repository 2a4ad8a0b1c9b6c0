"""Claims about difficulty rebalancing: the released counts, and laws for any table of variants."""

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.paper.rebalancing import easy_count, rebalanced
from sinq_jax.paper.sets import EASY_SHARE, PREDICTION_EASY_SHARE


@dataclass(frozen=True)
class Variant:
    number: int
    level: int


def variants(*counts: int) -> list[Variant]:
    """As many variants of the levels 0, 1, ... as the counts say."""
    levels = [level for level, count in enumerate(counts) for _ in range(count)]
    return [Variant(number, level) for number, level in enumerate(levels)]


def histogram(chosen: tuple[Variant, ...]) -> list[int]:
    counts = Counter(variant.level for variant in chosen)
    return [counts[level] for level in range(11)]


tables = st.lists(st.integers(0, 10), max_size=60).map(
    lambda levels: [Variant(number, level) for number, level in enumerate(levels)]
)
shares = st.fractions(0, Fraction(9, 10), max_denominator=20)


def test_the_released_counts_come_out() -> None:
    """13,843 judged programs, 1,602 of them hard, made sets of 1,780 and 3,204 rows."""
    table = variants(8000, 2500, 41, 1200, 500, 500, 400, 300, 200, 150, 52)
    assert (len(table), sum(variant.level >= 5 for variant in table)) == (13_843, 1_602)
    written = rebalanced(table, EASY_SHARE, 0, "generator")
    assert len(written) == 1_780
    assert histogram(written) == [35, 35, 36, 36, 36, 500, 400, 300, 200, 150, 52]
    told = rebalanced(table, PREDICTION_EASY_SHARE, 0, "prediction")
    assert len(told) == 3_204
    assert histogram(told)[:5] == [320, 320, 320, 321, 321]
    # 41 variants of level 2 fill 320 rows: 33 of them come 8 times, 8 come 7 times.
    repeats = Counter(Counter(each for each in told if each.level == 2).values())
    assert repeats == {8: 33, 7: 8}


@pytest.mark.parametrize(
    ("hard", "a_tenth", "a_half"),
    [(133, 14, 133), (203, 22, 203), (266, 29, 266), (1602, 178, 1602)],
)
def test_the_easy_part_is_rounded_down_in_exact_arithmetic(
    hard: int, a_tenth: int, a_half: int
) -> None:
    assert easy_count(hard, EASY_SHARE) == a_tenth
    assert easy_count(hard, PREDICTION_EASY_SHARE) == a_half


def test_easy_ones_come_from_4_down_to_0_and_again_from_4() -> None:
    table = variants(1, 1, 1, 1, 2, 63)
    assert [each.level for each in rebalanced(table, EASY_SHARE, 0, "")[63:]] == [
        4,
        3,
        2,
        1,
        0,
        4,
        3,
    ]


def test_a_level_without_variants_is_passed_over() -> None:
    table = variants(2, 0, 0, 1, 0, 4)
    assert [each.level for each in rebalanced(table, PREDICTION_EASY_SHARE, 0, "")] == [
        *(5, 5, 5, 5),
        *(3, 0, 3, 0),
    ]


def test_without_easy_or_without_hard_variants_only_the_other_rule_holds() -> None:
    assert histogram(rebalanced(variants(0, 0, 0, 0, 0, 9), EASY_SHARE, 0, "")) == [
        *(0, 0, 0, 0, 0, 9),
        *(0, 0, 0, 0, 0),
    ]
    assert rebalanced(variants(5, 5), EASY_SHARE, 0, "") == ()


@given(tables, shares, st.integers(0, 3))
def test_every_hard_variant_is_there_once_and_in_its_order(
    table: list[Variant], share: Fraction, seed: int
) -> None:
    chosen = rebalanced(table, share, seed, "")
    hard = [variant for variant in table if variant.level >= 5]
    assert list(chosen[: len(hard)]) == hard
    assert all(variant.level < 5 for variant in chosen[len(hard) :])
    assert set(chosen) <= set(table)


@given(tables, shares, st.integers(0, 3))
def test_the_easy_share_is_met_to_one_row_wherever_there_is_something_easy(
    table: list[Variant], share: Fraction, seed: int
) -> None:
    chosen = rebalanced(table, share, seed, "")
    hard = sum(variant.level >= 5 for variant in chosen)
    easy = len(chosen) - hard
    assert easy <= share * len(chosen)
    if any(variant.level < 5 for variant in table):
        assert easy + 1 > share * (hard + easy + 1)


@given(tables, shares, st.integers(0, 3))
def test_levels_differ_by_one_row_and_so_do_the_variants_of_a_level(
    table: list[Variant], share: Fraction, seed: int
) -> None:
    chosen = Counter(each for each in rebalanced(table, share, seed, "") if each.level < 5)
    counts = []
    for level in range(5):
        repeats = [chosen[each] for each in table if each.level == level]
        counts += [sum(repeats)] if repeats else []
        assert not repeats or max(repeats) - min(repeats) <= 1
    assert not counts or counts[-1] - 1 <= min(counts) <= max(counts) <= counts[-1]


@given(tables, shares, st.integers(0, 3))
def test_the_same_seed_gives_the_same_set(table: list[Variant], share: Fraction, seed: int) -> None:
    assert rebalanced(table, share, seed, "a") == rebalanced(table, share, seed, "a")


def test_another_seed_or_purpose_draws_others() -> None:
    table = variants(*[50] * 11)
    drawn = {rebalanced(table, EASY_SHARE, seed, purpose) for seed in (0, 1) for purpose in "ab"}
    assert len(drawn) == 4
