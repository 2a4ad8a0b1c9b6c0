"""Questions out and answers in, as lines of JSON: any model can be measured with it.

A line of questions has ``item`` and either ``prompt``, ``stops`` and how to sample, or ``context``
and ``continuations``. A line of answers has ``item`` and either ``completions``, each a text or
``{"text", "tokens", "finished"}``, or ``logprobs`` (nats) and, if known, ``tokens``.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sandbox import Judge
from sinq_jax.benchmarks.suites.catalogue import AnyBenchmark
from sinq_jax.benchmarks.suites.contamination import seen
from sinq_jax.benchmarks.suites.data_file import DataFile, DataFileError, read_data_file
from sinq_jax.benchmarks.suites.face import Generative
from sinq_jax.benchmarks.suites.records import Record, compared, generated
from sinq_jax.game.records import Completion


def questions(
    benchmark: AnyBenchmark, file: DataFile, *, chat: bool, samples: int | None, limit: int | None
) -> Iterator[dict[str, Any]]:
    """Yield what to ask of each item (of the first ``limit``)."""
    for item in benchmark.items(file)[:limit]:
        if isinstance(benchmark, Generative):
            sampling = benchmark.drawn(samples or benchmark.sampling.samples)
            prompt = benchmark.prompt(item, chat=chat)
            yield {"item": item.name, "prompt": prompt.text, "stops": prompt.stops} | asdict(
                sampling
            )
        else:
            held = benchmark.comparison(item)
            yield {
                "item": item.name,
                "context": held.context,
                "continuations": [*held.continuations],
            }


def score(benchmark: AnyBenchmark, file: DataFile, answers: DataFile, judge: Judge) -> list[Record]:
    """Return the records of the items that were answered, in the order of the data file.

    Raises ``DataFileError`` for answers to no item, or to one twice.
    """
    items = {item.name: item for item in benchmark.items(file)}
    given: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for where, row in answers.rows:
        name = str(row.get("item"))
        if name not in items or name in given:
            fault = "an item twice" if name in given else f"no item of {file.path}"
            raise DataFileError(
                f"{where}: expected the answer to an item, got {fault}: {name!r}; correct it"
            )
        given[name] = where, row
    asked = [(item, *given[name]) for name, item in items.items() if name in given]
    if isinstance(benchmark, Generative):
        written = [(item, _completions(where, row)) for item, where, row in asked]
        return generated(benchmark, file, written, judge)
    scored = [
        (item, _scores(where, row, len(benchmark.comparison(item).continuations)))
        for item, where, row in asked
    ]
    return compared(benchmark, file, scored)


def searched(
    benchmark: AnyBenchmark, file: DataFile, records: Sequence[Record], training: Sequence[str]
) -> list[Record]:
    """Return the records with whether their items stand in the training files (paths of any text).

    Raises ``DataFileError`` for a file that cannot be read.
    """
    items = {item.name: item for item in benchmark.items(file)}
    contents = [benchmark.content(items[record.item]) for record in records]
    found = seen(contents, [text for path in training for text in _texts(path)])
    return [replace(record, seen=each) for record, each in zip(records, found, strict=True)]


def _texts(path: str) -> Iterator[str]:
    """The texts of a file: the strings of its rows where it has rows, else all of it."""
    if any(path.endswith(end) for end in (".jsonl", ".json", ".csv", ".gz")):
        for _, row in read_data_file(path).rows:
            yield from _strings(row)
        return
    try:
        yield Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise DataFileError(
            f"{path}: expected a readable file, got: {error.strerror}; check the path"
        ) from error


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)


def _completions(where: str, row: Mapping[str, Any]) -> list[Completion]:
    try:
        return [
            Completion(each, 0, True)
            if isinstance(each, str)
            else Completion(str(each["text"]), int(each["tokens"]), bool(each["finished"]))
            for each in row["completions"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise DataFileError(
            f"{where}: expected completions with text, tokens and finished, got "
            f"{json.dumps(row)[:60]}; correct it"
        ) from error


def _scores(where: str, row: Mapping[str, Any], count: int) -> list[tuple[float, int]]:
    try:
        logprobs = [float(each) for each in row["logprobs"]]
        tokens = [int(each) for each in row.get("tokens", [0] * count)]
        if len(logprobs) != count or len(tokens) != count:
            raise ValueError
    except (KeyError, TypeError, ValueError) as error:
        raise DataFileError(
            f"{where}: expected {count} log-probabilities, got {json.dumps(row)[:60]}; correct it"
        ) from error
    return [*zip(logprobs, tokens, strict=True)]
