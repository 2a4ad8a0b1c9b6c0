"""The paper's procedure (arXiv 2505.03818) with MBPP and adapters over a frozen Qwen2.5-Coder.

Command:  python run.py --config=configs/paper_mbpp.py --config.model.path=DIR
          --config.programs.path=mbpp.jsonl
Control:  the same with --config.warm_start.games=published.jsonl --config.play=False
1.5B:     the same with --config.model.shape=qwen2.5-1.5b
Old sums: --config.paper.reference_quirks=True measures difficulty as the released code does
Data:     DIR is the model's Hugging Face directory; mbpp.jsonl as published, unchanged;
          published.jsonl is what python -m sinq_jax.intake keeps of published games
Hardware: one GPU of 80 GB or more
Memory:   learning 20 GiB, the weights in bfloat16 included (what XLA asks for when it compiles the
          step for one v5p; no card has run it); sampling not measured, by arithmetic some 30, of
          which the keys and values of 80 answers take 9
Time:     not measured. By arithmetic a round takes 2 to 3 hours on an H100: 41,000 answers of up to
          2,048 tokens in batches of 80, and 200 steps of 65,000 tokens
"""

from dataclasses import replace

from configs.coder_7b import get_config as coder
from sinq_jax.config import Config, Paper


def get_config() -> Config:
    """Return seven rounds over all 374 originals, ten variants of each and ten answers to each."""
    config = coder()
    return replace(
        config,
        name="paper_mbpp",
        selfplay=replace(
            config.selfplay,
            rounds=7,
            originals=374,
            variants=10,
            answers=10,
            ask_unproven=False,
            lowest_target=10,
            highest_target=10,
        ),
        rewards=replace(config.rewards, max_density=1.0),
        rollout=replace(
            config.rollout,
            temperature=1.0,
            top_p=0.7,
            prompt_tokens=1024,
            generator_tokens=2048,
            evaluator_tokens=2048,
        ),
        # A step has some 70 rows; 4,984 rows, as in the release, pass by three times in a round.
        learning=replace(
            config.learning,
            procedure="paper",
            updates=200,
            learning_rate=1e-4,
            final_learning_rate=1e-5,
        ),
        paper=Paper(sequences=16, sequence_tokens=4096, pairs=16, evaluator_updates=75),
        benchmark=replace(config.benchmark, every_rounds=1),
        checkpoint=replace(config.checkpoint, every_rounds=1, every_steps=50),
    )
