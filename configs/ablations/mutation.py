"""Fixed mutation operators in the generator's place: what the tiny game's generator has to beat.

Command:  python run.py --config=configs/ablations/mutation.py --workdir=runs/mutation
Against:  configs/tiny.py, at equal steps; python run.py --job=compare runs/tiny* runs/mutation*
Hardware: 2 CPU cores, 4 GiB of memory
Time:     10 minutes at most

The evaluator learns from mutants of the originals of play instead of the generator's variants; all
else is the tiny game.
"""

from dataclasses import replace

from configs import tiny
from sinq_jax.config import Config


def get_config() -> Config:
    """Return the tiny game in which mutation operators write."""
    config = tiny.get_config()
    return replace(config, name="mutation", selfplay=replace(config.selfplay, writer="mutation"))
