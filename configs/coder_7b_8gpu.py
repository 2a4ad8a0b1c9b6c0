"""Self-play of Qwen2.5-Coder-7B-Instruct on one host of eight GPUs; all weights learn.

Command:  python run.py --config=configs/coder_7b_8gpu.py --config.model.path=DIR
          --config.programs.path=mbpp.jsonl
Plan:     python run.py --job=plan --config=configs/coder_7b_8gpu.py on the host itself; with
          --topology=cpu:8 anywhere, which asks for more
Data:     DIR is the model's Hugging Face directory; mbpp.jsonl as published, unchanged
Hardware: one host of eight GPUs of 80 GB or more
Memory:   compiled for eight CPU devices: learning 39.5 GiB of each, sampling 80.3, of which 14 are
          weights and 2 the cache. XLA computes narrow products on a CPU with float32 copies of the
          weights, which a GPU needs not, so sampling takes less there; if it does not fit, halve
          --config.rollout.prompts_per_batch or set --config.rollout.tensor=2
Time:     neither measured nor planned: the planner knows no ceilings of CPUs and GPUs
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
