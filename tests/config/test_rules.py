"""Rules across fields: each is found after all overrides, names a field and says what to do."""

import pytest

from sinq_jax.config.config import Config
from sinq_jax.config.schema import ConfigError, build

PRETRAINED: dict[str, object] = {"model.path": "qwen", "tokenizer.kind": "checkpoint"}
CONFLICTS: list[dict[str, object]] = [
    {"name": "../elsewhere"},
    {"programs.source": "jsonl"},
    {"programs.path": "programs.jsonl"},
    {"tokenizer.path": "code.model"},
    {"tokenizer.path": "code.model", **PRETRAINED},
    {"prompts.chat": True},
    {"tokenizer.kind": "checkpoint"},
    {"model.path": "qwen", "tokenizer.kind": "lexical"},
    {"model.width": 64, **PRETRAINED},
    {"model.norm_eps": 1e-5, **PRETRAINED},
    {"model.param_dtype": "bfloat16", **PRETRAINED},
    {"players.adapter_rank": 8},
    {"players.generator_adapter": "adapter", **PRETRAINED},
    {"players.evaluator_adapter": "adapter", "players.adapter_rank": 8, **PRETRAINED},
    {"players.adapter_targets": ()},
    {"players.adapter_targets": ("query", "query")},
    {"warm_start.pairs": 0},
    {"warm_start.pairs": 0, "warm_start.steps": 0, "play": False},
    {"selfplay.originals": 40, "programs.train": 39},
    {"model.heads": 3},
    {"model.head_dim": 7},
    {"mesh.data": 0},
    {"mesh.tensor": 4},
    {"mesh.tensor": 2, "model.mlp": 33},
    {"selfplay.lowest_target": 6, "selfplay.highest_target": 5},
    {"variety.quota": 1},
    {"selfplay.equivalent_share": 0.2, "warm_start.pairs": 0, "warm_start.steps": 0},
    {"selfplay.variants": 1},
    {"selfplay.answers": 1},
    {
        "rewards.generator": "learnability",
        "selfplay.answers": 1,
        "learning.algorithm": "expert_iteration",
    },
    {"learning.batch": 33, "learning.accumulation": 2},
    {"learning.evaluator_groups": 33, "learning.accumulation": 2},
    {"learning.generator_groups": 17, "learning.accumulation": 2},
    {"warm_start.batch": 33, "learning.accumulation": 2},
    {"warm_start.min_density": 0.5},
    {"learning.procedure": "paper", "paper.sequence_tokens": 175},
    {"learning.procedure": "paper", "paper.sequences": 7, "learning.accumulation": 2},
    {"learning.procedure": "paper", "paper.pairs": 7, "learning.accumulation": 2},
    {"learning.procedure": "paper", "league.every_rounds": 5, "league.generator_share": 0.5},
    {"learning.procedure": "paper", "variety.probes": 8},
    {"policy.generator_kl": 0.1, "learning.algorithm": "expert_iteration"},
    {"policy.evaluator_kl": 0.1, "learning.algorithm": "expert_iteration"},
    {"policy.entropy_floor": 0.1, "learning.algorithm": "expert_iteration"},
    {"policy.generator_kl": 0.1, "learning.procedure": "paper"},
    {"policy.reference": "base"},
    {"sandbox.cpu_s": 3.0},
]


@pytest.mark.parametrize(
    "flat", CONFLICTS, ids=lambda flat: ",".join(f"{name}={value}" for name, value in flat.items())
)
def test_fields_that_contradict_each_other_are_refused(flat: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r"^--config\.[a-z_.]+: expected .*, got .*; .") as caught:
        build(Config, flat).check()
    assert len(caught.value.problems) == 1
    named = str(caught.value).split(":")[0].removeprefix("--config.")
    assert named.split(".")[0] in {name.split(".")[0] for name in flat}


SOUND: list[dict[str, object]] = [
    {},
    {"warm_start.pairs": 0, "warm_start.games": "published.jsonl"},
    {"learning.procedure": "paper", "paper.sequence_tokens": 176},
    PRETRAINED,
    {"mesh.tensor": 4, **PRETRAINED},  # the default shape has 2 kv_heads, the checkpoint may have 8
    {"prompts.chat": True, **PRETRAINED},
    {"players.adapter_rank": 8, "model.param_dtype": "bfloat16", **PRETRAINED},
    {"players.adapter_rank": 8, "players.generator_adapter": "adapter", **PRETRAINED},
    {"warm_start.pairs": 0, "warm_start.steps": 0},
    {"selfplay.variants": 1, "selfplay.answers": 1, "policy.baseline": "running"},
    {"policy.reference": "base", "players.adapter_rank": 8, **PRETRAINED},
]


@pytest.mark.parametrize("flat", SOUND, ids=str)
def test_what_fits_together_is_not_refused(flat: dict[str, object]) -> None:
    build(Config, flat).check()


def test_the_fall_of_the_learning_rate_is_a_share_of_the_steps() -> None:
    config = build(Config, {"warm_start.steps": 10, "warm_start.decay_share": 0.25})
    assert config.warm_start.decay_steps == 2
