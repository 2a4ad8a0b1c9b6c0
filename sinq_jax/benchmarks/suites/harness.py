"""Results as files that other tools read: lm-evaluation-harness and EvalPlus.

A folder gets, under the name of the model, what EleutherAI's lm-evaluation-harness 0.4 writes:
``results_DATE.json``, and ``samples_TASK_DATE.jsonl`` for each task; beside them, where programs
were written for tasks of HumanEval or MBPP, ``evalplus_BENCHMARK_DATE.jsonl``, which
``evalplus.evaluate --samples`` reads.
"""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sinq_jax.benchmarks.suites.harness_results import Task, results, samples, tasks_of
from sinq_jax.benchmarks.suites.records import Record, RecordError
from sinq_jax.whole_file import write_whole

PROGRAMS = ("HumanEval/", "Mbpp/")
"""How the tasks are named that EvalPlus knows."""


def write_harness(
    folder: Path, records: Sequence[Record], model: str, when: datetime | None = None
) -> list[Path]:
    """Write the results of ``model`` and return the files, that of the results first.

    ``when`` (now) is part of the names, in UTC: files of another time stay. Records of other
    measures than ours raise ``RecordError``, as do an empty list, two data files of one benchmark
    and a disk that refuses.
    """
    tasks = tasks_of(records)
    moment = datetime.now(UTC) if when is None else when.astimezone(UTC)
    # As the harness spells it: no colons, and no underscore, which ends the name of the task.
    date = moment.replace(tzinfo=None).isoformat().replace(":", "-")
    place = folder / sanitized(model)
    whole = {**results(tasks, model, moment.timestamp()), "model_name_sanitized": sanitized(model)}
    text = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
    files = {place / f"results_{date}.json": text}
    for task in tasks:
        files[place / f"samples_{task.name}_{date}.jsonl"] = _lines(samples(task))
    for task in tasks:
        programs = _programs(task)
        if programs:
            files[place / f"evalplus_{task.name}_{date}.jsonl"] = _lines(programs)
    for path, content in files.items():
        _write(path, content)
    return [*files]


def sanitized(model: str) -> str:
    """The name of a model as the harness names a folder after it."""
    return re.sub(r"[\"<>:/|\\?*\[\]]+", "__", model)


def _programs(task: Task) -> list[dict[str, str]]:
    """Each program that was written, under the task it is for. Records of before marks kept the
    program have none, and a part of a benchmark is in the file of the whole one.
    """
    return [
        {"task_id": record.item, "solution": mark.answer}
        for record in task.records
        if record.item.startswith(PROGRAMS) and not task.apart
        for mark in record.marks
        if mark.answer is not None
    ]


def _lines(rows: Sequence[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _write(path: Path, content: str) -> None:
    try:
        # What a model wrote may hold halves of surrogate pairs, which UTF-8 has no bytes for.
        write_whole(path, content.encode("utf-8", errors="replace"))
    except OSError as error:
        raise RecordError(
            f"{path}: expected a file to write, got {error.strerror}; choose another folder"
        ) from error
