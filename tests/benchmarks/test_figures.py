import math
from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.benchmarks.suites.comparison import compare, mcnemar
from sinq_jax.benchmarks.suites.contamination import seen
from sinq_jax.benchmarks.suites.face import Mark
from sinq_jax.benchmarks.suites.figures import figures, log_share
from sinq_jax.benchmarks.suites.records import Record, RecordError
from sinq_jax.benchmarks.suites.table import comparison_table, figures_table
from sinq_jax.game.records import Completion
from sinq_jax.statistics import wilson


def record(item: int, right: list[bool], measure: str = "pass@k", finished: bool = True) -> Record:
    marks = tuple(Mark(each, "passed" if each else "refused: import of os") for each in right)
    written = tuple(Completion("x", 1, finished) for _ in right)
    return Record("suite", measure, str(item), "sum", written, marks)


@given(st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=1, max_size=4))
def test_pass_at_k_is_the_mean_over_all_draws_of_k_samples(rights: list[list[bool]]) -> None:
    for figure in figures([record(i, right) for i, right in enumerate(rights)]):
        k = int(figure.name.removeprefix("pass@"))
        draws = [[any(draw) for draw in combinations(right, k)] for right in rights]
        exact = sum(sum(each) / len(each) for each in draws) / len(draws)
        assert figure.estimate.value == pytest.approx(exact)


def test_the_curve_ends_at_the_number_of_samples() -> None:
    names = [figure.name for figure in figures([record(0, [True] * 10)])]
    assert names == ["pass@1", "pass@2", "pass@5", "pass@10"]


def test_a_rate_of_whole_items_has_wilsons_interval() -> None:
    rights = [True] * 7 + [False] * 3
    [figure] = figures([record(i, [right], "accuracy") for i, right in enumerate(rights)])
    assert figure.estimate == wilson(7, 10)


def test_truncated_and_refused_completions_are_counted() -> None:
    [figure] = figures([record(0, [True]), record(1, [False], finished=False)])
    assert (figure.truncated, figure.refused, figure.completions) == (1, 1, 2)
    assert figure.seen is None


def test_the_share_of_a_probability_is_safe_at_any_scale() -> None:
    assert log_share([-1e6, -1e6 - 1], 0) == pytest.approx(-math.log(1 + math.exp(-1)))
    assert log_share([-1.0, -5000.0], 1) == pytest.approx(-4999)


@pytest.mark.parametrize("gained", range(6))
@pytest.mark.parametrize("lost", range(6))
def test_mcnemar_is_the_share_of_coins_at_least_as_uneven(gained: int, lost: int) -> None:
    throws = [sum(coins) for coins in product((0, 1), repeat=gained + lost)]
    as_uneven = sum(abs(2 * heads - gained - lost) >= abs(gained - lost) for heads in throws)
    assert mcnemar(gained, lost) == pytest.approx(as_uneven / len(throws))


def models(pairs: list[tuple[bool, bool]]) -> tuple[list[Record], list[Record]]:
    before = [record(i, [old], "accuracy") for i, (old, _) in enumerate(pairs)]
    after = [record(i, [new], "accuracy") for i, (_, new) in enumerate(pairs)]
    return before, after[::-1]


@pytest.mark.parametrize(
    ("gained", "lost", "verdict"),
    [
        (5, 0, "no difference shown"),
        (6, 0, "better"),
        (0, 6, "worse"),
        (20, 14, "no difference shown"),
        (0, 0, "no difference shown"),
    ],
)
def test_better_is_said_only_where_it_is_shown(gained: int, lost: int, verdict: str) -> None:
    pairs = [(False, True)] * gained + [(True, False)] * lost + [(True, True)] * 50
    [pair] = compare(*models(pairs))
    assert (pair.gained, pair.lost, pair.verdict) == (gained, lost, verdict)
    assert pair.difference.value == pytest.approx((gained - lost) / len(pairs))
    assert ("better" in comparison_table([pair]).markdown()) == (verdict == "better")


def test_of_losses_less_is_better() -> None:
    def side(logprob: float) -> list[Record]:
        return [
            Record("suite", "likelihood", str(i), "sum", logprobs=(-1.0, logprob - i % 3), right=1)
            for i in range(30)
        ]

    verdicts = {pair.name: pair.verdict for pair in compare(side(-3.0), side(-2.0))}
    assert verdicts == {"accuracy": "no difference shown", "loss, nats": "better"}


def test_shares_of_samples_are_compared_by_their_interval() -> None:
    before = [record(i, [True, False]) for i in range(20)]
    after = [record(i, [True, i > 2]) for i in range(20)]
    pairs = compare(before, after)
    assert [(pair.name, pair.p is None, pair.verdict) for pair in pairs] == [
        ("pass@1", True, "better"),
        ("pass@2", False, "no difference shown"),
    ]


def test_records_of_other_items_or_files_are_not_compared() -> None:
    before = [record(i, [True]) for i in range(3)]
    with pytest.raises(RecordError, match=r"suite: expected the same items .* got 3 and 2"):
        compare(before, before[:2])
    with pytest.raises(RecordError, match="same data file on both sides, got none"):
        compare(before, [replace(each, data="other") for each in before])
    with pytest.raises(RecordError, match="suite: expected each item once"):
        figures([*before, before[0]])
    with pytest.raises(RecordError, match="as many samples of each item, got 2 kinds"):
        figures([*before, record(3, [True, True])])


def test_tables_have_a_cell_for_every_column() -> None:
    before, after = models([(True, False)] * 9)
    for table in (
        figures_table(figures(before)).markdown(),
        comparison_table(compare(before, after)).markdown(),
    ):
        assert len({line.count("|") for line in table.splitlines()}) == 1
    assert (
        "| suite | accuracy | 1.0000 [0.7009, 1.0000] | 9 | 9 | 0 | 0 | 0 | 0 | not looked for |"
        in figures_table(figures(before)).markdown()
    )


def test_items_of_mbpps_test_split_are_a_figure_of_their_own() -> None:
    before = [
        replace(record(i, [i % 2 == 0, i % 2 == 0]), part=part)
        for i, part in enumerate(["train", "test", "test", "prompt", "test"])
    ]
    told = [(each.name, each.estimate.n, each.estimate.value) for each in figures(before)]
    assert told == [
        ("pass@1", 5, pytest.approx(3 / 5)),
        ("pass@2", 5, pytest.approx(3 / 5)),
        ("pass@1, test range", 3, pytest.approx(2 / 3)),
        ("pass@2, test range", 3, pytest.approx(2 / 3)),
    ]
    assert [each.completions for each in figures(before)] == [10, 10, 6, 6]
    tests = [each for each in before if each.part == "test"]
    assert [each.name for each in figures(tests)] == ["pass@1", "pass@2"]
    after = [replace(each, marks=(Mark(True, "passed"),) * 2) for each in before[::-1]]
    pairs = compare(before, after)
    assert [(pair.name, pair.difference.n, pair.gained) for pair in pairs] == [
        ("pass@1", 5, 2),
        ("pass@2", 5, 2),
        ("pass@1, test range", 3, 1),
        ("pass@2, test range", 3, 1),
    ]
    assert (
        "| suite | pass@1, test range | 3 | 0.6667 | 1.0000 |" in comparison_table(pairs).markdown()
    )
    # A file that was written before parts were is compared as the other one says.
    older = [replace(each, part=None) for each in before]
    assert compare(older, after) == pairs
    assert [each.name for each in figures(older)] == ["pass@1", "pass@2"]


def test_items_whose_prompt_was_cut_are_counted() -> None:
    cuts: list[dict[str, int]] = [{"cut": 7}, {"cut": 0}, {}, {"cut": 1}]
    group = [replace(record(i, [True]), notes=cut) for i, cut in enumerate(cuts)]
    [figure] = figures(group)
    assert figure.cut == 2
    [head, _, row] = [line.split(" | ") for line in figures_table([figure]).markdown().splitlines()]
    assert row[head.index("cut")] == "2"
    scored = Record("suite", "likelihood", "0", "sum", logprobs=(-1.0, -2.0), notes={"cut": 3})
    assert {each.cut for each in figures([scored])} == {1}


WORD = st.sampled_from(["alpha", "beta", "gamma", "delta"])


@given(st.lists(WORD, max_size=12), st.lists(WORD, max_size=6), st.integers(1, 5))
def test_an_item_is_seen_where_a_run_of_its_words_is(
    training: list[str], item: list[str], words: int
) -> None:
    size = min(words, len(item))
    runs = [item[i : i + size] for i in range(len(item) - size + 1)] if item else []
    places = range(len(training) - size + 1)
    expected = any(training[place : place + size] == run for place in places for run in runs)
    # Neither layout nor punctuation hides a copy.
    assert seen([" ".join(item)], ["(" + "),\n".join(training).upper()], words) == [expected]
