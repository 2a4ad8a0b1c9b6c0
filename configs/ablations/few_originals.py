"""A game on few originals, each played again and again: what ablations of variety begin with.

Command:  python run.py --config=configs/ablations/few_originals.py --workdir=runs/few_originals
Hardware: 2 CPU cores, 4 GiB of memory
Time:     1 minute

Behaviours are counted (8 probe inputs) and nothing follows from it: this is the arm without quotas.
With so few originals a generator soon writes what it wrote before. The policy gradient weighs much
more than imitation, which replays each old variant once and so keeps a generator from one idea too.
"""

from dataclasses import replace

from configs import tiny
from sinq_jax.config import Benchmark, Config, Programs, Variety


def get_config() -> Config:
    """Return the tiny game with 36 originals and a small model that learns from play above all."""
    config = tiny.get_config()
    return replace(
        config,
        name="few_originals",
        programs=Programs(train=36, validation=0, held_out=60),
        model=replace(config.model, width=64, layers=1, heads=2, kv_heads=1, mlp=128),
        warm_start=replace(
            config.warm_start,
            programs=36,
            pairs=120,
            steps=200,
            evaluator_batch=8,
            generator_batch=16,
            learning_rate=5e-3,
        ),
        selfplay=replace(config.selfplay, rounds=40, originals=12, variants=6, answers=4),
        rollout=replace(config.rollout, prompts_per_batch=12),
        learning=replace(
            config.learning,
            evaluator_batch=8,
            generator_batch=8,
            evaluator_groups=12,
            generator_groups=12,
            learning_rate=2e-3,
            policy_share=50.0,
        ),
        variety=Variety(probes=8),
        benchmark=Benchmark(pairs=12, samples=2, every_rounds=40, originals=4, inputs=24),
    )
