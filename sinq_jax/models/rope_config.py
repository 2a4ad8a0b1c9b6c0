"""The rotary part of a Hugging Face ``config.json``, in the words of transformers 4 and of 5.

4 has ``rope_theta``, ``rope_scaling`` and Gemma 3's ``rope_local_base_freq`` beside the other keys;
5 puts all into ``rope_parameters``, for Gemma 3 once for each kind of layer.
"""

import math
from typing import Any, NamedTuple

from sinq_jax.models.config_json import Config, FamilyError, number, one_of, optional_number, size
from sinq_jax.models.spec import ModelSpec, RopeScaling

KINDS = ("default", "linear", "llama3", "yarn")


class Rope(NamedTuple):
    """The fields of a ``ModelSpec`` that are about rotary positions."""

    rope_theta: float
    rope: RopeScaling | None
    local_rope_theta: float | None


def read_rope(config: Config, local: bool) -> Rope:
    """``local``: layers with a window turn at a speed of their own.

    Raises ``FamilyError`` for a scaling that is not built, or one with a number missing.
    """
    stated = config.get("rope_parameters") or {}
    older = config.get("rope_scaling") or {}
    everywhere = {"rope_theta": config["rope_theta"]}
    if not local:
        whole = {**everywhere, **(older or stated)}
        return Rope(number(whole, "rope_theta"), _scaling(config, whole), None)
    whole = {**everywhere, **(stated.get("full_attention") or {}), **older}
    near = {"rope_theta": config["rope_local_base_freq"], **(stated.get("sliding_attention") or {})}
    one_of({"rope_type": near.get("rope_type", "default")}, "rope_type", ("default",))
    return Rope(number(whole, "rope_theta"), _scaling(config, whole), number(near, "rope_theta"))


def _scaling(config: Config, stated: Config) -> RopeScaling | None:
    kind = stated.get("rope_type", stated.get("type", "default"))
    one_of({"rope_type": kind}, "rope_type", KINDS)
    one_of(stated, "partial_rotary_factor", (1.0, None))
    if kind == "default":
        return None
    factor = number(stated, "factor")
    if kind == "linear":
        return RopeScaling("linear", factor)
    first = "original_max_position_embeddings"
    positions = size(
        stated if first in stated else {first: config["max_position_embeddings"]}, first
    )
    if kind == "yarn":
        return _yarn(stated, factor, positions)
    low, high = number(stated, "low_freq_factor"), number(stated, "high_freq_factor")
    if not low < high:
        raise FamilyError(
            f"config.json: expected low_freq_factor below high_freq_factor, got {low:g} and "
            f"{high:g}; copy the file from the model's own directory"
        )
    return RopeScaling("llama3", factor, positions, low, high)


def _yarn(stated: Config, factor: float, positions: int) -> RopeScaling:
    """The amplitude is Peng et al. 2023 (arXiv 2309.00071), eq. 22, or stated outright, or a ratio
    of two such terms, as DeepSeek's models have it.
    """
    amplitude = optional_number(stated, "attention_factor")
    if amplitude is None:
        amplitude = _growth(factor, 1.0)
        over, under = (stated.get(key) for key in ("mscale", "mscale_all_dim"))
        if over and under:
            amplitude = _growth(factor, over) / _growth(factor, under)
    return RopeScaling(
        "yarn",
        factor,
        positions,
        low_turns=optional_number(stated, "beta_slow") or 1.0,
        high_turns=optional_number(stated, "beta_fast") or 32.0,
        amplitude=amplitude,
        whole_channels=stated.get("truncate", True),
    )


def _growth(factor: float, weight: float) -> float:
    return 0.1 * weight * math.log(factor) + 1.0 if factor > 1 else 1.0


def written_rope(spec: ModelSpec) -> dict[str, Any]:
    """The keys of transformers 4, which 5 reads as well."""
    keys: dict[str, Any] = {"rope_theta": spec.rope_theta, "rope_scaling": _written(spec.rope)}
    if spec.local_rope_theta is not None:
        keys["rope_local_base_freq"] = spec.local_rope_theta
    return keys


def _written(scaling: RopeScaling | None) -> dict[str, Any] | None:
    if scaling is None:
        return None
    stated: dict[str, Any] = {"rope_type": scaling.kind, "factor": scaling.factor}
    if scaling.kind == "linear":
        return stated
    stated["original_max_position_embeddings"] = scaling.original_positions
    if scaling.kind == "llama3":
        return stated | {
            "low_freq_factor": scaling.low_turns,
            "high_freq_factor": scaling.high_turns,
        }
    return stated | {
        "beta_slow": scaling.low_turns,
        "beta_fast": scaling.high_turns,
        "attention_factor": scaling.amplitude,
        "truncate": scaling.whole_channels,
    }
