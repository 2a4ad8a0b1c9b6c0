import json
import re
from pathlib import Path

import pytest

from sinq_jax.benchmarks.suites.__main__ import main
from sinq_jax.benchmarks.suites.catalogue import BENCHMARKS
from sinq_jax.benchmarks.suites.face import Generative
from sinq_jax.benchmarks.suites.records import read_records

TASKS = [
    {"id": f"s{i}", "code": f"def f(x):\n    return x + {i}", "input": "1", "output": str(1 + i)}
    for i in range(8)
]


def written(path: Path, rows: list[dict[str, object]]) -> str:
    path.write_text("\n".join(map(json.dumps, rows)))
    return str(path)


def answers(path: Path, right: int) -> str:
    rows: list[dict[str, object]] = [
        {"item": task["id"], "completions": [task["output"] if i < right else "-1"]}
        for i, task in enumerate(TASKS)
    ]
    return written(path, rows)


def test_two_models_are_asked_scored_and_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = written(tmp_path / "tasks.jsonl", [*TASKS])
    assert main(["ask", "cruxeval_output", data, "--samples", "2", "--limit", "3"]) == 0
    asked = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["item"] for each in asked] == ["s0", "s1", "s2"]
    assert "assert f(1) == ??" in asked[0]["prompt"]
    assert (asked[0]["samples"], asked[0]["temperature"], asked[0]["new_tokens"]) == (2, 0.2, 128)
    for name, right in (("old", 1), ("new", 8)):
        given, out = answers(tmp_path / f"{name}.answers", right), str(tmp_path / f"{name}.jsonl")
        told = ["--training", data] if name == "new" else []
        assert main(["score", "cruxeval_output", data, given, "--out", out, *told]) == 0
    assert [record.seen for record in read_records(tmp_path / "new.jsonl")] == [True] * 8
    capsys.readouterr()
    assert main(["table", str(tmp_path / "old.jsonl")]) == 0
    table = capsys.readouterr().out
    assert "| cruxeval_output | pass@1 | 0.1250 [0.0224, 0.4709] | 8 | 8 |" in table
    assert "cruxeval_output: wrong value: 7" in table
    assert main(["compare", str(tmp_path / "old.jsonl"), str(tmp_path / "new.jsonl")]) == 0
    assert "| 7 / 0 | 0.0156 | better |" in capsys.readouterr().out


def test_likelihoods_come_in_as_sums(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[dict[str, object]] = [{"idx": i, "func": "int f();", "target": i} for i in (0, 1)]
    data = written(tmp_path / "d.jsonl", rows)
    assert main(["ask", "defect_likelihood", data]) == 0
    [first, _] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert first["continuations"] == [" no", " yes"]
    given = written(
        tmp_path / "a.jsonl", [{"item": i, "logprobs": [-1, -2], "tokens": [1, 1]} for i in (0, 1)]
    )
    out = str(tmp_path / "r.jsonl")
    assert main(["score", "defect_likelihood", data, given, "--out", out]) == 0
    assert "| defect_likelihood | accuracy | 0.5000 [" in capsys.readouterr().out


def test_published_answers_are_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = written(tmp_path / "tasks.jsonl", [*TASKS, {**TASKS[0], "id": "bad", "output": "7"}])
    assert main(["canonical", "cruxeval_input", data, "--limit", "8"]) == 0
    assert main(["canonical", "cruxeval_input", data]) == 1
    assert "bad: wrong value" in capsys.readouterr().out


def test_every_benchmark_says_its_protocol(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [*BENCHMARKS]
    assert all("ublished" in b.protocol or "Ours" in b.protocol for b in BENCHMARKS.values())


@pytest.mark.parametrize("name", [n for n, b in BENCHMARKS.items() if isinstance(b, Generative)])
def test_one_completion_is_greedy_and_several_are_not(name: str) -> None:
    benchmark = BENCHMARKS[name]
    assert isinstance(benchmark, Generative)
    assert (benchmark.drawn(1).temperature == 0) == (benchmark.measure not in ("majority", "pairs"))
    assert benchmark.drawn(7).temperature > 0
    assert benchmark.drawn(7).new_tokens == benchmark.sampling.new_tokens


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"item": "s9", "completions": ["1"]}, "got no item of .*: 's9'"),
        ({"item": "s0", "completions": [{"text": "1"}]}, "expected completions with text"),
        ({"item": "s0"}, "expected completions with text"),
    ],
)
def test_a_mistake_in_the_answers_costs_one_line(
    line: dict[str, object], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = written(tmp_path / "tasks.jsonl", [*TASKS])
    given = written(tmp_path / "a.jsonl", [line])
    out = str(tmp_path / "r.jsonl")
    assert main(["score", "cruxeval_output", data, given, "--out", out]) == 2
    [told, *rest] = capsys.readouterr().err.splitlines()[1:]
    assert re.search(rf"a.jsonl:1: .*{said}", told)
    assert not rest
