"""From records to figures: rates with intervals and with what they leave out."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import fmean

from sinq_jax.benchmarks.suites.answers import majority
from sinq_jax.benchmarks.suites.face import DIFFERENT, EQUIVALENT
from sinq_jax.benchmarks.suites.mbpp_parts import TEST
from sinq_jax.benchmarks.suites.records import Record, RecordError
from sinq_jax.statistics import (
    Estimate,
    balanced_rate,
    cluster_bootstrap,
    clustered_rate,
    pass_at_k,
    wilson,
)

KS = (1, 2, 5, 10, 20, 50, 100)
"""The k of a pass@k curve, as far as there are samples."""


@dataclass(frozen=True)
class Scores:
    """One number for each item, ``[items]`` in order; ``binary`` says that all are 0 or 1, ``loss``
    that less is better.
    """

    name: str
    values: tuple[float, ...]
    binary: bool
    loss: bool = False


@dataclass(frozen=True)
class Figure:
    """A figure of a benchmark with its 95% interval.

    Counted over completions: ``unread`` had no answer, ``truncated`` did not end by themselves,
    ``refused`` ran into a rule of the sandbox; all of them count in the figure, mostly as wrong.
    Counted over items: ``seen`` was found in training data, None where nobody looked; of ``cut``
    the model did not read the beginning, because its window is shorter than the prompt.
    """

    benchmark: str
    name: str
    estimate: Estimate
    completions: int
    unread: int
    truncated: int
    refused: int
    seen: int | None
    cut: int = 0


def by_benchmark(records: Sequence[Record]) -> dict[tuple[str, str], list[Record]]:
    """Return the records by benchmark and data file, in order.

    Raises ``RecordError`` where an item comes twice, or items of one benchmark were not measured
    alike.
    """
    groups: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        groups.setdefault((record.benchmark, record.data), []).append(record)
    for (name, _), group in groups.items():
        if len({each.item for each in group}) < len(group):
            raise RecordError(f"{name}: expected each item once, got one twice; score it again")
        shapes = {(each.measure, len(each.marks), len(each.logprobs) > 0) for each in group}
        if len(shapes) > 1:
            raise RecordError(
                f"{name}: expected the same measure and as many samples of each item, "
                f"got {len(shapes)} kinds; score it again"
            )
    return groups


def figures(records: Sequence[Record]) -> list[Figure]:
    """Return every figure of every benchmark in the records. Raises ``RecordError``."""
    found = []
    for group in by_benchmark(records).values():
        found += [
            _figure(some, replace(scores, name=f"{scores.name}{suffix}"))
            for suffix, some in apart(group)
            for scores in scores_of(some)
        ]
        if {record.part for record in group} == {DIFFERENT, EQUIVALENT}:
            found.append(_balanced(group))
    return found


def apart(group: Sequence[Record]) -> list[tuple[str, list[Record]]]:
    """Return the records of one benchmark as they are counted, with what to put behind the names of
    their figures: all of them; and, where some are of MBPP's test split and some are not, those
    that are. Players learn from its train split, and EvalPlus's tasks are from all splits.
    Of pairs, those that differ and those that do the same.
    """
    if group[0].measure == "pairs":
        kinds = (DIFFERENT, EQUIVALENT)
        parts = {kind: [each for each in group if each.part == kind] for kind in kinds}
        return [(f", {kind} pairs", some) for kind, some in parts.items() if some]
    tests = [record for record in group if record.part == TEST]
    mixed = 0 < len(tests) < len(group)
    return [("", [*group]), *([(", test range", tests)] if mixed else [])]


def scores_of(group: Sequence[Record]) -> list[Scores]:
    """Return what each item of one benchmark scores, a `Scores` for each of its figures."""
    measure = group[0].measure
    if measure == "likelihood":
        return _likelihood(group)
    if measure == "majority":
        votes = [_vote(record) for record in group]
        alone = [fmean(_right(record)) for record in group]
        count = len(group[0].marks)
        return [
            _scores(f"majority of {count}", votes),
            _scores("accuracy of one sample", alone),
        ]
    if measure == "accuracy":
        return [_scores("accuracy", [fmean(_right(record)) for record in group])]
    if measure not in ("pass@k", "pairs"):
        raise RecordError(f"{group[0].benchmark}: expected a known measure, got {measure!r}")
    also = [(f"{name} ", _also(name)) for name in group[0].marks[0].also]
    return [
        _scores(f"{prefix}pass@{k}", [_pass(read(record), k) for record in group])
        for prefix, read in [("", _right), *also]
        for k in KS
        if k <= len(group[0].marks)
    ]


def clusters(group: Sequence[Record]) -> list[str]:
    """Return what is drawn together in a resample: the program of a pair, else the item itself."""
    return [record.item.partition("#")[0] for record in group]


def _figure(group: Sequence[Record], scores: Scores) -> Figure:
    names = clusters(group)
    if scores.binary and len(set(names)) == len(names):
        estimate = wilson(int(sum(scores.values)), len(scores.values))
    elif scores.loss:
        estimate = cluster_bootstrap(scores.values, names)
    else:
        estimate = clustered_rate(scores.values, names)
    return _counted(group, scores.name, estimate)


def _balanced(group: Sequence[Record]) -> Figure:
    """The mean of the share of right answers over both kinds of pairs."""
    parts = [some for _, some in apart(group)]
    rates = [([fmean(_right(record)) for record in some], clusters(some)) for some in parts]
    return _counted(group, "balanced accuracy", balanced_rate(*rates))


def _counted(group: Sequence[Record], name: str, estimate: Estimate) -> Figure:
    marks = [mark for record in group for mark in record.marks]
    seen = [record.seen for record in group if record.seen is not None]
    return Figure(
        group[0].benchmark,
        name,
        estimate,
        len(marks),
        _unread(group),
        sum(not each.finished for record in group for each in record.completions),
        sum(mark.reason.startswith("refused") for mark in marks),
        sum(seen) if seen else None,
        sum(record.notes.get("cut", 0) > 0 for record in group),
    )


def _unread(group: Sequence[Record]) -> int:
    """Completions without an answer; a program is never one, whatever was written."""
    first = group[0]
    asked = first.expected is not None or first.measure == "pairs"
    return sum(mark.answer is None for record in group for mark in record.marks) if asked else 0


def _scores(name: str, values: Sequence[float], loss: bool = False) -> Scores:
    return Scores(name, tuple(values), all(value in (0, 1) for value in values), loss)


def _right(record: Record) -> list[bool]:
    return [mark.right for mark in record.marks]


def _also(name: str) -> Callable[[Record], list[bool]]:
    return lambda record: [mark.also.get(name, False) for mark in record.marks]


def _vote(record: Record) -> float:
    return float(majority([mark.answer for mark in record.marks]) == record.expected)


def _pass(right: Sequence[bool], k: int) -> float:
    return pass_at_k(len(right), sum(right), k)


def _likelihood(group: Sequence[Record]) -> list[Scores]:
    """The share of items whose right continuation is strictly the likeliest, and the mean of
    -ln of its probability among the continuations.
    """
    first, losses = [], []
    for record in group:
        right = record.logprobs[record.right]
        others = [each for i, each in enumerate(record.logprobs) if i != record.right]
        first.append(float(all(right > other for other in others)))
        losses.append(0.0 - log_share(record.logprobs, record.right))  # of a sure model 0, not -0
    return [_scores("accuracy", first), _scores("loss, nats", losses, loss=True)]


def log_share(logprobs: Sequence[float], index: int) -> float:
    """The natural logarithm of one probability normalised over all of them."""
    top = max(logprobs)
    return logprobs[index] - top - math.log(sum(math.exp(each - top) for each in logprobs))


def reasons(records: Sequence[Record]) -> list[tuple[str, str, int]]:
    """Return (benchmark, reason, count) over all completions, the most frequent first."""
    pairs = sorted((r.benchmark, mark.reason) for r in records for mark in r.marks)
    counted = [(*pair, len([*same])) for pair, same in groupby(pairs)]
    return sorted(counted, key=lambda each: (each[0], -each[2], each[1]))
