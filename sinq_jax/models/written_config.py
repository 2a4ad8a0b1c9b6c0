"""A ``config.json`` for a model that did not come with one."""

from dataclasses import asdict
from typing import Any

from sinq_jax.models.config_json import Config, FamilyError
from sinq_jax.models.families import ACTIVATIONS, FAMILIES, Family, never, spec_of
from sinq_jax.models.rope_config import written_rope
from sinq_jax.models.spec import ModelSpec

ABOUT_THE_MACHINE = {"dtype", "param_dtype", "unroll", "remat", "adapter_scale"}
"""Fields that no ``config.json`` has."""


def config_of(spec: ModelSpec, family: str, positions: int) -> dict[str, Any]:
    """A ``config.json`` for a model that was not loaded from one; ``positions`` is the longest text
    it is meant for.

    Raises ``FamilyError`` naming the fields when models of that family cannot have this shape.
    """
    kind = FAMILIES[family]
    activations = {ours: theirs for theirs, ours in ACTIVATIONS.items()}
    config: dict[str, Any] = {
        "architectures": [kind.architecture],
        "model_type": family,
        "vocab_size": spec.vocab,
        "hidden_size": spec.width,
        "num_hidden_layers": spec.layers,
        "num_attention_heads": spec.heads,
        "num_key_value_heads": spec.kv_heads,
        "head_dim": spec.head_dim,
        "intermediate_size": spec.mlp,
        "rms_norm_eps": spec.norm_eps,
        "tie_word_embeddings": spec.tied,
        "max_position_embeddings": positions,
        "attention_bias": bool(kind.biases) and spec.output_bias,
        kind.activation_key: activations[spec.activation],
        **written_rope(spec),
        **_written_windows(spec, kind),
    }
    if "query_pre_attn_scalar" in kind.absent:
        scale = spec.query_scale
        config["query_pre_attn_scalar"] = spec.head_dim if scale is None else round(scale**-2)
        config["attn_logit_softcapping"] = spec.attention_softcap
        config["final_logit_softcapping"] = spec.logit_softcap
    _check_says_all(spec, family, config)
    return config


def _written_windows(spec: ModelSpec, kind: Family) -> dict[str, Any]:
    if kind.has_window is never:
        return {}
    windows = spec.windows or (0,) * spec.layers
    types = ["sliding_attention" if window else "full_attention" for window in windows]
    keys: dict[str, Any] = {"layer_types": types}
    if spec.windowed:
        keys["sliding_window"] = max(windows)
    if "use_sliding_window" in kind.absent:
        keys["use_sliding_window"] = spec.windowed
    return keys


def _check_says_all(spec: ModelSpec, family: str, config: Config) -> None:
    """Whether reading the file gives the spec back: what a family has no key for would be lost."""
    wanted, read = asdict(spec), asdict(spec_of(config))
    lost = [name for name in wanted.keys() - ABOUT_THE_MACHINE if wanted[name] != read[name]]
    if lost:
        shape = ", ".join(f"{name}={wanted[name]!r}" for name in sorted(lost))
        only = ", ".join(f"{name}={read[name]!r}" for name in sorted(lost))
        raise FamilyError(
            f"config.json: expected a shape that {family} has, got {shape} where it has {only}; "
            "choose another family or shape"
        )
