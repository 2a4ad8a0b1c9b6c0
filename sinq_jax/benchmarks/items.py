"""The held-out benchmark pair by pair: what is kept so that runs can be compared on equal pairs."""

import hashlib
import json

import numpy as np
from numpy.typing import NDArray

from sinq_jax.benchmarks.held_out import Measured
from sinq_jax.experiment import Experiment
from sinq_jax.metrics import Exam, Items


def exam_of(experiment: Experiment) -> Exam:
    """The held-out pairs of an experiment, as they are named beside their results."""
    pairs = experiment.exam
    texts = [[p.original.source, p.variant, p.original.entry_point] for p in pairs]
    digest = hashlib.sha256(json.dumps(texts).encode()).hexdigest()
    names = tuple(pair.original.name for pair in pairs)
    return Exam(digest, names, experiment.config.benchmark.samples)


def items_of(measured: Measured, exam: Exam, number: int, step: int) -> Items:
    """What one measurement found of each pair, after ``step`` in round ``number``."""
    return Items(number, step, _counts(measured.success * exam.samples), _counts(measured.greedy))


def _counts(found: NDArray[np.float64]) -> tuple[int, ...]:
    return tuple(np.rint(found).astype(int).tolist())
