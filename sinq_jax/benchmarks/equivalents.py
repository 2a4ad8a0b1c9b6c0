"""Balanced accuracy: does the evaluator find inputs where there are some, and say so where not?"""

import numpy as np
from numpy.typing import NDArray

from sinq_jax.experiment import Experiment, Policies
from sinq_jax.game.prompts import Reply
from sinq_jax.randomness import device_key
from sinq_jax.rollout import Decoding
from sinq_jax.statistics import Estimate, balanced_rate, clustered_rate


def recognised(
    experiment: Experiment, policies: Policies, temperature: float, samples: int
) -> NDArray[np.float64]:
    """Each held-out equivalent pair's share of ``samples`` answers that say "equivalent", float64
    ``[pairs]``; unparsable ones count as wrong. The same noise at every call.
    """
    config, form = experiment.config, experiment.form
    groups = experiment.roller(
        policies["evaluator"],
        [
            form.evaluator_prompt(pair.original.source, pair.variant, pair.original.entry_point)
            for pair in experiment.exam_equivalents
        ],
        samples,
        Decoding(
            temperature, config.rollout.top_p, config.rollout.top_k, config.rollout.evaluator_tokens
        ),
        device_key(config.seed, "benchmark", "equivalents"),
    )
    told = [
        completion.finished and form.parse_reply(completion.text) == Reply(None)
        for group in groups
        for completion in group.completions
    ]
    shares: NDArray[np.float64] = np.array(told, np.float64).reshape(-1, samples).mean(axis=1)
    return shares


def balanced_accuracy(
    experiment: Experiment, policies: Policies, success: NDArray[np.float64]
) -> dict[str, Estimate]:
    """What ``benchmark/...`` says of equivalent pairs, none where the config asks for none.

    ``recognised`` is the share of "equivalent" on held-out equivalent pairs, ``balanced_accuracy``
    the mean of that and of the solve rate on different ones, whose ``success`` is given, float64
    ``[pairs]``. Intervals resample programs.
    """
    if not experiment.exam_equivalents:
        return {}
    config = experiment.config
    shares = recognised(
        experiment, policies, config.rollout.temperature, config.benchmark.samples
    ).tolist()
    alike = [pair.original.name for pair in experiment.exam_equivalents]
    different = [pair.original.name for pair in experiment.exam]
    return {
        "recognised": clustered_rate(shares, alike),
        "balanced_accuracy": balanced_rate((success.tolist(), different), (shares, alike)),
    }
