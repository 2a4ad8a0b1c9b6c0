from collections import Counter
from collections.abc import Callable

import pytest

from sandbox import Sandbox
from sinq_jax.benchmarks.suites.catalogue import BENCHMARKS, benchmark_named
from sinq_jax.benchmarks.suites.data_file import DataFile
from sinq_jax.benchmarks.suites.evalplus import EvalPlus
from sinq_jax.benchmarks.suites.mbpp_parts import mbpp_part
from sinq_jax.benchmarks.suites.records import generated
from sinq_jax.game.records import Completion


@pytest.mark.parametrize(
    ("task", "part"),
    [
        ("Mbpp/1", "prompt"),
        ("Mbpp/10", "prompt"),
        ("Mbpp/11", "test"),
        ("Mbpp/510", "test"),
        ("Mbpp/511", "validation"),
        ("Mbpp/600", "validation"),
        ("Mbpp/601", "train"),
        ("Mbpp/974", "train"),
        ("Mbpp/975", None),
        ("HumanEval/11", None),
        ("sample_11", None),
    ],
)
def test_a_task_is_of_the_split_that_was_published(task: str, part: str | None) -> None:
    assert mbpp_part(task) == part


def test_108_tasks_of_mbpp_plus_are_tasks_to_learn_from(real: Callable[[str], DataFile]) -> None:
    benchmark = benchmark_named("mbpp_plus")
    parts = Counter(map(benchmark.part, benchmark.items(real("evalplus/MbppPlus.jsonl.gz"))))
    assert parts == {"test": 224, "train": 108, "validation": 39, "prompt": 7}


def test_of_mbpp_the_test_split_is_asked(real: Callable[[str], DataFile]) -> None:
    benchmark = benchmark_named("mbpp")
    assert {*map(benchmark.part, benchmark.items(real("mbpp/mbpp.jsonl")))} == {"test"}


def test_records_keep_the_part_and_the_program_that_was_run(judge: Sandbox) -> None:
    row = {
        "task_id": "Mbpp/601",
        "prompt": '"""Add one."""\n',
        "entry_point": "up",
        "canonical_solution": "\ndef up(x):\n    return x + 1\n",
        "base_input": [[1]],
        "plus_input": [[2]],
        "atol": 0,
    }
    benchmark = BENCHMARKS["mbpp_plus"]
    assert isinstance(benchmark, EvalPlus)
    file = DataFile("tasks.jsonl", "sum", (("tasks.jsonl:1", row),))
    program = "def up(x):\n    return 1 + x\n"
    written = [Completion(f"Here it is:\n```python\n{program}```\n", 9, True)]
    [record] = generated(benchmark, file, [(benchmark.items(file)[0], written)], judge)
    assert record.part == "train"
    [mark] = record.marks
    assert mark.right
    assert (mark.answer or "").endswith(program)
