"""Few originals with a quota: a variant that behaves as one before it did earns nothing.

Command:  python run.py --config=configs/ablations/quota.py --workdir=runs/quota
Against:  configs/ablations/few_originals.py; compare archive/distinct_per_100 of the last rounds
Hardware: 2 CPU cores, 4 GiB of memory
Time:     1 minute
"""

from dataclasses import replace

from configs.ablations import few_originals
from sinq_jax.config import Config


def get_config() -> Config:
    """Return the game on few originals with one paid variant of each behaviour."""
    config = few_originals.get_config()
    return replace(config, name="quota", variety=replace(config.variety, quota=1))
