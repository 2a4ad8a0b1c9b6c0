"""Claims: the game's question is marked by the referee; always to claim a difference, or always to
call pairs equivalent, is worth half; the data file says again what it was made of.
"""

from pathlib import Path

import pytest

from sandbox import Sandbox
from sinq_jax.benchmarks.suites.__main__ import main
from sinq_jax.benchmarks.suites.catalogue import BENCHMARKS
from sinq_jax.benchmarks.suites.comparison import compare
from sinq_jax.benchmarks.suites.data_file import DataFile, DataFileError, read_data_file
from sinq_jax.benchmarks.suites.figures import Figure, figures
from sinq_jax.benchmarks.suites.records import Record, generated
from sinq_jax.benchmarks.suites.sinq import Pairs, write_pairs
from sinq_jax.game.prompts import Style
from sinq_jax.game.records import Completion
from sinq_jax.programs.equivalents import EquivalentPair
from sinq_jax.programs.pairs import LabelledPair
from sinq_jax.programs.program import Program

ONE = Program("one", "def f(x):\n    return x + 1\n", "f")
TWO = Program("two", "def g(a, b):\n    return a * b\n", "g")
DIFFERENT = [
    LabelledPair(ONE, "def f(x):\n    return x + 2\n", "constants", 1.0, 8, 8, ('{"x": 0}',)),
    LabelledPair(TWO, "def g(a, b):\n    return a + b\n", "ops", 0.5, 4, 8, ('{"a": 0, "b": 1}',)),
    LabelledPair(TWO, "def g(a, b):\n    return a\n", "ops", 0.5, 4, 8, ('{"a": 1, "b": 2}',)),
]
ALIKE = [EquivalentPair(TWO, "def g(a, b):\n    return b * a\n", ("swap",), 8)]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> DataFile:
    path = tmp_path_factory.mktemp("pairs") / "sinq.jsonl"
    write_pairs(path, DIFFERENT, ALIKE)
    return read_data_file(path)


def records_of(
    benchmark: Pairs, file: DataFile, judge: Sandbox, texts: list[list[str]]
) -> list[Record]:
    items = benchmark.items(file)
    answered = [
        (item, [Completion(text, 1, True) for text in some])
        for item, some in zip(items, texts, strict=True)
    ]
    return generated(benchmark, file, answered, judge)


def by_name(records: list[Record]) -> dict[str, Figure]:
    return {figure.name: figure for figure in figures(records)}


@pytest.mark.parametrize("style", ["edit", "program"])
def test_solutions_are_right(style: Style, file: DataFile, judge: Sandbox) -> None:
    benchmark = Pairs("sinq", style)
    texts = [[benchmark.solution(item)] for item in benchmark.items(file)]
    found = by_name(records_of(benchmark, file, judge, texts))
    assert {name: (each.estimate.value, each.estimate.n) for name, each in found.items()} == {
        "pass@1, different pairs": (1, 3),
        "pass@1, equivalent pairs": (1, 1),
        "balanced accuracy": (1, 4),
    }


@pytest.mark.parametrize(
    ("answer", "different", "equivalent"),
    [('{"x": 0}', 1 / 3, 0), ('{"a": 0, "b": 1}', 1 / 3, 0), ("equivalent", 0, 1), ("?", 0, 0)],
)
def test_one_answer_for_all_is_worth_no_more_than_half(
    answer: str, different: float, equivalent: float, file: DataFile, judge: Sandbox
) -> None:
    benchmark = Pairs("sinq_edit", "edit")
    found = by_name(records_of(benchmark, file, judge, [[answer]] * 4))
    assert found["pass@1, different pairs"].estimate.value == pytest.approx(different)
    assert found["pass@1, equivalent pairs"].estimate.value == equivalent
    balanced = found["balanced accuracy"]
    assert balanced.estimate.value == pytest.approx((different + equivalent) / 2)
    assert balanced.unread == (4 if answer == "?" else 0)


def test_samples_count_as_pass_at_k_of_each_part(file: DataFile, judge: Sandbox) -> None:
    benchmark = Pairs("sinq_edit", "edit")
    half = [[benchmark.solution(item), "?"] for item in benchmark.items(file)]
    found = by_name(records_of(benchmark, file, judge, half))
    assert found["pass@1, different pairs"].estimate.value == 0.5
    assert found["pass@2, different pairs"].estimate.value == 1
    assert found["balanced accuracy"].estimate.value == 0.5


def test_pairs_of_one_program_are_resampled_together(file: DataFile, judge: Sandbox) -> None:
    benchmark = Pairs("sinq_edit", "edit")
    wrong = records_of(benchmark, file, judge, [["?"]] * 4)
    solved = [[benchmark.solution(item)] for item in benchmark.items(file)]
    pairs = compare(wrong, records_of(benchmark, file, judge, solved))
    different, equivalent = pairs
    # Two of the three different pairs are of one program: McNemar's test is not for them.
    assert (different.p, different.gained, different.verdict) == (None, None, "better")
    assert (equivalent.gained, equivalent.lost) == (1, 0)


def test_both_forms_are_in_the_catalogue() -> None:
    assert BENCHMARKS["sinq"].measure == BENCHMARKS["sinq_edit"].measure == "pairs"


def test_a_row_that_is_no_pair_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "sinq.jsonl"
    path.write_text('{"name": "a", "entry_point": "f", "original": "x", "variant": 3, "input": 1}')
    with pytest.raises(DataFileError, match=r"sinq\.jsonl:1: expected name, entry_point"):
        Pairs("sinq", "program").items(read_data_file(path))


def test_pairs_of_held_out_programs_are_made_and_their_solutions_are_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "programs", tmp_path / "sinq.jsonl"
    source.mkdir()
    for number in range(24):
        text = f"def f{number}(x: int) -> int:\n    return {number} if x > {number % 5} else x\n"
        (source / f"p{number}.py").write_text(text)
    made = ["pairs", "--source=folder", f"--path={source}", "--different=3", "--equivalent=2"]
    assert main([*made, f"--out={out}"]) == 0
    assert "3 different and 2 equivalent pairs of" in capsys.readouterr().out
    assert main(["canonical", "sinq", str(out)]) == 0
    assert main([*made, f"--out={tmp_path / 'no' / 'sinq.jsonl'}"]) == 0
    assert (tmp_path / "no" / "sinq.jsonl").read_bytes() == out.read_bytes()
