import json
import os
import subprocess
import textwrap
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from statistics import stdev
from typing import Any

import pytest

from sinq_jax.benchmarks.suites.__main__ import main
from sinq_jax.benchmarks.suites.face import Mark
from sinq_jax.benchmarks.suites.harness import write_harness
from sinq_jax.benchmarks.suites.records import Record, RecordError, write_records
from sinq_jax.game.records import Completion

WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
DATE = "2026-03-04T05-06-07"
MODEL = "someone/small:1"
GOLDENS = Path(__file__).parent / "harness"
"""What `make_harness` wrote for these records. To write it anew, have both tools read it again."""
READER = os.environ.get("SINQ_LM_EVAL_PYTHON")
EVALPLUS = os.environ.get("SINQ_EVALPLUS_PYTHON")


def program(task: str, right: list[bool], part: str | None = None) -> Record:
    """Programs for one task of EvalPlus, of which the wrong ones pass the base tests alone."""
    texts = [f"    return {i}\n" for i in range(len(right))]
    return Record(
        "mbpp_plus" if task.startswith("Mbpp") else "humaneval_plus",
        "pass@k",
        task,
        "d" * 64,
        tuple(Completion(text, 4, True) for text in texts),
        tuple(
            Mark(each, "passed" if each else "wrong value", f"def f(x):\n{text}", {"base": True})
            for each, text in zip(right, texts, strict=True)
        ),
        part=part,
    )


def answered(item: int, answers: list[str | None]) -> Record:
    marks = tuple(Mark(each == "yes", "answered", each) for each in answers)
    written = tuple(Completion(f"Answer: {each} \u00e9", 3, True) for each in answers)
    return Record("defect_majority", "majority", str(item), "e" * 64, written, marks, "yes")


def likely(item: int, right: float, wrong: float) -> Record:
    scores = (wrong, right)
    return Record(
        "builtin_swap", "likelihood", str(item), "f" * 64, logprobs=scores, tokens=(2, 2), right=1
    )


RECORDS = [
    program("Mbpp/2", [True, False], "prompt"),
    program("Mbpp/11", [True, False], "test"),
    program("Mbpp/12", [False, False], "test"),
    answered(0, ["yes", "yes", "no"]),
    answered(1, ["no", "no", None]),
    likely(0, -1.0, -1.0),
    likely(1, -0.5, -1000.5),
    program("HumanEval/0", [True]),
]


def written(folder: Path, records: list[Record] = RECORDS) -> dict[str, Path]:
    return {path.name: path for path in write_harness(folder, records, MODEL, WHEN)}


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_files_are_as_they_were_when_both_tools_read_them(tmp_path: Path) -> None:
    found = written(tmp_path)
    assert {path.name for path in GOLDENS.iterdir()} == found.keys()
    for name, path in found.items():
        assert path.parent == tmp_path / "someone__small__1"
        assert path.read_bytes() == (GOLDENS / name).read_bytes(), name


def test_means_and_standard_errors_are_those_of_the_items(tmp_path: Path) -> None:
    found = written(tmp_path)
    whole = json.loads(found[f"results_{DATE}.json"].read_text())
    plus = whole["results"]["mbpp_plus"]
    rows = lines(found[f"samples_mbpp_plus_{DATE}.jsonl"])
    for metric in whole["higher_is_better"]["mbpp_plus"]:
        values = [row[metric] for row in rows]
        assert plus[f"{metric},none"] == pytest.approx(sum(values) / 3)
        assert plus[f"{metric}_stderr,none"] == pytest.approx(stdev(values) / 3**0.5)
    assert (plus["pass@1,none"], plus["base_pass@1,none"]) == (pytest.approx(1 / 3), 1.0)
    apart = whole["results"]["mbpp_plus_test_range"]
    assert (apart["alias"], apart["sample_len"]) == ("mbpp_plus, test range", 2)
    assert apart["pass@1,none"] == pytest.approx(1 / 4)
    assert whole["results"]["humaneval_plus"]["pass@1_stderr,none"] == "N/A"
    assert whole["higher_is_better"]["builtin_swap"] == {"acc": True, "loss": False}


def test_a_time_elsewhere_is_the_same_moment(tmp_path: Path) -> None:
    elsewhere = WHEN.astimezone(timezone(timedelta(hours=7)))
    [first, *_] = write_harness(tmp_path, RECORDS, MODEL, elsewhere)
    assert first.name == f"results_{DATE}.json"
    assert json.loads(first.read_text())["date"] == WHEN.timestamp()


def test_programs_of_before_marks_kept_them_are_left_out(tmp_path: Path) -> None:
    record = program("HumanEval/0", [True])
    old = replace(record, marks=(replace(record.marks[0], answer=None),))
    assert not any(name.startswith("evalplus") for name in written(tmp_path, [old]))


def test_records_that_make_no_results_are_told_in_one_line(tmp_path: Path) -> None:
    other = replace(RECORDS[0], data="0" * 64, item="Mbpp/3")
    with pytest.raises(RecordError, match="got none"):
        write_harness(tmp_path, [], MODEL)
    with pytest.raises(RecordError, match="got two data files of one benchmark"):
        write_harness(tmp_path, [RECORDS[0], other], MODEL)
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordError, match="expected a file to write"):
        write_harness(tmp_path / "file", RECORDS, MODEL)


def test_records_are_exported_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = [str(tmp_path / f"{i}.jsonl") for i in range(2)]
    write_records(kept[0], RECORDS[:3])
    write_records(kept[1], RECORDS[3:])
    assert main(["export", *kept, "--to", str(tmp_path / "out"), "--model", MODEL]) == 0
    told = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert sorted(told) == sorted((tmp_path / "out" / "someone__small__1").iterdir())
    assert len(told) == len([*GOLDENS.iterdir()])
    assert main(["export", kept[0], kept[0], "--to", str(tmp_path), "--model", MODEL]) == 2
    assert "expected each item once" in capsys.readouterr().err


def ask(python: str, script: str, *arguments: Path) -> Any:
    done = subprocess.run(
        [python, "-c", textwrap.dedent(script), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.skipif(
    READER is None, reason="needs lm_eval: set SINQ_LM_EVAL_PYTHON to an interpreter that has it"
)
def test_lm_evaluation_harness_finds_and_tabulates_the_results(tmp_path: Path) -> None:
    found = written(tmp_path)
    told = ask(
        READER or "",
        """
        import json, sys
        from pathlib import Path
        from lm_eval import utils
        files = [str(path) for path in Path(sys.argv[1]).rglob("*")]
        names = sorted(utils.get_results_filenames(files))
        whole = json.loads(Path(utils.get_latest_filename(names)).read_text())
        samples = [Path(name).name for name in utils.get_sample_results_filenames(files)]
        dates = [utils.get_file_datetime(name) for name in samples]
        model = utils.sanitize_model_name(whole["model_name"])
        tasks = sorted(map(utils.get_file_task_name, samples))
        print(json.dumps([utils.make_table(whole), tasks, sorted(set(dates)), model]))
        """,
        tmp_path,
    )
    table, tasks, dates, model = told
    whole = json.loads(found[f"results_{DATE}.json"].read_text())
    assert (tasks, dates) == (sorted(whole["results"]), [DATE])
    assert model == found[f"results_{DATE}.json"].parent.name == whole["model_name_sanitized"]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]
    assert ["acc", "↑", "0.5000", "±", "0.5000"] in [row[4:] for row in rows]
    assert ["loss", "↓"] in [row[4:6] for row in rows]
    shown = {row[0] for row in rows[2:] if row[0]}
    assert shown == {values["alias"] for values in whole["results"].values()}


@pytest.mark.skipif(
    READER is None, reason="needs lm_eval: set SINQ_LM_EVAL_PYTHON to an interpreter that has it"
)
def test_samples_load_as_a_dataset_as_the_harness_publishes_them(tmp_path: Path) -> None:
    names = [path for name, path in written(tmp_path).items() if name.startswith("samples_")]
    counts = ask(
        READER or "",
        """
        import json, sys
        from datasets import load_dataset
        told = [load_dataset("json", data_files=name, split="train", cache_dir=sys.argv[1])
                for name in sys.argv[2:]]
        print(json.dumps([len(each) for each in told]))
        """,
        tmp_path / "cache",
        *names,
    )
    assert counts == [len(lines(name)) for name in names]


@pytest.mark.skipif(
    EVALPLUS is None,
    reason="needs evalplus: set SINQ_EVALPLUS_PYTHON to an interpreter that has it",
)
def test_evalplus_loads_the_programs(tmp_path: Path) -> None:
    found = written(tmp_path)
    read = ask(
        EVALPLUS or "",
        """
        import json, sys
        from evalplus.data import load_solutions
        print(json.dumps([[s["task_id"], s["solution"]] for s in load_solutions(sys.argv[1])]))
        """,
        found[f"evalplus_mbpp_plus_{DATE}.jsonl"],
    )
    assert read == [[record.item, mark.answer] for record in RECORDS[:3] for mark in record.marks]
