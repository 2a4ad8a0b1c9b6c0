"""The families of open models: what a ``config.json`` says, as a ``ModelSpec``.

Everything a family is lies in ``FAMILIES``. Nothing here computes; ``block.py`` does, for all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sinq_jax.models.config_json import (
    Config,
    FamilyError,
    number,
    one_of,
    optional_number,
    shown,
    size,
)
from sinq_jax.models.rope_config import read_rope
from sinq_jax.models.spec import ModelSpec


def never(_config: Config, _layer: int) -> bool:
    """No layer has a window, whatever the file says."""
    return False


def _from_a_layer_on(config: Config, layer: int) -> bool:
    return bool(config["use_sliding_window"]) and layer >= size(config, "max_window_layers")


def _all_but_every_nth(config: Config, layer: int) -> bool:
    return (layer + 1) % size(config, "sliding_window_pattern") != 0


@dataclass(frozen=True)
class Family:
    """What the models of a family share.

    ``always`` are fields of ``ModelSpec``, ``absent`` what the family means by a key that its
    ``config.json`` leaves out, ``has_window`` which layers have a window where the file does not
    list them, ``biases`` the fields that the key ``attention_bias`` switches on, ``refused`` keys
    that may only be absent or null.
    """

    architecture: str
    always: Mapping[str, Any]
    absent: Mapping[str, Any]
    has_window: Callable[[Config, int], bool] = never
    biases: tuple[str, ...] = ("qkv_bias", "output_bias")
    activation_key: str = "hidden_act"
    refused: tuple[str, ...] = ()


_COMMON = {
    "tie_word_embeddings": False,
    "rms_norm_eps": 1e-6,
    "rope_theta": 10_000.0,
    "max_position_embeddings": None,
    "attention_bias": False,
    "hidden_act": "silu",
}
_QWEN = {**_COMMON, "use_sliding_window": False, "max_window_layers": 28, "sliding_window": 4096}
_GEMMA = {
    **_COMMON,
    "tie_word_embeddings": True,
    "hidden_activation": "gelu_pytorch_tanh",
    "num_attention_heads": 8,
    "num_key_value_heads": 4,
    "head_dim": 256,
    "query_pre_attn_scalar": 256,
    "sliding_window": 4096,
}
_GEMMA_ALWAYS = {"norm_offset": 1.0, "post_norms": True}

FAMILIES: Mapping[str, Family] = {
    "llama": Family("LlamaForCausalLM", {"embedding_scale": 1.0}, _COMMON),
    "qwen2": Family(
        "Qwen2ForCausalLM",
        {"embedding_scale": 1.0, "qkv_bias": True},
        _QWEN,
        _from_a_layer_on,
        biases=(),
    ),
    "qwen3": Family(
        "Qwen3ForCausalLM",
        {"embedding_scale": 1.0, "query_key_norm": True},
        {**_QWEN, "head_dim": 128},
        _from_a_layer_on,
    ),
    "gemma2": Family(
        "Gemma2ForCausalLM",
        _GEMMA_ALWAYS,
        {
            **_GEMMA,
            "sliding_window_pattern": 2,
            "attn_logit_softcapping": 50.0,
            "final_logit_softcapping": 30.0,
        },
        _all_but_every_nth,
        activation_key="hidden_activation",
    ),
    "gemma3_text": Family(
        "Gemma3ForCausalLM",
        {**_GEMMA_ALWAYS, "query_key_norm": True},
        {
            **_GEMMA,
            "vocab_size": 262_208,
            "rope_theta": 1_000_000.0,
            "rope_local_base_freq": 10_000.0,
            "sliding_window_pattern": 6,
        },
        _all_but_every_nth,
        activation_key="hidden_activation",
        # transformers reads the key and then computes without the cap.
        refused=("attn_logit_softcapping",),
    ),
}

ACTIVATIONS: Mapping[str, Literal["silu", "gelu_tanh"]] = {
    "silu": "silu",
    "gelu_pytorch_tanh": "gelu_tanh",
}

NOT_BUILT: Mapping[str, tuple[Any, ...]] = {
    "mlp_bias": (False, None),
    "use_bidirectional_attention": (False, None),
    "quantization_config": (None,),
}
"""Options of a ``config.json`` and the values of them that change nothing."""


def spec_of(config: Config) -> ModelSpec:
    """The shape of the model that a Hugging Face ``config.json`` describes; of a Gemma 3 that also
    sees images, its text model.

    Fields that are about the machine (``dtype``, ``param_dtype``, ``unroll``, ``remat``) and
    ``adapter_scale`` have their defaults. Raises ``FamilyError`` for another architecture, an
    option that is not built, or a number that is missing.
    """
    name, stated = family_of(config)
    family = FAMILIES[name]
    config = {**family.absent, **stated}
    for key, harmless in NOT_BUILT.items():
        one_of(config, key, harmless)
    for key in family.refused:
        one_of(config, key, (None,))
    windows = _windows(config, family)
    heads, head_dim = size(config, "num_attention_heads"), _head_dim(config)
    biases: dict[str, Any] = dict.fromkeys(family.biases if config["attention_bias"] else (), True)
    return ModelSpec(
        **family.always,
        **biases,
        **read_rope(config, local="rope_local_base_freq" in family.absent)._asdict(),
        vocab=size(config, "vocab_size"),
        width=size(config, "hidden_size"),
        layers=size(config, "num_hidden_layers"),
        heads=heads,
        kv_heads=_kv_heads(config, heads),
        head_dim=head_dim,
        mlp=size(config, "intermediate_size"),
        norm_eps=number(config, "rms_norm_eps"),
        windows=windows if any(windows) else (),
        attention_softcap=optional_number(config, "attn_logit_softcapping"),
        logit_softcap=optional_number(config, "final_logit_softcapping"),
        query_scale=_query_scale(config, head_dim),
        tied=bool(config["tie_word_embeddings"]),
        activation=ACTIVATIONS[one_of(config, family.activation_key, tuple(ACTIVATIONS))],
    )


def family_of(config: Config) -> tuple[str, Config]:
    """The name of the family, and the part of the file that describes the text model."""
    name = config.get("model_type")
    if name == "gemma3" and isinstance(text := config.get("text_config"), Mapping):
        whole = {key: config[key] for key in ("tie_word_embeddings",) if key in config}
        return "gemma3_text", {**text, **whole}
    if name not in FAMILIES:
        raise FamilyError(
            f"config.json: expected a model_type of {', '.join(FAMILIES)}, got "
            f"{shown(config, 'model_type')}; choose a model of one of these families"
        )
    return str(name), config


def _head_dim(config: Config) -> int:
    if config.get("head_dim") is not None:
        return size(config, "head_dim")
    return size(config, "hidden_size") // size(config, "num_attention_heads")


def _kv_heads(config: Config, heads: int) -> int:
    kv_heads = heads
    if config.get("num_key_value_heads") is not None:
        kv_heads = size(config, "num_key_value_heads")
    if heads % kv_heads:
        raise FamilyError(
            f"config.json: expected num_attention_heads to be a multiple of num_key_value_heads, "
            f"got {heads} and {kv_heads}; copy the file from the model's own directory"
        )
    return kv_heads


def _query_scale(config: Config, head_dim: int) -> float | None:
    divisor = optional_number(config, "query_pre_attn_scalar")
    return None if divisor in (None, head_dim) else divisor**-0.5


def _windows(config: Config, family: Family) -> tuple[int, ...]:
    layers = size(config, "num_hidden_layers")
    local = [family.has_window(config, layer) for layer in range(layers)]
    if family.has_window is not never and config.get("layer_types") is not None:
        local = _listed(config["layer_types"], layers)
    return tuple(size(config, "sliding_window") if near else 0 for near in local)


def _listed(kinds: list[str], layers: int) -> list[bool]:
    if len(kinds) != layers:
        raise FamilyError(
            f"config.json: expected {layers} layer_types, got {len(kinds)}; "
            "copy the file from the model's own directory"
        )
    for kind in kinds:
        one_of({"layer_types": kind}, "layer_types", ("full_attention", "sliding_attention"))
    return [kind == "sliding_attention" for kind in kinds]
