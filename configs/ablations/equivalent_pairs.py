"""The tiny game with equivalent pairs: a quarter of the evaluator's questions.

Command:  python run.py --config=configs/ablations/equivalent_pairs.py --workdir=runs/equivalent
Against:  the same with --config.selfplay.equivalent_share=0
Hardware: 2 CPU cores, 4 GiB of memory
Time:     12 minutes at most

Both arms measure balanced accuracy; prompts may be longer than in the tiny game, because a rewrite
may take more lines than an edit.
"""

from dataclasses import replace

from configs import tiny
from sinq_jax.config import Config


def get_config() -> Config:
    """Return the tiny game with a share of equivalent pairs, and held-out ones."""
    config = tiny.get_config()
    return replace(
        config,
        name="equivalent_pairs",
        selfplay=replace(config.selfplay, equivalent_share=0.25),
        rollout=replace(config.rollout, prompt_tokens=88),
        benchmark=replace(config.benchmark, equivalent_pairs=400),
    )
