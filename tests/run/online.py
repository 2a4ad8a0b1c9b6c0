"""The small run with all that online learning can have: what a killed one must not forget.

Command:  python run.py --config=tests/run/online.py --workdir=runs/online
"""

from dataclasses import replace

from sinq_jax.config import Alarms, Config, Policy
from tests.run import small


def get_config() -> Config:
    """Return a run whose every feature of online learning acts, and whose alarms ring."""
    config = small.get_config()
    return replace(
        config,
        name="online",
        selfplay=replace(config.selfplay, rounds=2),
        policy=Policy(
            loss="clipped",
            clip_low=0.001,  # so low and high that some tokens are held by them within two updates
            clip_high=0.001,
            generator_kl=0.1,
            evaluator_kl=0.1,
            entropy_floor=1.0,
            entropy_floor_weight=0.05,
            baseline="running",
            reuse_groups=True,
        ),
        alarms=Alarms(validity=1.0, validity_rounds=2, none_solved=0.0, none_solved_rounds=1),
    )
