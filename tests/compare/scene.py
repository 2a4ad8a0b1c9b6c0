"""Workdirs as finished runs leave them, made by hand: what is compared is known beforehand."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from sinq_jax.config import Config
from sinq_jax.config.schema import flatten, nest
from sinq_jax.metrics import Exam, ItemLog, Items, MetricsWriter

PAIRS, SAMPLES, WARM, ROUNDS = 120, 4, 30, 10


def finished(
    workdir: Path,
    config: Config,
    success: float,
    *,
    updates: int = ROUNDS,
    finish: bool = True,
    exam: str = "",
    falsely_proven: float | None = None,
) -> Path:
    """Write a run whose held-out success goes from about 0.3 to about ``success``. Of round r of
    play, r times ``falsely_proven`` of what was admitted is so.
    """
    workdir.mkdir(parents=True)
    (workdir / "config.json").write_text(json.dumps({"config": nest(flatten(config))}))
    names = tuple(f"f/{i // 2}" for i in range(PAIRS))
    identity = Exam(exam or f"seed {config.seed}", names, SAMPLES)
    ease = np.random.default_rng(config.seed).normal(0, 0.15, PAIRS)
    moments = [(0, 0, 0.2), (0, WARM, 0.3), (ROUNDS, WARM + updates, success)]
    log = ItemLog(workdir)
    with MetricsWriter(workdir) as metrics:
        for number, step, chance in moments:
            if number and falsely_proven is not None:
                for each in range(1, number):
                    told = {"generator/falsely_proven": each * falsely_proven}
                    metrics.write(each, WARM + each * updates // ROUNDS, told)
            items = drawn(number, step, chance, ease, config)
            mean = sum(items.sampled) / PAIRS / SAMPLES
            metrics.write(number, step, benchmark(mean, sum(items.greedy) / PAIRS))
            log.write(identity, items)
        if not finish:
            metrics.write(ROUNDS + 1, WARM + updates + 1, {"learning/rate": 0.1})
    return workdir


def drawn(number: int, step: int, chance: float, ease: np.ndarray, config: Config) -> Items:
    """Equal seeds share the warm start to the bit, as runs do."""
    later = [config.play, config.learning.updates] if number else []
    rng = np.random.default_rng([config.seed, step, *later])
    rates = np.clip(chance + ease, 0, 1)
    sampled = rng.binomial(SAMPLES, rates)
    greedy = rng.binomial(1, rates)
    return Items(number, step, tuple(sampled.tolist()), tuple(greedy.tolist()))


def benchmark(success: float, greedy: float) -> dict[str, float]:
    return {
        "benchmark/success": success,
        "benchmark/success_low": success - 0.02,
        "benchmark/success_high": success + 0.02,
        "benchmark/success_n": PAIRS,
        "benchmark/greedy": greedy,
        "benchmark/generator_validity": 0.4,
    }


def arms(folder: Path, gain: float, seeds: int = 3) -> list[Path]:
    """Play and control on the same seeds; play ends ``gain`` higher."""
    made = []
    for seed in range(seeds):
        for play in (True, False):
            config = replace(Config(), name="toy", seed=seed, play=play)
            end = 0.3 + 0.004 * seed + (gain if play else 0.0)
            made.append(finished(folder / f"{seed}-{play}", config, end))
    return made
