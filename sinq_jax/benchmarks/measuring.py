"""Benchmarks and one model: their items are asked, judged and kept, batch by batch."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from sandbox import Judge
from sinq_jax.benchmarks.asking import Respondent, completions
from sinq_jax.benchmarks.kept import Elsewhere, Kept, hold_to_setup, kept_by_first
from sinq_jax.benchmarks.likelihood import likelihoods
from sinq_jax.benchmarks.suites.catalogue import AnyBenchmark
from sinq_jax.benchmarks.suites.contamination import seen
from sinq_jax.benchmarks.suites.data_file import DataFile
from sinq_jax.benchmarks.suites.face import Generative, Likelihood, Sampling
from sinq_jax.benchmarks.suites.records import Record, compared, generated
from sinq_jax.config import Config
from sinq_jax.hosts import ALONE, Hosts
from sinq_jax.progress import Progress, Standing
from sinq_jax.randomness import device_key


@dataclass(frozen=True)
class Asking:
    """How a benchmark is asked: its first ``limit`` items (0: all), ``samples`` and ``new_tokens``
    of each in place of its protocol's (0: as that says).
    """

    limit: int
    samples: int
    new_tokens: int
    chat: bool
    seed: int

    @classmethod
    def of(cls, config: Config) -> Self:
        suites = config.suites
        chat = config.prompts.chat
        return cls(config.limit, suites.samples, suites.new_tokens, chat, config.seed)

    def sampling(self, benchmark: Generative[Any]) -> Sampling:
        """How completions of this benchmark are drawn."""
        drawn = benchmark.drawn(self.samples or benchmark.sampling.samples)
        return replace(drawn, new_tokens=self.new_tokens) if self.new_tokens else drawn


@dataclass(frozen=True)
class Checkpoint:
    """What is measured: ``folder`` of the first of ``hosts`` keeps what comes of it, ``who``
    answers, and ``training`` are the texts that it learned from (None: nobody knows).
    """

    folder: Path
    who: Respondent
    training: Sequence[str] | None
    hosts: Hosts = ALONE

    @property
    def setup(self) -> dict[str, object]:
        """All that records depend on beside their items."""
        trained, suites = self.who.trained, self.who.trained.config.suites
        return {
            "weights": trained.learner.origin.fingerprint,
            "role": suites.role,
            "prompt_tokens": suites.prompt_tokens,
            **asdict(Asking.of(trained.config)),
        }


def measure_all(
    checkpoint: Checkpoint,
    chosen: Sequence[tuple[AnyBenchmark, DataFile]],
    judge: Judge,
    progress: Progress,
) -> dict[str, float]:
    """Measures what is not kept in the checkpoint's folder yet; returns the seconds that each
    benchmark took of which something was left to ask. All hosts ask and judge the same.

    Raises ``DataFileError`` for a file of something else, ``RecordError`` for records that were
    made in another way, or when the disk refuses.
    """
    if checkpoint.hosts.first:
        hold_to_setup(checkpoint.folder, checkpoint.setup)
    seconds: dict[str, float] = {}
    for number, (benchmark, file) in enumerate(chosen):
        path = checkpoint.folder / f"{benchmark.name}.jsonl"
        kept = kept_by_first(path, file, checkpoint.hosts)
        began, whole = time.monotonic(), kept.whole
        for done, count in measured(checkpoint, benchmark, file, kept, judge):
            share = (number + done / count) / len(chosen)
            progress.show(Standing(benchmark.name, share, step_of=(done, count)))
        if not whole:
            seconds[benchmark.name] = time.monotonic() - began
    return seconds


def measured(
    checkpoint: Checkpoint,
    benchmark: AnyBenchmark,
    file: DataFile,
    kept: Kept | Elsewhere,
    judge: Judge,
) -> Iterator[tuple[int, int]]:
    """Asks what ``kept`` does not have yet and keeps it; yields (items done, all) as it goes on.

    Raises ``DataFileError`` for a file of something else, ``RecordError`` when the disk refuses.
    """
    who, asking = checkpoint.who, Asking.of(checkpoint.who.trained.config)
    items = [*benchmark.items(file)[: asking.limit or None]]
    done = frozenset(place for place, item in enumerate(items) if kept.has(item.name))
    count = len(done)
    yield count, len(items)
    if count < len(items):
        if isinstance(benchmark, Generative):
            batches = _written(who, benchmark, file, items, asking, done, judge)
        else:
            batches = _scored(who, benchmark, file, items, done)
        learned = _learned(benchmark, items, checkpoint.training)
        for records in batches:
            fresh = [record for record in records if not kept.has(record.item)]
            kept.add([replace(record, seen=learned.get(record.item)) for record in fresh])
            count += len(fresh)
            yield count, len(items)
    kept.finish([item.name for item in items])


def _learned(
    benchmark: AnyBenchmark, items: Sequence[Any], training: Sequence[str] | None
) -> dict[str, bool]:
    """Whether each item stands in what was learned from; nothing where nobody knows that."""
    if training is None:
        return {}
    found = seen([benchmark.content(item) for item in items], training)
    return dict(zip([item.name for item in items], found, strict=True))


def _written(
    who: Respondent,
    benchmark: Generative[Any],
    file: DataFile,
    items: Sequence[Any],
    asking: Asking,
    done: frozenset[int],
    judge: Judge,
) -> Iterator[list[Record]]:
    prompts = [benchmark.prompt(item, chat=asking.chat) for item in items]
    key = device_key(asking.seed, "benchmark", benchmark.name)
    for batch in completions(who, prompts, asking.sampling(benchmark), key, done):
        answered = [(items[each.place], each.found) for each in batch]
        records = generated(benchmark, file, answered, judge)
        yield _with_cuts(records, [each.cut for each in batch])


def _scored(
    who: Respondent,
    benchmark: Likelihood[Any],
    file: DataFile,
    items: Sequence[Any],
    done: frozenset[int],
) -> Iterator[list[Record]]:
    comparisons = [benchmark.comparison(item) for item in items]
    for batch in likelihoods(who, comparisons, done):
        scored = [(items[each.place], each.found) for each in batch]
        records = compared(benchmark, file, scored)
        yield _with_cuts(records, [each.cut for each in batch])


def _with_cuts(records: Sequence[Record], cuts: Sequence[int]) -> list[Record]:
    return [
        replace(record, notes={**record.notes, "cut": cut}) if cut else record
        for record, cut in zip(records, cuts, strict=True)
    ]
