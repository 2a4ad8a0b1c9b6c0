"""The tiny game when the generator is always asked for the hardest variant, as in the paper.

Command:  python run.py --config=configs/ablations/hardest_target.py --workdir=runs/hardest_target
Against:  configs/tiny.py, which asks for 5 to 8
Hardware: 2 CPU cores, 4 GiB of memory
Time:     10 minutes at most
"""

from dataclasses import replace

from configs import tiny
from sinq_jax.config import Config


def get_config() -> Config:
    """Return the tiny game with the target 10 in every prompt."""
    config = tiny.get_config()
    play = replace(config.selfplay, lowest_target=10, highest_target=10)
    return replace(config, name="hardest_target", selfplay=play)
