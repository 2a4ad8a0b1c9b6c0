"""Self-play of Qwen2.5-Coder-1.5B-Instruct with MBPP's programs; all weights learn.

Command:  python run.py --config=configs/coder_1p5b.py --config.model.path=DIR
          --config.programs.path=mbpp.jsonl
On TPUs:  the same with --config.mesh.fsdp=16 --config.rollout.fsdp=1 and batches that 16 divides
          (--config.rollout.prompts_per_batch=16 --config.learning.accumulation=1) on a v5e-16
Data:     DIR is the model's Hugging Face directory; mbpp.jsonl as published, unchanged
Hardware: one GPU of 80 GB or more
Memory:   learning 71 GiB, of which 17 are weights and optimizer, sampling 11 beside these (what
          XLA asks for when it compiles these programs for one v5p; no card has run them). Give
          JAX the whole card: XLA_PYTHON_CLIENT_MEM_FRACTION=0.95
Time:     not measured. Reading weights and caches alone takes a round 40 seconds at an H100's 3.35
          TB/s; no run is as fast as that
"""

from sinq_jax.config import (
    Benchmark,
    Checkpoint,
    Config,
    Learning,
    Model,
    Players,
    Programs,
    Prompts,
    Rollout,
    Selfplay,
    Tokenizer,
    WarmStart,
)


def get_config() -> Config:
    """Return the game of a Qwen2.5-Coder of 1.5 billion weights, all of which learn."""
    return Config(
        name="coder_1p5b",
        programs=Programs(source="jsonl", path="mbpp.jsonl"),
        tokenizer=Tokenizer(kind="checkpoint"),
        prompts=Prompts(style="program", chat=True),
        model=Model(shape="qwen2.5-1.5b", dtype="bfloat16", unroll=1, remat=True),
        players=Players(shared=True),
        # It writes programs already: play begins at once.
        warm_start=WarmStart(pairs=0, steps=0, labels=1),
        selfplay=Selfplay(rounds=100, originals=64, variants=8, answers=8),
        rollout=Rollout(
            prompt_tokens=1024, generator_tokens=1024, evaluator_tokens=768, prompts_per_batch=16
        ),
        learning=Learning(
            learning_rate=1e-6,
            final_learning_rate=1e-7,
            updates=2,
            evaluator_batch=16,
            generator_batch=16,
            evaluator_groups=16,
            generator_groups=16,
            accumulation=16,
            replay_share=0.0,
        ),
        benchmark=Benchmark(pairs=400, samples=4, originals=64, every_rounds=10),
        checkpoint=Checkpoint(every_rounds=5),
    )
