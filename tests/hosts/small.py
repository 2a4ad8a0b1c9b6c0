"""The small run of the tests with batches that four and eight devices divide, past players, and
benchmarks that run programs, judge pairs and compare likelihoods.

Command:  python run.py --config=tests/hosts/small.py --workdir=runs/hosts
"""

from dataclasses import replace
from pathlib import Path

from sinq_jax.config import Config, League, Selfplay, Suites
from tests.run.small import get_config as small


def get_config() -> Config:
    """Return the small run with a shorter warm start and two rounds with opponents."""
    config = small()
    return replace(
        config,
        name="hosts",
        warm_start=replace(
            config.warm_start, steps=24, learning_rate=3e-2, rise_steps=3, log_every=8
        ),
        selfplay=Selfplay(rounds=2, originals=4, variants=4, answers=4),
        learning=replace(
            config.learning,
            evaluator_batch=8,
            generator_batch=8,
            evaluator_groups=8,
            generator_groups=8,
        ),
        checkpoint=replace(config.checkpoint, every_steps=8),
        league=League(
            every_rounds=1, keep=2, generator_share=0.25, evaluator_share=0.25, sampling="regret"
        ),
        suites=Suites(
            names=("cruxeval_output", "defect_likelihood", "sinq"),
            every_rounds=1,
            samples=2,
            prompt_tokens=64,
            new_tokens=16,
            data=str(Path(__file__).parent / "data"),
        ),
        limit=5,
    )
