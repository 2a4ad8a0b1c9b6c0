"""The paper's DPO variant: pairs of a hard and an easy variant of the same original.

Command:  python run.py --config=configs/paper_dpo.py --config.model.path=DIR
          --config.programs.path=mbpp.jsonl
Data:     as for configs/paper_mbpp.py, which this changes in how the generator learns and no more
Hardware: one GPU of 80 GB or more
Memory:   not measured; by arithmetic that of configs/paper_mbpp.py: a micro-batch is one pair
Time:     not measured; that of configs/paper_mbpp.py, with 100 steps of 16 pairs in a round
"""

from dataclasses import replace

from configs.paper_mbpp import get_config as paper_mbpp
from sinq_jax.config import Config


def get_config() -> Config:
    """Return the paper's procedure with direct preference optimisation."""
    config = paper_mbpp()
    return replace(
        config,
        name="paper_dpo",
        learning=replace(
            config.learning, updates=100, learning_rate=2e-5, final_learning_rate=2e-6
        ),
        paper=replace(config.paper, objective="preferences", beta=0.1),
    )
