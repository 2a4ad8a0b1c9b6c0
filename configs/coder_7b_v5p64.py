"""Self-play of Qwen2.5-Coder-7B-Instruct on 64 TPU v5p; all weights learn.

Command:  python run.py --config=configs/coder_7b_v5p64.py --config.model.path=DIR
          --config.programs.path=mbpp.jsonl
Plan:     python run.py --job=plan --config=configs/coder_7b_v5p64.py --topology=v5p:4x4x4
Data:     DIR is the model's Hugging Face directory; mbpp.jsonl as published, unchanged
Hardware: 64 TPU v5p chips in four by four by four, of 95 GiB each
Memory:   learning 12.4 GiB of each chip, sampling 8.6 (the planner's estimates, of what XLA asks
          for when it compiles the programs; no chip has run them)
Time:     36 s a round at the chip's ceilings, of which sampling takes 30, the sandbox not included;
          3.6 ms a decode step, 3.2 s an update, 102,000 sampled tokens/s in all. No run is as fast
"""

from dataclasses import replace

from configs.coder_1p5b import get_config as coder_1p5b
from sinq_jax.config import Config, Mesh


def get_config() -> Config:
    """Return the game of a 7B model that learns as a whole, in batches for 64 chips."""
    config = coder_1p5b()
    return replace(
        config,
        name="coder_7b_v5p64",
        model=replace(config.model, shape="qwen2.5-7b"),
        mesh=Mesh(fsdp=16, tensor=4),
        rollout=replace(config.rollout, fsdp=1, tensor=4, prompts_per_batch=64),
        learning=replace(
            config.learning,
            evaluator_batch=64,
            generator_batch=64,
            evaluator_groups=64,
            generator_groups=64,
            accumulation=2,
        ),
    )
