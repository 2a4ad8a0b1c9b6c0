"""The tiny game by the paper's procedure: the same warm start, games and steps as configs/tiny.py.

Command:  python run.py --config=configs/paper_tiny.py --workdir=runs/paper_tiny
Online:   python run.py --config=configs/tiny.py --workdir=runs/tiny
Control:  python run.py --config=configs/tiny.py --config.play=False --workdir=runs/tiny-control
Hardware: 2 CPU cores, 4 GiB of memory
Time:     14 minutes of CPU time, at most; configs/tiny.py, with as many games and steps, takes 12
"""

from dataclasses import replace

from configs.tiny import get_config as tiny
from sinq_jax.config import Config, Paper


def get_config() -> Config:
    """Return five rounds of play, 130 optimizer steps in all as in the tiny game."""
    config = tiny()
    return replace(
        config,
        name="paper_tiny",
        # 5 x 500 x 10 variants are 25,000 games; the tiny game has 130 x 48 x 4 = 24,960. It asks
        # for the hardest level that the warm start teaches, where the paper asks for 10.
        selfplay=replace(
            config.selfplay,
            rounds=5,
            originals=500,
            variants=10,
            answers=10,
            ask_unproven=False,
            lowest_target=8,
            highest_target=8,
        ),
        rewards=replace(config.rewards, max_density=1.0),  # the paper plays whatever is proven
        learning=replace(config.learning, procedure="paper", updates=13),
        # About as many tokens in a step as online.
        paper=Paper(sequences=96, sequence_tokens=192, evaluator_updates=65),
        benchmark=replace(config.benchmark, every_rounds=5),
        checkpoint=replace(config.checkpoint, every_rounds=1),
        # A best response learns for 39 steps, as long as that to the tiny game: 40.
        crossplay=replace(config.crossplay, response_rounds=3),
    )
