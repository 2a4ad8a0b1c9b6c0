"""A game on few originals, each played again and again: what ablations of variety begin with.

Command:  python run.py --config=configs/ablations/few_originals.py --workdir=runs/few_originals
Hardware: 2 CPU cores, 4 GiB of memory
Time:     2 minutes

Behaviours are counted (8 probe inputs) and nothing follows from it: this is the arm without quotas.
With so few originals a generator soon writes what it wrote before.
"""

from dataclasses import replace

from configs import tiny
from sinq_jax.config import Benchmark, Config, Programs, Variety


def get_config() -> Config:
    """Return the tiny game with 60 originals, a smaller model and 40 rounds."""
    config = tiny.get_config()
    return replace(
        config,
        name="few_originals",
        programs=Programs(train=60, validation=0, held_out=160),
        model=replace(config.model, width=64, layers=2, heads=2, kv_heads=1, mlp=192),
        warm_start=replace(
            config.warm_start,
            programs=60,
            pairs=240,
            steps=200,
            evaluator_batch=16,
            generator_batch=24,
        ),
        selfplay=replace(config.selfplay, rounds=40, originals=24, variants=6, answers=4),
        rollout=replace(config.rollout, prompts_per_batch=24),
        learning=replace(
            config.learning,
            evaluator_batch=16,
            generator_batch=16,
            evaluator_groups=24,
            generator_groups=24,
        ),
        variety=Variety(probes=8),
        benchmark=Benchmark(pairs=120, samples=2, every_rounds=40, originals=40, inputs=32),
    )
