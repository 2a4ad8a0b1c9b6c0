"""``adapter_config.json``: what a PEFT adapter says of itself, and what of it we can be."""

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sinq_jax.models.weights.errors import WeightsError

CONFIG = "adapter_config.json"
HARMLESS = {
    "auto_mapping",
    "base_model_name_or_path",
    "bias",
    "corda_config",
    "eva_config",
    "inference_mode",
    "init_lora_weights",
    "lora_alpha",
    "lora_dropout",
    "loftq_config",
    "megatron_core",
    "peft_type",
    "peft_version",
    "qalora_group_size",
    "r",
    "revision",
    "runtime_config",
    "target_modules",
    "task_type",
    "use_rslora",
}
"""Keys that are read below, or that do not matter once an adapter is trained. Any other key that is
set means an adapter of another kind, also one that nobody has thought of yet.
"""
PLAIN_STARTS = (True, False, "gaussian", "eva", "orthogonal")
"""``init_lora_weights`` that leave the base as it is; others (pissa, olora, corda, loftq) subtract
from the base what they give to the adapter, so that it fits no base on disk.
"""


@dataclass(frozen=True)
class PeftConfig:
    """An adapter's ``rank``, its ``scale`` (by which the product is multiplied), and the last parts
    of the modules' names that it says it has; None where it gives a pattern.
    """

    rank: int
    scale: float
    targets: tuple[str, ...] | None


def read_config(directory: Path, known: Collection[str]) -> PeftConfig:
    """The config in ``directory``, whose targets must be ``known`` ones.

    Raises WeightsError for anything but plain LoRA (Hu et al. 2021, arXiv 2106.09685), also scaled
    by the root of the rank (Kalajdzievski 2023, arXiv 2312.03732).
    """
    path = directory / CONFIG
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        rank, alpha = config["r"], config["lora_alpha"]
        if type(rank) is not int or rank < 1 or not math.isfinite(alpha):
            raise ValueError
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise WeightsError(
            f"{path}: expected the config of a LoRA adapter with r and lora_alpha, got none that "
            "can be read; give the directory that save_pretrained of PEFT wrote"
        ) from error
    _check_plain(path, config)
    scale = alpha / (math.sqrt(rank) if config.get("use_rslora") else rank)
    return PeftConfig(rank, scale, _targets(path, config.get("target_modules"), known))


def written_config(
    rank: int, scale: float, targets: Collection[str], base_name: str
) -> dict[str, Any]:
    """The config of an adapter that PEFT loads over the model at ``base_name``."""
    alpha = scale * rank
    return {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base_name,
        "inference_mode": True,
        "r": rank,
        "lora_alpha": round(alpha) if round(alpha) / rank == scale else alpha,
        "lora_dropout": 0.0,
        "target_modules": sorted(targets),
        "bias": "none",
        "fan_in_fan_out": False,
        "use_rslora": False,
    }


def _check_plain(path: Path, config: Mapping[str, Any]) -> None:
    wanted = {"peft_type": ("LORA",), "bias": ("none",), "init_lora_weights": PLAIN_STARTS}
    odd = [key for key, allowed in wanted.items() if config.get(key, allowed[0]) not in allowed]
    odd += sorted(key for key, value in config.items() if value and key not in HARMLESS)
    if odd:
        raise WeightsError(
            f"{path}: expected a plain LoRA adapter, got {odd[0]} = {json.dumps(config[odd[0]])}; "
            "merge it into its base with PEFT and load the result, or train one without"
        )


def _targets(path: Path, given: Any, known: Collection[str]) -> tuple[str, ...] | None:
    if given is None or isinstance(given, str):
        return None
    targets = tuple(str(each).rpartition(".")[2] for each in given)
    for target in targets:
        if target not in known:
            raise WeightsError(
                f"{path}: expected target_modules among {', '.join(known)}, got {target}; merge "
                "the adapter into its base with PEFT and load the result, or train one without"
            )
    return targets
