"""The tiny game paid by the quirky judge of the authors' harness, as far as outcomes tell.

Command:  python run.py --config=configs/ablations/quirky_judge.py --workdir=runs/quirky_judge
Against:  configs/tiny.py, which the sound judge pays
Hardware: 2 CPU cores, 4 GiB of memory
Time:     10 minutes at most

Each game keeps the sound verdict: generator/falsely_proven and generator/suspect_rate say, round by
round, how a weak judge is harvested.
"""

from dataclasses import replace

from configs import tiny
from sinq_jax.config import Config


def get_config() -> Config:
    """Return the tiny game with the quirky judge."""
    config = tiny.get_config()
    return replace(config, name="quirky_judge", rewards=replace(config.rewards, judge="quirky"))
