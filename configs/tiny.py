"""The whole game from scratch on a laptop: small built-in programs and a small model.

Command:  python run.py --config=configs/tiny.py --workdir=runs/tiny
Control:  the same with --config.play=False --workdir=runs/tiny-control
Hardware: 2 CPU cores, 4 GiB of memory
Time:     10 minutes at most
"""

from sinq_jax.config import Config


def get_config() -> Config:
    """Return the defaults, which are made for this experiment."""
    return Config(name="tiny")
