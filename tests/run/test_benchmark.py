"""Claims: a checkpoint goes through published benchmarks and is compared with an earlier one, in
Markdown, JSON and the report; a killed measurement ends as if it was not; mistakes cost one line.
"""

import json
import shutil
from pathlib import Path

import pytest

import run
from sinq_jax.benchmarks.suites.records import read_records
from tests.run.command import SMALL, Command

NAMES = "cruxeval_output,defect_likelihood,sinq_edit"
FIGURES = "pass_at_1", "accuracy", "pass_at_1_different_pairs"
TASKS = [
    {"id": f"s{i}", "code": f"def f(x):\n    return x + {i}", "input": "1", "output": str(1 + i)}
    for i in range(6)
]
FUNCTIONS = [{"idx": i, "func": f"int f() {{ return {i}; }}", "target": i % 2} for i in range(6)]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for name, rows in {"cruxeval": TASKS, "codexglue_defect_test": FUNCTIONS}.items():
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder


@pytest.fixture(scope="module")
def flags(data: Path) -> list[str]:
    """How a model of one layer is asked: in batches of two, so that there are several."""
    return [
        f"--config.suites.data={data}",
        "--config.suites.prompt_tokens=64",
        "--config.suites.new_tokens=8",
        "--config.suites.samples=2",
        "--config.rollout.prompts_per_batch=2",
        "--config.limit=5",
    ]


@pytest.fixture(scope="module")
def measured(command: Command, flags: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run that was measured before its first round, after the second, and at its end."""
    workdir = tmp_path_factory.mktemp("runs") / "measured"
    inside = (f"--config.suites.names={NAMES}", "--config.suites.every_rounds=2")
    done = command(workdir, *flags, *inside)
    assert done.returncode == 0, done.stderr
    assert "3 benchmarks after round 2" in done.stderr
    return workdir


def results(workdir: Path, number: int) -> dict:
    folder = workdir / "benchmarks" / f"round-{number:06d}"
    found: dict = json.loads((folder / "results.json").read_text())
    return found


def test_benchmarks_inside_a_run_have_figures_costs_and_comparisons(measured: Path) -> None:
    lines = (measured / "metrics.jsonl").read_text().splitlines()
    rows = [row for row in map(json.loads, lines) if "time/suites_s" in row]
    assert [row["round"] for row in rows] == [0, 2, 3]
    for row in rows:
        assert row["time/suites_s"] > 0
        for name, figure in zip(NAMES.split(","), FIGURES, strict=True):
            key = f"suites/{name}_{figure}"
            assert row[f"{key}_low"] <= row[key] <= row[f"{key}_high"]
            assert row[f"{key}_n"] == 5
    assert results(measured, 0)["comparison"] is None
    last = results(measured, 3)
    assert last["against"].endswith("round-000000")
    verdicts = {row[-1] for row in last["comparison"]["rows"]}
    assert verdicts <= {"better", "worse", "no difference shown"}
    page = (measured / "report.html").read_text()
    assert page.count("Compared with") == 2
    assert all(name in page for name in NAMES.split(","))
    charts = page[page.index("Curves of published benchmarks") :]
    assert charts.count("<figure>") >= len(NAMES.split(","))


def test_the_job_adds_to_what_the_run_has_measured(
    command: Command, flags: list[str], measured: Path, tmp_path: Path
) -> None:
    workdir = tmp_path / "run"
    shutil.copytree(measured, workdir)
    before = (workdir / "benchmarks/round-000003/sinq_edit.jsonl").read_bytes()
    done = command(workdir, "--job=benchmark", "--benchmark=sinq_edit,cruxeval_input", *flags)
    assert done.returncode == 0, done.stderr
    assert (workdir / "benchmarks/round-000003/sinq_edit.jsonl").read_bytes() == before
    last = results(workdir, 3)
    assert [*last["seconds"]] == ["cruxeval_input"]
    assert {row[0] for row in last["figures"]["rows"]} == {*NAMES.split(","), "cruxeval_input"}
    assert "| cruxeval_input | pass@1 |" in done.stdout
    assert [*(workdir / "benchmarks/round-000003/harness").rglob("results_*.json")]


def test_a_killed_measurement_ends_as_if_it_was_not(
    command: Command, flags: list[str], undisturbed: Path, tmp_path: Path
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    asked = ("--job=benchmark", f"--benchmark={NAMES}", *flags)
    for workdir in (whole, killed):
        shutil.copytree(undisturbed, workdir)
    assert command(whole, *asked).returncode == 0
    died = command.until(killed, "keeping", 4, "SIGKILL", *asked)
    assert died.returncode == -9
    folder = killed / "benchmarks/round-000003"
    half = folder / "defect_likelihood.jsonl.begun"
    with half.open("a") as file:
        file.write('{"benchmark": "defect_li')  # a line that was not finished
    assert command(killed, *asked).returncode == 0
    assert not half.exists()
    for name in NAMES.split(","):
        first, second = (root / f"benchmarks/round-000003/{name}.jsonl" for root in (whole, killed))
        assert first.read_bytes() == second.read_bytes()
        assert len(read_records(first)) == 5


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ((), "--benchmark: expected names of benchmarks or all, got none"),
        (("--benchmark=humanevil",), "--benchmark: benchmark: expected one of"),
        (("--benchmark=mbpp,mbpp",), "--benchmark: expected each once, got mbpp,mbpp"),
        (("--benchmark=pysecdb",), "PySecDB may not be passed on"),
        (
            ("--benchmark=sinq_edit", "--config.suites.role=generator"),
            "role 'evaluator' -> 'generator'; give the old values, or remove",
        ),
    ],
)
def test_a_mistake_costs_one_line(
    asked: tuple[str, ...],
    told: str,
    flags: list[str],
    measured: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = [f"--config={SMALL}", f"--workdir={measured}", "--job=benchmark", *flags, *asked]
    assert run.main(words) == 2
    assert told in capsys.readouterr().err.splitlines()[-1]


def test_a_run_with_an_unknown_benchmark_does_not_begin(
    undisturbed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(undisturbed / "data", tmp_path / "data")
    words = [f"--config={SMALL}", f"--workdir={tmp_path}", "--config.suites.names=humanevil"]
    assert run.main(words) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert "--config.suites.names: benchmark: expected one of" in last
    assert not (tmp_path / "metrics.jsonl").read_bytes()
