"""The game with MBPP's programs, as people write them: 374 to play with, 500 held out.

Command:  python run.py --config=configs/mbpp.py --config.programs.path=mbpp.jsonl
Data:     mbpp.jsonl as published (github.com/google-research/google-research, mbpp/), unchanged
Hardware: 2 CPU cores, 4 GiB of memory
Time:     10 minutes at most

A model this small learns from scratch to write edits that parse, and finds few inputs: real
programs are long and all different. What this shows is the path that a pretrained model takes.
"""

from sinq_jax.config import (
    Benchmark,
    Checkpoint,
    Config,
    Learning,
    Programs,
    Rollout,
    Selfplay,
    WarmStart,
)


def get_config() -> Config:
    """Return a short run over MBPP's file in the current directory."""
    return Config(
        name="mbpp",
        programs=Programs(source="jsonl", path="mbpp.jsonl"),
        warm_start=WarmStart(pairs=800, steps=300, evaluator_batch=8, generator_batch=8, labels=1),
        selfplay=Selfplay(rounds=10, originals=24, variants=4, answers=4),
        rollout=Rollout(
            prompt_tokens=192, generator_tokens=48, evaluator_tokens=32, prompts_per_batch=24
        ),
        learning=Learning(
            updates=1,
            evaluator_batch=8,
            generator_batch=8,
            evaluator_groups=8,
            generator_groups=8,
        ),
        benchmark=Benchmark(pairs=96, samples=4, originals=48, every_rounds=10),
        checkpoint=Checkpoint(every_rounds=5, every_steps=100),
    )
