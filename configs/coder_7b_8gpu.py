"""Self-play of Qwen2.5-Coder-7B-Instruct on one host of eight GPUs; all weights learn.

Command:  python run.py --config=configs/coder_7b_8gpu.py --config.model.path=DIR
          --config.programs.path=mbpp.jsonl
Plan:     python run.py --job=plan --config=configs/coder_7b_8gpu.py on the host itself
Data:     DIR is the model's Hugging Face directory; mbpp.jsonl as published, unchanged
Hardware: one host of eight GPUs of 80 GB or more
Memory:   not compiled yet; by the arrays' sizes each GPU holds at least 14 GiB to learn and 27 to
          sample, activations and a second copy of the weights while sampling (14 GiB) not included
Time:     neither measured nor planned yet
"""

from dataclasses import replace

from configs.coder_1p5b import get_config as coder_1p5b
from sinq_jax.config import Config, Mesh


def get_config() -> Config:
    """Return the game of a 7B model that learns as a whole; each GPU samples with all weights."""
    config = coder_1p5b()
    return replace(
        config,
        name="coder_7b_8gpu",
        model=replace(config.model, shape="qwen2.5-7b"),
        mesh=Mesh(fsdp=8),
        rollout=replace(config.rollout, fsdp=1, prompts_per_batch=32),
        learning=replace(config.learning, accumulation=2),
    )
