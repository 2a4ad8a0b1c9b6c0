"""The settings of the policy gradient, and of the alarms that watch over play.

Like those in ``sections.py``: to add, drop or rename a setting, change its one line here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sinq_jax.config.schema import setting
from sinq_jax.config.sections import Learning, Players

AlarmName = Literal[
    "validity",
    "entropy",
    "truncation",
    "duplicates",
    "suspects",
    "none_solved",
    "all_solved",
    "logprob_gap",
]


@dataclass(frozen=True)
class Policy:
    """How advantages become a gradient, with learning.algorithm=policy_gradient. Ratios are those
    of a token's probability now to its probability when it was sampled, both at temperature 1.
    """

    loss: Literal["reinforce", "clipped", "truncated"] = setting(
        "reinforce",
        "the policy loss: REINFORCE, PPO's clipped ratios, or REINFORCE with truncated importance "
        "weights; they differ where a round has several updates",
    )
    clip_low: float = setting(
        0.2, "clipped: how far below 1 a ratio may lower a token", low=0, high=1
    )
    clip_high: float = setting(0.28, "clipped: how far above 1 a ratio may raise a token", low=0)
    importance_cap: float = setting(2.0, "truncated: the largest importance weight", low=1)
    generator_kl: float = setting(
        0.0, "weight of the generator's divergence from its reference; 0: none", low=0
    )
    evaluator_kl: float = setting(0.0, "the same for the evaluator", low=0)
    reference: Literal["warm_start", "base"] = setting(
        "warm_start",
        "what they are held to: the player at the end of the warm start, or the frozen model under "
        "the adapters",
    )
    entropy_floor: float = setting(
        0.0,
        "the evaluator gets an entropy bonus while its last update saw less than this; 0: never",
        "nats per token",
        low=0,
    )
    entropy_floor_weight: float = setting(
        0.01, "weight of that bonus, beside learning.entropy", low=0
    )
    baseline: Literal["leave_one_out", "running"] = setting(
        "leave_one_out",
        "what rewards are compared with: the other members of their group, or a mean over rounds, "
        "which also learns from groups of one and from groups without contrast",
    )
    baseline_decay: float = setting(
        0.9, "what the mean over rounds keeps of itself in each", low=0, high=0.9999
    )
    reuse_groups: bool = setting(
        False,
        "fill each update's batch with groups of the round, beginning again when all were used; "
        "False: each is used once, and batches may stay part empty",
    )


@dataclass(frozen=True)
class Alarms:
    """When a run warns: a line, and alarm/NAME in the metrics. A bound must be broken in so many
    rounds in a row; 0 rounds: never.
    """

    validity: float = setting(
        0.05, "rings when less of the variants are valid", "share", low=0, high=1, free=True
    )
    validity_rounds: int = setting(10, "its patience", "rounds", low=0, free=True)
    entropy: float = setting(
        0.01, "rings when a player's samples have less", "nats per token", low=0, free=True
    )
    entropy_rounds: int = setting(10, "its patience", "rounds", low=0, free=True)
    truncation: float = setting(
        0.5,
        "rings when more of a player's completions do not end by themselves",
        "share",
        low=0,
        high=1,
        free=True,
    )
    truncation_rounds: int = setting(5, "its patience", "rounds", low=0, free=True)
    duplicates: float = setting(
        0.5,
        "rings when more of the variants were written before in the round",
        "share",
        low=0,
        high=1,
        free=True,
    )
    duplicates_rounds: int = setting(5, "its patience", "rounds", low=0, free=True)
    suspects: float = setting(
        0.1, "rings when more of the variants are suspect", "share", low=0, high=1, free=True
    )
    suspects_rounds: int = setting(5, "its patience", "rounds", low=0, free=True)
    none_solved: float = setting(
        0.8, "rings when no answer solves more of the groups", "share", low=0, high=1, free=True
    )
    none_solved_rounds: int = setting(10, "its patience", "rounds", low=0, free=True)
    all_solved: float = setting(
        0.8, "rings when all answers solve more of the groups", "share", low=0, high=1, free=True
    )
    all_solved_rounds: int = setting(10, "its patience", "rounds", low=0, free=True)
    logprob_gap: float = setting(
        0.1,
        "rings when trainer and sampler are further apart on sampled tokens",
        "nats per token",
        low=0,
        free=True,
    )
    logprob_gap_rounds: int = setting(3, "its patience", "rounds", low=0, free=True)
    stop: tuple[AlarmName, ...] = setting(
        (), "the alarms that end the run when they ring: it saves, and exits with 3", free=True
    )
    held_out_benchmarks: int = setting(
        0,
        "benchmarks in a row without a new best held-out success after which the run ends; "
        "0: it plays all its rounds",
        "benchmarks",
        low=0,
        free=True,
    )


def policy_conflicts(policy: Policy, learning: Learning, players: Players) -> Iterator[str]:
    """Yield ``field: expected X, got Y; what to do`` for every setting that could not act."""
    other = "procedure=paper" if learning.procedure == "paper" else learning.algorithm
    if other != "policy_gradient":
        for field in ("generator_kl", "evaluator_kl", "entropy_floor"):
            if getattr(policy, field):
                yield (
                    f"policy.{field}: expected 0 with {other}, which has no policy loss, "
                    f"got {getattr(policy, field)}; drop it or learn online, with "
                    "--config.learning.algorithm=policy_gradient"
                )
    if policy.reference == "base" and not players.adapter_rank:
        yield (
            "policy.reference: expected warm_start where all weights learn, because nothing is "
            "frozen, got base; drop it or set --config.players.adapter_rank"
        )
