"""A tokenizer, a model and a roller small enough to compile in seconds."""

from functools import cache

import jax

from sinq_jax.learning.train_step import make_optimizer
from sinq_jax.mesh import make_mesh
from sinq_jax.models.spec import ModelSpec
from sinq_jax.origins import FromScratch
from sinq_jax.players import Learner, Players
from sinq_jax.rollout import Decoding, Roller
from sinq_jax.tokenizers import LexicalTokenizer

TOKENIZER = LexicalTokenizer([" return", "    ", "def f"])
SPEC = ModelSpec(
    vocab=TOKENIZER.vocab_size, width=8, layers=1, heads=2, kv_heads=1, head_dim=4, mlp=8
)
DECODING = Decoding(temperature=1.0, top_p=1.0, top_k=0, new_tokens=5)
GROUP = 2


def learner(*, shared: bool = True) -> Learner:
    optimizer = make_optimizer(1.0, 0.01, 0.9, 0.95)
    return Learner(FromScratch(SPEC, make_mesh(-1, 1, 1)), optimizer, shared, accumulation=1)


def roller(prompts_per_batch: int = 4, prompt_tokens: int = 16) -> Roller:
    return Roller(SPEC, make_mesh(-1, 1, 1), TOKENIZER, prompt_tokens, prompts_per_batch)


@cache
def players() -> Players:
    """Fresh ones, for sampling alone: an update would consume them."""
    return learner().new_players(jax.random.key(0))
