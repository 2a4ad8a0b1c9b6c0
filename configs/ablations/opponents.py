"""The tiny game with past players as opponents in three originals of ten.

Command:  python run.py --config=configs/ablations/opponents.py --workdir=runs/opponents
Against:  configs/tiny.py, in which today's players meet each other alone
Hardware: 2 CPU cores, 4 GiB of memory
Time:     10 minutes at most
"""

from dataclasses import replace

from configs import tiny
from sinq_jax.config import Config, League


def get_config() -> Config:
    """Return the tiny game with a league, which also keeps the players for --job=crossplay."""
    league = League(every_rounds=13, generator_share=0.2, evaluator_share=0.1, sampling="regret")
    return replace(tiny.get_config(), name="opponents", league=league)
