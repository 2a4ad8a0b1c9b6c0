"""Small models of every family, each with the options that a mistake would hide behind.

As arguments of the configuration classes of ``transformers``. The texts they are asked about have
up to 76 tokens: longer than every window, and than the context that every scaling starts from.
"""

from typing import Any

VOCAB = 96
PROMPT, NEW = 12, 64

_SMALL = {
    "vocab_size": VOCAB,
    "hidden_size": 32,
    "intermediate_size": 40,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
    "bos_token_id": None,
    "eos_token_id": None,
    "pad_token_id": None,
}


def _case(model_type: str, **options: Any) -> dict[str, Any]:
    return {**_SMALL, "model_type": model_type, **options}


CASES = {
    "qwen2": _case("qwen2", tie_word_embeddings=True, rope_parameters={"rope_theta": 1e6}),
    "qwen2-window": _case(
        "qwen2",
        tie_word_embeddings=False,
        use_sliding_window=True,
        sliding_window=9,
        max_window_layers=1,
        num_key_value_heads=1,
    ),
    "qwen3-yarn": _case(
        "qwen3",
        head_dim=12,
        tie_word_embeddings=False,
        rope_parameters={
            "rope_type": "yarn",
            "rope_theta": 1e4,
            "factor": 4.0,
            "original_max_position_embeddings": 32,
            "beta_fast": 4.0,
        },
    ),
    "llama3": _case(
        "llama",
        head_dim=12,
        tie_word_embeddings=False,
        rms_norm_eps=1e-5,
        rope_parameters={
            "rope_type": "llama3",
            "rope_theta": 500.0,
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 24,
        },
    ),
    "llama-bias-linear": _case(
        "llama",
        attention_bias=True,
        tie_word_embeddings=True,
        rope_parameters={"rope_type": "linear", "rope_theta": 1e4, "factor": 4.0},
    ),
    "gemma2": _case(
        "gemma2",
        head_dim=12,
        num_hidden_layers=4,
        sliding_window=7,
        query_pre_attn_scalar=20,
        attn_logit_softcapping=3.0,
        final_logit_softcapping=8.0,
    ),
    "gemma3": _case(
        "gemma3_text",
        head_dim=12,
        num_hidden_layers=7,
        sliding_window=6,
        query_pre_attn_scalar=10,
        rope_parameters={
            "full_attention": {"rope_type": "linear", "rope_theta": 1e3, "factor": 8.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 50.0},
        },
    ),
}
