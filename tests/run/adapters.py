"""A whole run of two adapters over a small frozen checkpoint, for tests and for trying things.

Command:  python -m tests.run.checkpoints runs/checkpoints
          python run.py --config=tests/run/adapters.py --config.model.path=runs/checkpoints/qwen2
"""

from dataclasses import replace

from sinq_jax.config import Config, Model, Players, Selfplay, Tokenizer
from tests.run.small import get_config as small


def get_config() -> Config:
    """Return the small run with two adapters that learn in place of all weights."""
    config = small()
    return replace(
        config,
        name="adapters",
        tokenizer=Tokenizer("checkpoint"),
        model=Model(param_dtype="bfloat16"),
        players=Players(shared=False, adapter_rank=4),
        warm_start=replace(config.warm_start, steps=4, rise_steps=1, log_every=2, labels=1),
        selfplay=Selfplay(rounds=2, originals=4, variants=4, answers=4),
        rollout=replace(
            config.rollout, prompt_tokens=128, generator_tokens=48, evaluator_tokens=48
        ),
        learning=replace(config.learning, evaluator_batch=8, generator_batch=8),
        benchmark=replace(config.benchmark, every_rounds=1),
        checkpoint=replace(config.checkpoint, every_steps=2),
    )
