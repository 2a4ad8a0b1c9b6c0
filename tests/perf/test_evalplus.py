"""Claims about the comparison with EvalPlus: the real command on three small tasks, no timing."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from perf import evalplus
from perf.evalplus import APART, CACHED, OURS, PEER, differences, figure
from perf.evalplus_peer import FAULTS, Judged, Verdict

PYTHON = os.environ.get("SINQ_EVALPLUS_PYTHON", "")
ROOT_OF_LINE = "def find_zero(xs):\n    return -xs[0] / xs[1]\n"


def row(number: int, entry: str, solution: str, *inputs: object, atol: float = 0) -> dict[str, Any]:
    head, _, body = solution.partition("\n")
    return {
        "task_id": f"HumanEval/{number}",
        "prompt": f"from typing import List\n\n\n{head}\n",
        "entry_point": entry,
        "canonical_solution": body,
        "base_input": [[each] for each in inputs[:2]],
        "plus_input": [[each] for each in inputs[2:]],
        "atol": atol,
        "contract": "",
        "test": "",
    }


ROWS = [
    row(0, "total", "def total(xs):\n    return [sum(xs), len(xs) > 2]\n", [], [1, 2], [3, 4, -7]),
    row(1, "half", "def half(x):\n    return x / 2 if x > 1 else 0.0\n", 1, 2, 3, 0.3, 1e9),
    row(32, "find_zero", ROOT_OF_LINE, [1, 2], [3.0, 4], [-5, 0.5], atol=1e-4),
]


@pytest.fixture
def data(tmp_path: Path) -> str:
    file = tmp_path / "tasks.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in ROWS))
    return str(file)


def test_ours_is_reported_alone_where_no_evalplus_is(
    data: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SINQ_EVALPLUS_PYTHON", raising=False)
    assert evalplus.main(["--data", data, "--mutants", "2"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[1] == "left out, because no Python has it: EvalPlus"
    last = json.loads(said[-1])
    assert (last["peer"], last["ratio"]) == (None, None)
    assert last["wall_s"].keys() == last["cpu_s"].keys() == {OURS, APART}
    assert min(last["cpu_s"].values()) > 0


def test_evalplus_says_the_same_but_for_the_fault_that_is_known(
    data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if not PYTHON:
        pytest.skip("SINQ_EVALPLUS_PYTHON names no interpreter that has EvalPlus")
    assert evalplus.main(["--data", data, "--mutants", "6", "--evalplus-python", PYTHON]) == 0
    said = capsys.readouterr().out.splitlines()
    rows = {line[:17].strip(): line.split()[-2:] for line in said[2:6]}
    assert rows[OURS] == rows[APART]
    assert rows[PEER] == rows[CACHED]
    [base, right], candidates = map(int, rows[OURS]), int(said[0].split()[2])
    assert 3 <= right < base < candidates
    differing = [line for line in said if line.startswith("  HumanEval/")]
    assert len(differing) == json.loads(said[-1])["differ"] > 0
    for line in differing:
        assert line.startswith("  HumanEval/32, ")
        assert line.endswith(FAULTS["HumanEval/32"])


def test_differing_verdicts_are_told_once_with_both_reasons() -> None:
    def judged(*verdicts: Verdict) -> Judged:
        return Judged(1.0, 1.0, {"HumanEval/7": verdicts})

    passed, late = Verdict(True, True, "passed"), Verdict(True, False, "base pass, plus timeout")
    ours = {OURS: judged(passed, passed), APART: judged(passed, Verdict(True, True, "alike"))}
    assert differences([ours]) == []
    done = {**ours, PEER: judged(late, passed), CACHED: judged(late, late)}
    canonical, mutant = differences([{**ours, PEER: judged(passed, passed)}, done])
    assert canonical == (
        "HumanEval/7, candidate 0: ours (True, True: passed), EvalPlus (True, False: base pass, "
        "plus timeout); this is the canonical solution itself, and EvalPlus stops calls by wall "
        "time"
    )
    assert mutant.endswith(
        "candidate 1: ours (True, True: passed), EvalPlus, cached (True, False: "
        "base pass, plus timeout)"
    )


def test_the_figure_is_of_the_medians_of_all_rounds() -> None:
    rounds = [
        {arm: Judged(wall * x, 2 * wall * x, {}) for arm, wall in ((OURS, 2.0), (PEER, 6.0))}
        for x in (1, 2, 9)
    ]
    told = figure(rounds, 0)
    assert (told["ours"], told["peer"], told["ratio"], told["cpu_ratio"]) == (4.0, 12.0, 3.0, 3.0)
    assert told["cpu_s"] == {OURS: 8.0, PEER: 24.0}


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        ["--data", "no-such-file"],
        ["--data", "DATA", "--rounds", "0"],
        ["--data", "DATA", "--mutants", "-1"],
        ["--data", "DATA", "--evalplus-python", "no-such-python"],
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    wrong: list[str], data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = evalplus.main([data if each == "DATA" else each for each in wrong])
    except SystemExit as ended:
        status = int(ended.code or 0)
    assert status == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
