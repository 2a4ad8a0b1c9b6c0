"""The whole game from scratch on a laptop: small built-in programs and a 0.6M-parameter model.

Command:  python run.py --config=configs/tiny.py --workdir=runs/tiny
Control:  the same with --config.play=False --workdir=runs/tiny-control
Hardware: 2 CPU cores, 4 GiB of memory
Time:     10 minutes at most, 6 for the control

500 of the 3,000 originals are labelled by brute force (800 pairs) and teach the warm start; the
others are only played with. That is where play can win: it makes verified games of programs that
nobody labelled, while the control arm can only go on with the labels it has.
"""

from sinq_jax.config import (
    Benchmark,
    Checkpoint,
    Config,
    Learning,
    Programs,
    Rollout,
    Sandbox,
    Selfplay,
    WarmStart,
)


def get_config() -> Config:
    """Return the tiny game."""
    return Config(
        name="tiny",
        programs=Programs(train=3000, validation=0, held_out=1800),
        warm_start=WarmStart(
            programs=500,
            pairs=800,
            steps=300,
            evaluator_batch=32,
            generator_batch=48,
            labels=1,
            learning_rate=2e-3,
            decay_share=0.3,
        ),
        selfplay=Selfplay(
            rounds=130,
            originals=48,
            variants=4,
            answers=8,
            lowest_target=5,
            highest_target=8,
        ),
        # The longest prompts and answers of the family; a longer one is left out, and counted.
        rollout=Rollout(
            prompt_tokens=56, generator_tokens=24, evaluator_tokens=12, prompts_per_batch=48
        ),
        learning=Learning(
            learning_rate=1e-3,
            decay_share=0.4,
            updates=1,
            evaluator_batch=48,
            generator_batch=32,
            evaluator_groups=48,
            generator_groups=32,
            replay_share=0.3,
            policy_share=2.0,
            memory_rounds=30,
            most_solved=0.7,
        ),
        # The family's programs end within milliseconds; a loop that does not end costs its limit.
        sandbox=Sandbox(cpu_s=0.1, confirm_cpu_s=0.5),
        benchmark=Benchmark(pairs=1400, samples=4, every_rounds=65, originals=160, inputs=48),
        checkpoint=Checkpoint(every_rounds=20, every_steps=150),
    )
