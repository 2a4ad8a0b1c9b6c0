"""The small run by the paper's procedure: two rounds, each trained in two stretches.

Command:  python run.py --config=tests/run/paper.py --workdir=runs/small-paper
"""

from dataclasses import replace

from sinq_jax.config import Config, Paper, Players
from tests.run.small import get_config as small


def get_config() -> Config:
    """Return a run whose generators find variants of every kind of difficulty."""
    config = small()
    return replace(
        config,
        name="paper",
        # An evaluator of its own that has learned less: some variants are hard for it.
        players=Players(shared=False),
        warm_start=replace(config.warm_start, steps=80, generator_batch=16, evaluator_batch=1),
        selfplay=replace(
            config.selfplay,
            rounds=2,
            originals=6,
            variants=12,
            lowest_target=7,  # what the warm start teaches: 10 has no examples there
            highest_target=7,
        ),
        rollout=replace(config.rollout, temperature=0.7),
        rewards=replace(config.rewards, max_density=1.0),
        learning=replace(config.learning, procedure="paper", updates=16, learning_rate=3e-3),
        # In the middle of a training too.
        checkpoint=replace(config.checkpoint, every_steps=10),
        paper=Paper(sequences=4, sequence_tokens=192, pairs=4, evaluator_updates=12),
    )
