"""Small random checkpoints of every family as people download them: config, weights, tokenizer.

``python -m tests.run.checkpoints FOLDER`` writes all of them.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from sinq_jax.game.prompts import ProgramFormat
from sinq_jax.models.families import spec_of
from sinq_jax.models.transformer import init_params
from sinq_jax.models.weights import save_params
from sinq_jax.programs.builtin import handwritten

STOP, BEGIN, END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
CHAT = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)

_SMALL: Mapping[str, Any] = {
    "vocab_size": 512,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 16,
    "max_position_embeddings": 1024,
}
CONFIGS: Mapping[str, Mapping[str, Any]] = {
    "qwen2": {"tie_word_embeddings": True},
    "qwen3": {"tie_word_embeddings": False},
    "llama": {
        "tie_word_embeddings": False,
        "rope_scaling": {
            "rope_type": "llama3",
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 64,
        },
    },
    "gemma2": {"sliding_window": 24, "query_pre_attn_scalar": 20},
    "gemma3_text": {
        "sliding_window": 24,
        "sliding_window_pattern": 2,
        "query_pre_attn_scalar": 10,
        "rope_scaling": {"rope_type": "linear", "factor": 8.0},
    },
}
"""What each family has in its ``config.json`` beside ``_SMALL``. Windows are shorter than any
prompt of a game.
"""


def write_checkpoint(directory: Path, family: str, seed: int = 0) -> Path:
    """Writes a Hugging Face directory of two layers that fits the game's prompts; returns it."""
    config = {"model_type": family, **_SMALL, **CONFIGS[family]}
    spec = spec_of(config)
    params = jax.jit(init_params, static_argnums=0)(spec, jax.random.key(seed))
    save_params(directory, spec, params, config, dtype="float32")
    write_tokenizer(directory)
    return directory


def write_tokenizer(directory: Path, vocab_size: int = 500) -> None:
    """A byte-level BPE of the built-in programs and their prompts, with a chat template."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[STOP, BEGIN, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    form = ProgramFormat()
    texts = [form.generator_prompt(program, 5) for program in handwritten()]
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.save(str(directory / "tokenizer.json"))
    declared = {"eos_token": STOP, "chat_template": CHAT, "add_bos_token": False}
    (directory / "tokenizer_config.json").write_text(json.dumps(declared), encoding="utf-8")


if __name__ == "__main__":
    for each in CONFIGS:
        print(write_checkpoint(Path(sys.argv[1]) / each, each))
