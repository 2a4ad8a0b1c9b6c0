from collections.abc import Callable

import pytest

from sandbox import Sandbox
from sinq_jax.benchmarks.suites.data_file import DataFile, DataFileError
from sinq_jax.benchmarks.suites.figures import figures
from sinq_jax.benchmarks.suites.records import Record, compared, generated
from sinq_jax.benchmarks.suites.security import DEFECT, PYSECDB, read_pysecdb
from sinq_jax.benchmarks.suites.yes_no import Labelled, YesNo, YesNoLikelihood
from sinq_jax.game.records import Completion

Real = Callable[[str], DataFile]


def made(rows: list[dict[str, object]]) -> DataFile:
    return DataFile("x.jsonl", "sum", tuple((f"x.jsonl:{i}", r) for i, r in enumerate(rows, 1)))


FUNCTIONS = made([{"idx": i, "func": f"int f{i}();", "target": i % 2} for i in range(4)])


def said(
    benchmark: YesNo, file: DataFile, answers: Callable[[Labelled], list[str]], judge: Sandbox
) -> list[Record]:
    written = [
        (item, [Completion(text, 1, True) for text in answers(item)])
        for item in benchmark.items(file)
    ]
    return generated(benchmark, file, written, judge)


def test_always_one_class_reaches_54_06_percent_of_the_test_set(real: Real, judge: Sandbox) -> None:
    file = real("codexglue_defect/test.jsonl.gz")
    benchmark = YesNo("defect", DEFECT)
    [no] = figures(said(benchmark, file, lambda _: ["No."], judge))
    [yes] = figures(said(benchmark, file, lambda _: ["Yes."], judge))
    assert (no.estimate.n, round(no.estimate.value * 2732)) == (2732, 1477)
    assert f"{no.estimate.value:.4f}" == "0.5406"
    assert no.estimate.value + yes.estimate.value == pytest.approx(1)


def test_always_one_class_reaches_the_same_by_likelihood(real: Real) -> None:
    file = real("codexglue_defect/test.jsonl.gz")
    benchmark = YesNoLikelihood("defect_likelihood", DEFECT)
    scored = [(item, [(-1.0, 1), (-2.0, 1)]) for item in benchmark.items(file)]
    accuracy, _ = figures(compared(benchmark, file, scored))
    assert f"{accuracy.estimate.value:.4f}" == "0.5406"


def test_the_vote_of_nine_decides_and_not_their_mean(judge: Sandbox) -> None:
    benchmark = YesNo("defect_majority", DEFECT, samples=9)

    def five_of_nine(item: Labelled) -> list[str]:
        right, wrong = ("yes", "no") if item.label else ("no", "yes")
        return [wrong] * 4 + [right] * 5

    vote, alone = figures(said(benchmark, FUNCTIONS, five_of_nine, judge))
    assert (vote.name, vote.estimate.value) == ("majority of 9", 1)
    assert alone.estimate.value == pytest.approx(5 / 9)


def test_answers_that_say_neither_are_counted_and_wrong(judge: Sandbox) -> None:
    benchmark = YesNo("defect", DEFECT)
    [figure] = figures(said(benchmark, FUNCTIONS, lambda _: ["Hard to say."], judge))
    assert (figure.estimate.value, figure.unread, figure.completions) == (0, 4, 4)


@pytest.mark.parametrize(
    "row",
    [
        {"diff_code": "+x", "category": "security", "commit_id": "c"},
        {"patch": "+x", "label": 1, "commit_id": "c"},
        {"diff": "+x", "target": "1", "commit_id": "c"},
    ],
)
def test_the_users_own_patches_may_have_any_of_the_usual_keys(row: dict[str, object]) -> None:
    assert read_pysecdb(made([row])) == [Labelled("c", "+x", True)]
    assert "+x" in YesNo("pysecdb", PYSECDB).prompt(Labelled("c", "+x", True), chat=True).text


def test_a_label_that_says_neither_is_told_with_its_line() -> None:
    with pytest.raises(DataFileError, match=r"x.jsonl:1: expected a patch .* the label 'maybe'"):
        read_pysecdb(made([{"diff": "+x", "label": "maybe"}]))
