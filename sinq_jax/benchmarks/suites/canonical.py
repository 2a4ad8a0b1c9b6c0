"""The published answers as if a model had written them: what a right scorer gives all points."""

from collections.abc import Sequence

from sandbox import Judge
from sinq_jax.benchmarks.suites.data_file import DataFile
from sinq_jax.benchmarks.suites.face import Generative, T
from sinq_jax.benchmarks.suites.records import Record, generated
from sinq_jax.game.records import Completion


def canonical_records(
    benchmark: Generative[T], file: DataFile, judge: Judge, limit: int | None = None
) -> list[Record]:
    """Return the records of the published answer to each item (of the first ``limit``)."""
    return generated(benchmark, file, canonical_answers(benchmark, file, limit), judge)


def canonical_answers(
    benchmark: Generative[T], file: DataFile, limit: int | None = None
) -> list[tuple[T, Sequence[Completion]]]:
    """Return each item (of the first ``limit``) with its published answer as one completion; no
    tokens are counted.
    """
    items = benchmark.items(file)[:limit]
    return [(item, [Completion(benchmark.solution(item), 0, True)]) for item in items]


def failures(records: Sequence[Record]) -> list[str]:
    """Return ``item: reason`` of each record whose first completion is not right."""
    return [
        f"{record.item}: {record.marks[0].reason}"
        for record in records
        if not record.marks[0].right
    ]
