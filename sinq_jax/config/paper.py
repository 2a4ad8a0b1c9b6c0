"""The section of a config for the paper's procedure, and the rules that it brings along."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sinq_jax.config.schema import setting

if TYPE_CHECKING:
    from sinq_jax.config.config import Config


@dataclass(frozen=True)
class Paper:
    """The procedure of arXiv 2505.03818, for ``learning.procedure=paper``."""

    objective: Literal["supervised", "preferences"] = setting(
        "supervised",
        "how the generator learns: from rebalanced variants, or from pairs of a hard and an easy "
        "one (DPO)",
    )
    predictions: bool = setting(
        True, "the generator also learns to tell how hard a variant was; supervised only"
    )
    sequences: int = setting(16, "packed sequences in one supervised step", "sequences", low=1)
    sequence_tokens: int = setting(256, "length of a packed sequence", "tokens", low=2)
    pairs: int = setting(32, "pairs in one step of DPO", "pairs", low=1)
    beta: float = setting(0.1, "how strongly DPO holds to the base model", above=0)
    evaluator_updates: int = setting(
        100, "optimizer steps of the evaluator's one training, after the last round", "steps", low=1
    )
    reference_quirks: bool = setting(
        False,
        "measure difficulty as the authors' released code does, here and in exports: unreadable "
        "answers do not count, and the level is a truncated float",
    )


def conflicts(config: "Config") -> Iterator[str]:
    """Yield ``field: expected X, got Y; what to do`` for every broken rule of the procedure."""
    paper, learning, rollout = config.paper, config.learning, config.rollout
    if learning.procedure != "paper":
        return
    online = {
        "league.generator_share": config.league.generator_share,
        "league.evaluator_share": config.league.evaluator_share,
        "variety.probes": config.variety.probes,
        "selfplay.equivalent_share": config.selfplay.equivalent_share,
    }
    for where, value in online.items():
        if value:
            yield (
                f"{where}: expected 0 by the paper's procedure, which has nothing of the kind, got "
                f"{value}; drop it or use --config.learning.procedure=online"
            )
    longest = rollout.prompt_tokens + max(rollout.generator_tokens, rollout.evaluator_tokens)
    if paper.sequence_tokens < longest:
        yield (
            f"paper.sequence_tokens: expected at least {longest}, the longest prompt and answer of "
            f"config.rollout together, got {paper.sequence_tokens}; raise it"
        )
    for where, rows in {"paper.sequences": paper.sequences, "paper.pairs": paper.pairs}.items():
        if rows % learning.accumulation:
            yield (
                f"{where}: expected a multiple of learning.accumulation "
                f"({learning.accumulation}), got {rows}; change one of the two"
            )
