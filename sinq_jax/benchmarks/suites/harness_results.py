"""Records in the terms of EleutherAI's lm-evaluation-harness 0.4: tasks, metrics, samples.

Source: ``result_schema.py`` and ``loggers/evaluation_tracker.py`` of ``lm_eval`` 0.4.13.
What is not known from records is left out, or empty where a reader indexes it.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from sinq_jax.benchmarks.suites.catalogue import BENCHMARKS
from sinq_jax.benchmarks.suites.figures import Scores, apart, by_benchmark, scores_of
from sinq_jax.benchmarks.suites.records import Record, RecordError


@dataclass(frozen=True)
class Task:
    """A benchmark, or the items of it that are counted ``apart`` from all: with their records, and
    the scores of each metric in the order of the records.
    """

    name: str
    alias: str
    benchmark: str
    apart: bool
    records: tuple[Record, ...]
    scores: dict[str, Scores]


def tasks_of(records: Sequence[Record]) -> list[Task]:
    """The tasks in the records, each followed by its part. Raises ``RecordError`` where there is
    none, or a benchmark on two data files.
    """
    groups = by_benchmark(records)
    names = [name for name, _ in groups]
    if not names or len({*names}) < len(names):
        got = "two data files of one benchmark" if names else "none"
        raise RecordError(
            f"export: expected records of benchmarks, each on one data file, got {got}; name the "
            "records of one model"
        )
    return [
        Task(
            f"{name}_test_range" if suffix else name,
            f"{name}{suffix}",
            name,
            bool(suffix),
            tuple(some),
            {_metric(scores.name): scores for scores in scores_of(some)},
        )
        for (name, _), group in groups.items()
        for suffix, some in apart(group)
    ]


def results(tasks: Sequence[Task], model: str, date: float) -> dict[str, Any]:
    """The aggregated results; ``date`` in seconds since 1970. Versions are the first digits of the
    checksum of the data. How many items the whole data file has is not known from records, so
    ``n-samples`` has the ``effective`` number alone.
    """
    return {
        "results": {task.name: _values(task) for task in tasks},
        "group_subtasks": {},
        "configs": {task.name: _config(task) for task in tasks},
        "versions": {task.name: task.records[0].data[:12] for task in tasks},
        "n-shot": {
            task.name: shots for task in tasks if (shots := _shots(task.benchmark)) is not None
        },
        "higher_is_better": {
            task.name: {metric: not scores.loss for metric, scores in task.scores.items()}
            for task in tasks
        },
        "n-samples": {task.name: {"effective": len(task.records)} for task in tasks},
        "config": {"model": "sinq_jax", "model_args": f"model={model}"},
        "date": date,
        "model_source": "sinq_jax",
        "model_name": model,
    }


def samples(task: Task) -> list[dict[str, Any]]:
    """What became of each item, one object each. Records keep no prompts: ``arguments`` have empty
    texts, and ``prompt_hash`` is empty.
    """
    rows = []
    for place, record in enumerate(task.records):
        doc = {"item": record.item, "data": record.data, "part": record.part}
        target = str(record.right) if record.logprobs else record.expected or ""
        given, understood = _responses(record)
        rows.append(
            {
                "doc_id": place,
                "doc": doc,
                "target": target,
                "arguments": {
                    f"gen_args_{i}": {"arg_0": "", "arg_1": ""} for i in range(len(given))
                },
                "resps": given,
                "filtered_resps": understood,
                "filter": "none",
                "metrics": [*task.scores],
                "doc_hash": _digest(json.dumps(doc, indent=2, ensure_ascii=False)),
                "prompt_hash": "",
                "target_hash": _digest(target),
                **{metric: scores.values[place] for metric, scores in task.scores.items()},
            }
        )
    return rows


def _metric(figure: str) -> str:
    """The harness's name of a figure of ours; those it knows have its own names."""
    if figure in ("accuracy", "accuracy of one sample"):
        return "acc"
    if figure.startswith("majority of "):
        return f"maj@{figure.removeprefix('majority of ')}"
    name, _, part = figure.partition(", ")
    kept = f"{name}_{part.removesuffix(' pairs')}" if part.endswith(" pairs") else name
    return kept.replace(" ", "_")


def _values(task: Task) -> dict[str, Any]:
    """Means, and their standard errors as the harness has them: the sample's deviation over the
    square root of the number of items.
    """
    values: dict[str, Any] = {
        "name": task.name,
        "alias": task.alias,
        "sample_len": len(task.records),
    }
    for metric, scores in task.scores.items():
        n = len(scores.values)
        values[f"{metric},none"] = fmean(scores.values)
        values[f"{metric}_stderr,none"] = stdev(scores.values) / math.sqrt(n) if n > 1 else "N/A"
    return values


def _config(task: Task) -> dict[str, Any]:
    benchmark = BENCHMARKS.get(task.benchmark)
    first = task.records[0]
    config = {
        "task": task.name,
        "output_type": "multiple_choice" if first.logprobs else "generate_until",
        "metric_list": [
            {"metric": metric, "aggregation": "mean", "higher_is_better": not scores.loss}
            for metric, scores in task.scores.items()
        ],
        "repeats": max(1, len(first.marks)),
        "metadata": {
            "version": first.data[:12],
            "data_sha256": first.data,
            "protocol": benchmark.protocol if benchmark else "",
        },
    }
    shots = _shots(task.benchmark)
    return config if shots is None else {**config, "num_fewshot": shots}


def _shots(name: str) -> int | None:
    return BENCHMARKS[name].shots if name in BENCHMARKS else None


def _responses(record: Record) -> tuple[list[Any], list[Any]]:
    """The raw responses, request by repeat, and what was understood of them: of continuations the
    summed log-probability of each, as the harness's files have numbers there, in text.
    """
    if record.logprobs:
        told = [[str(logprob)] for logprob in record.logprobs]
        return [[each] for each in told], told
    answers = [mark.answer or "" for mark in record.marks]
    texts = [each.text for each in record.completions]
    return [texts], answers if len(answers) == 1 else [answers]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest()
