"""A whole run in seconds, for tests and for trying things. It knows half a dozen programs by heart.

Command:  python run.py --config=tests/run/small.py --workdir=runs/small
"""

from sinq_jax.config import (
    Benchmark,
    Checkpoint,
    Config,
    Learning,
    Model,
    Programs,
    Rollout,
    Selfplay,
    WarmStart,
)


def get_config() -> Config:
    """Return a run whose players find some variants and some inputs, and fail at others."""
    return Config(
        name="small",
        programs=Programs(train=6, validation=0, held_out=4),
        model=Model(width=32, layers=1, heads=2, kv_heads=1, head_dim=16, mlp=64),
        warm_start=WarmStart(
            pairs=12,
            steps=50,
            evaluator_batch=8,
            generator_batch=8,
            learning_rate=1e-2,
            rise_steps=5,
            log_every=10,
        ),
        selfplay=Selfplay(rounds=3, originals=4, variants=4, answers=4),
        rollout=Rollout(
            prompt_tokens=64, generator_tokens=24, evaluator_tokens=16, prompts_per_batch=8
        ),
        learning=Learning(
            evaluator_batch=4, generator_batch=4, evaluator_groups=4, generator_groups=4
        ),
        benchmark=Benchmark(pairs=8, samples=4, originals=4, inputs=16, every_rounds=2),
        checkpoint=Checkpoint(every_rounds=1, every_steps=20),
    )
