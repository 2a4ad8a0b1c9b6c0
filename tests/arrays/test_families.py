"""Claims about reading a config.json: the shape it means, in the words of any version, or one line
that says what is wrong.
"""

import re
from typing import Any

import pytest

from sinq_jax.models.config_json import FamilyError
from sinq_jax.models.families import FAMILIES, spec_of
from sinq_jax.models.shapes import SHAPES
from sinq_jax.models.spec import ModelSpec, RopeScaling
from sinq_jax.models.written_config import config_of
from tests.arrays.small import SPEC

QWEN, LLAMA, GEMMA2, GEMMA3 = (
    dict(SHAPES[name]) for name in ("qwen2.5-7b", "llama3.1-8b", "gemma2-9b", "gemma3-12b")
)


def without(config: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in config.items() if key not in keys}


def test_published_models_have_the_shapes_that_their_makers_name() -> None:
    qwen, gemma = spec_of(QWEN), spec_of(GEMMA3)
    sizes = qwen.width, qwen.layers, qwen.heads, qwen.kv_heads, qwen.head_dim
    assert sizes == (3584, 28, 28, 4, 128)
    assert (qwen.qkv_bias, qwen.output_bias, qwen.tied, qwen.windows) == (True, False, False, ())
    assert gemma.windows == (1024, 1024, 1024, 1024, 1024, 0) * 8
    assert (gemma.rope_theta, gemma.local_rope_theta) == (1e6, 1e4)
    assert gemma.rope == RopeScaling("linear", 8.0)
    assert spec_of(GEMMA2).windows == (4096, 0) * 21
    assert spec_of(LLAMA).rope == RopeScaling("llama3", 8.0, 8192, 1.0, 4.0)


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_says_its_config_json_and_is_read_from_it_again(name: str) -> None:
    spec = spec_of(SHAPES[name])
    family = SHAPES[name]["model_type"]
    assert spec_of(config_of(spec, family, positions=131_072)) == spec


def test_the_words_of_transformers_5_mean_what_those_of_4_meant() -> None:
    scaling = LLAMA["rope_scaling"]
    newer = without(LLAMA, "rope_scaling", "rope_theta")
    newer["rope_parameters"] = {**scaling, "rope_theta": LLAMA["rope_theta"]}
    assert spec_of(newer) == spec_of(LLAMA)

    newer = without(GEMMA3, "rope_scaling", "rope_theta", "rope_local_base_freq")
    newer["rope_parameters"] = {
        "full_attention": {**GEMMA3["rope_scaling"], "rope_theta": 1e6},
        "sliding_attention": {"rope_type": "default", "rope_theta": 1e4},
    }
    newer["layer_types"] = (["sliding_attention"] * 5 + ["full_attention"]) * 8
    assert spec_of(without(newer, "sliding_window_pattern")) == spec_of(GEMMA3)


def test_the_text_model_of_a_gemma_3_that_sees_images_is_read() -> None:
    """Published ones leave out of ``text_config`` whatever is the default of its class."""
    kept = ("hidden_size", "intermediate_size", "num_hidden_layers", "rope_scaling")
    text = {"model_type": "gemma3_text", "sliding_window": 1024} | {k: GEMMA3[k] for k in kept}
    seeing = {"model_type": "gemma3", "text_config": text, "vision_config": {}}
    wanted = spec_of({**GEMMA3, "num_attention_heads": 8, "num_key_value_heads": 4})
    assert spec_of(seeing) == wanted


def test_yarn_is_read_as_published_for_qwen() -> None:
    stated = {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32_768}
    rope = spec_of({**QWEN, "rope_scaling": stated}).rope
    assert rope is not None
    assert (rope.kind, rope.original_positions) == ("yarn", 32_768)
    assert (rope.low_turns, rope.high_turns) == (1.0, 32.0)
    assert rope.amplitude == pytest.approx(1.138629436)  # 0.1 ln 4 + 1


def test_windows_of_qwen_count_from_a_layer_on_and_only_if_switched_on() -> None:
    options = {"sliding_window": 99, "max_window_layers": 26}
    assert spec_of({**QWEN, **options}).windows == ()
    on = spec_of({**QWEN, **options, "use_sliding_window": True})
    assert on.windows == (0,) * 26 + (99, 99)


def test_absent_keys_mean_what_the_family_means_by_them() -> None:
    bare = {
        "vocab_size": 96,
        "hidden_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
    }
    llama = spec_of({**bare, "model_type": "llama"})
    assert (llama.kv_heads, llama.head_dim, llama.rope_theta, llama.tied) == (
        4,
        12,
        10_000.0,
        False,
    )
    assert spec_of({**bare, "model_type": "qwen3"}).head_dim == 128
    gemma = spec_of({**bare, "model_type": "gemma2"})
    assert (gemma.kv_heads, gemma.head_dim, gemma.query_scale, gemma.tied) == (4, 256, None, True)
    assert (gemma.attention_softcap, gemma.logit_softcap) == (50.0, 30.0)
    biased = spec_of({**bare, "model_type": "llama", "attention_bias": True})
    assert biased.qkv_bias
    assert biased.output_bias


MISTAKES = [
    (
        {"model_type": "mixtral"},
        "config.json: expected a model_type of llama, qwen2, qwen3, gemma2, gemma3_text, got "
        '"mixtral"; choose a model of one of these families',
    ),
    ({}, "expected a model_type of .* got no such key; "),
    ({**LLAMA, "mlp_bias": True}, "expected mlp_bias to be false or absent, got true; "),
    ({**LLAMA, "hidden_act": "relu"}, 'expected hidden_act to be "silu" or .*, got "relu"; '),
    ({**LLAMA, "rope_scaling": {"type": "dynamic", "factor": 2.0}}, 'rope_type .* got "dynamic"'),
    ({**LLAMA, "rope_scaling": {"type": "linear"}}, "expected factor .* got no such key; copy"),
    ({**LLAMA, "quantization_config": {"bits": 4}}, "expected quantization_config to be absent"),
    ({**LLAMA, "hidden_size": None}, "expected hidden_size .* got null; copy the file"),
    (without(LLAMA, "vocab_size"), "expected vocab_size .* got no such key; copy the file"),
    ({**LLAMA, "num_key_value_heads": 5}, "expected num_attention_heads to be a multiple of"),
    ({**GEMMA3, "attn_logit_softcapping": 50.0}, "attn_logit_softcapping to be absent, got 50.0"),
    ({**GEMMA2, "use_bidirectional_attention": True}, "expected use_bidirectional_attention"),
    ({**GEMMA2, "layer_types": ["linear_attention"] * 42}, 'got "linear_attention"; '),
    ({**GEMMA2, "layer_types": ["full_attention"]}, "expected 42 layer_types, got 1; "),
    ({**GEMMA2, "sliding_window": None}, "expected sliding_window .* got null; "),
]


@pytest.mark.parametrize(("config", "said"), MISTAKES, ids=[said for _, said in MISTAKES])
def test_what_is_not_built_or_missing_is_named_in_one_line(config: dict, said: str) -> None:
    with pytest.raises(FamilyError, match=said) as caught:
        spec_of(config)
    assert re.fullmatch(r"config\.json: expected .*, got .*; .*", str(caught.value))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_shape_that_a_family_does_not_have_is_refused_by_name(family: str) -> None:
    """The tiny model scales its embeddings as Gemma does, and has norms as the others do."""
    with pytest.raises(FamilyError, match=f"a shape that {family} has, got .*=.* where it has"):
        config_of(SPEC, family, positions=64)


def test_fields_about_the_machine_are_in_no_config_json() -> None:
    spec = spec_of(LLAMA)
    here = ModelSpec(**{**vars(spec), "dtype": "bfloat16", "remat": True, "unroll": 4})
    assert config_of(here, "llama", 8192) == config_of(spec, "llama", 8192)
