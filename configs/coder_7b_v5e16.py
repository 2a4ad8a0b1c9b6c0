"""Self-play of Qwen2.5-Coder-7B-Instruct on 16 TPU v5e: two adapters over frozen weights.

Command:  python run.py --config=configs/coder_7b_v5e16.py --config.model.path=DIR
          --config.programs.path=mbpp.jsonl
Plan:     python run.py --job=plan --config=configs/coder_7b_v5e16.py --topology=v5e:4x4
Data:     DIR is the model's Hugging Face directory; mbpp.jsonl as published, unchanged
Hardware: 16 TPU v5e in four by four, of which a program has 15.75 GiB each
Memory:   learning 5.5 GiB of each chip, sampling 9.5 (the planner's estimates, of what XLA asks for
          when it compiles the programs; no chip has run them)
Time:     a round takes 7 minutes at the chips' ceilings, without the sandbox (the planner's
          estimate; not measured, and no run is as fast)
"""

from dataclasses import replace

from configs.coder_7b import get_config as coder_7b
from sinq_jax.config import Config, Mesh


def get_config() -> Config:
    """Return the game of a frozen 7B model, its weights split by sixteen to learn and by four to
    sample.
    """
    config = coder_7b()
    return replace(
        config,
        name="coder_7b_v5e16",
        mesh=Mesh(fsdp=4, tensor=4),
        rollout=replace(config.rollout, fsdp=1, tensor=4, prompts_per_batch=32),
        learning=replace(config.learning, accumulation=4),
    )
