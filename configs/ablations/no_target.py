"""The tiny game without difficulty targets: one level in all prompts, and pay for learnability.

Command:  python run.py --config=configs/ablations/no_target.py --workdir=runs/no_target
Against:  configs/tiny.py, which pays for closeness to the target
Hardware: 2 CPU cores, 4 GiB of memory
Time:     10 minutes at most
"""

from dataclasses import replace

from configs import tiny
from sinq_jax.config import Config


def get_config() -> Config:
    """Return the tiny game whose generator is paid s(n-s)/(n(n-1)), whatever was asked for."""
    config = tiny.get_config()
    play = replace(config.selfplay, lowest_target=5, highest_target=5)
    pay = replace(config.rewards, generator="learnability")
    return replace(config, name="no_target", selfplay=play, rewards=pay)
