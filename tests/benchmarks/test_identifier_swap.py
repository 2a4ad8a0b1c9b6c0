from collections.abc import Callable

import pytest

from sandbox import Sandbox
from sinq_jax.benchmarks.suites.data_file import DataFile, DataFileError
from sinq_jax.benchmarks.suites.figures import Figure, figures
from sinq_jax.benchmarks.suites.identifier_swap import (
    Swap,
    SwapChoice,
    SwapLikelihood,
    broken,
    read_swaps,
)
from sinq_jax.benchmarks.suites.records import compared, generated
from sinq_jax.game.records import Completion

Real = Callable[[str], DataFile]

PROMPT = "len, print = print, len\ndef f(x):\n    "
USUAL, SWAPPED = "return len(x) + '\\n'\n", "return print(x) + '\\n'\n"


def made(*rows: dict[str, str]) -> DataFile:
    return DataFile("swaps.csv", "sum", tuple((f"swaps.csv:{i}", r) for i, r in enumerate(rows, 2)))


def row(first: str = USUAL, second: str = SWAPPED, index: str = "1") -> dict[str, str]:
    classes = f'["""{first}""", """{second}"""]'
    return {"prompt": PROMPT, "classes": classes, "answer_index": index}


def test_an_escape_in_a_string_survives_only_the_raw_reading() -> None:
    [raw] = read_swaps(made(row()), "kept")
    [evaluated] = read_swaps(made(row()), "evaluated")
    assert raw.continuations == (USUAL, SWAPPED)
    assert evaluated.continuations[1] == "return print(x) + '\n'\n"
    assert broken([raw]) == []
    assert broken([evaluated]) == ["0"]


@pytest.mark.parametrize(
    ("name", "as_published"),
    [("python_builtins_swap.csv.gz", 95), ("python_not_builtins.csv.gz", 87)],
)
def test_the_published_reading_breaks_rows_that_the_raw_one_mends(
    real: Real, name: str, as_published: int
) -> None:
    file = real(f"builtin_swap/{name}")
    evaluated, raw = read_swaps(file, "evaluated"), read_swaps(file, "kept")
    assert len(raw) == 1000
    assert (len(broken(evaluated)), len(broken(raw))) == (as_published, 0)
    assert {swap.right for swap in raw} == {1}
    assert all(
        a.continuations == b.continuations
        for a, b in zip(evaluated, raw, strict=True)
        if "\\" not in "".join(b.continuations)
    )


def test_the_likelier_continuation_decides_and_a_tie_is_wrong() -> None:
    benchmark = SwapLikelihood("swap", "kept")
    file = made(row(), row(), row(), row(index="0"))
    scores = [(-9.0, -1.0), (-1.0, -9.0), (-2.0, -2.0), (-1.0, -9.0)]
    scored = [
        (item, [(logprob, 5) for logprob in each])
        for item, each in zip(benchmark.items(file), scores, strict=True)
    ]
    accuracy, loss = figures(compared(benchmark, file, scored))
    assert accuracy.estimate.value == 0.5
    # -ln of 1 / (1 + e^-8), 1 / (1 + e^8), 1 / 2 and 1 / (1 + e^-8)
    assert loss.estimate.value == pytest.approx((2 * 0.000335406 + 8.000335406 + 0.693147181) / 4)


def test_longer_continuations_are_not_favoured_by_their_length() -> None:
    benchmark = SwapLikelihood("swap", "kept")
    file = made(row())
    [item] = benchmark.items(file)
    # By the mean over tokens the second would win: -5 / 100 is more than -4 / 2.
    [accuracy, _] = figures(compared(benchmark, file, [(item, [(-4.0, 2), (-5.0, 100)])]))
    assert accuracy.estimate.value == 0


def answered(answer: Callable[[Swap], str], file: DataFile, judge: Sandbox) -> Figure:
    benchmark = SwapChoice("swap", reasoning=True)
    written = [(item, [Completion(answer(item), 1, True)]) for item in benchmark.items(file)]
    [figure] = figures(generated(benchmark, file, written, judge))
    return figure


def test_the_letter_of_the_right_program_is_right(judge: Sandbox) -> None:
    file = made(row(), row(SWAPPED, USUAL, "0"))
    benchmark = SwapChoice("swap", reasoning=True)

    def shown_under(letter: str, item: Swap) -> str:
        text = benchmark.prompt(item, chat=True).text
        return text.split(f"Program {letter}:")[1].split("Program")[0]

    def right(item: Swap) -> str:
        return "A" if "print(x)" in shown_under("A", item) else "B"

    assert answered(lambda item: f"Answer: {right(item)}", file, judge).estimate.value == 1
    wrong = answered(lambda item: "Answer: " + "BA"["AB".index(right(item))], file, judge)
    assert wrong.estimate.value == 0
    silent = answered(lambda _: "both look fine", file, judge)
    assert (silent.estimate.value, silent.unread) == (0, 2)


def test_always_the_same_letter_is_right_about_half_of_the_time(real: Real, judge: Sandbox) -> None:
    file = real("builtin_swap/python_builtins_swap.csv.gz")
    figure = answered(lambda _: "A", file, judge)
    # Three standard errors of a fair coin thrown 1,000 times are 0.047.
    assert abs(figure.estimate.value - 0.5) < 0.047


def test_a_row_without_two_continuations_is_told_in_one_line() -> None:
    bad = {**row(), "classes": '["""one"""]'}
    with pytest.raises(DataFileError, match=r"swaps.csv:3: expected a swap .* 1 continuations"):
        read_swaps(made(row(), bad))
