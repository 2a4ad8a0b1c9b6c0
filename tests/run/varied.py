"""The small run with an archive, quotas, an edit budget, equivalent pairs and a quirky judge: what
a killed one must make again from its stored games.

Command:  python run.py --config=tests/run/varied.py --workdir=runs/varied
"""

from dataclasses import replace

from sinq_jax.config import Config, Variety
from tests.run import small


def get_config() -> Config:
    """Return a run in which each of these has something to do."""
    config = small.get_config()
    return replace(
        config,
        name="varied",
        selfplay=replace(config.selfplay, rounds=2, equivalent_share=0.4),
        rollout=replace(config.rollout, prompt_tokens=96),
        rewards=replace(config.rewards, judge="quirky"),
        benchmark=replace(config.benchmark, equivalent_pairs=4),
        variety=Variety(probes=4, quota=1, over_quota_pay=0.25, edit_budget=0.6),
    )
