"""The sections of a config about other opponents than the players of today: past ones.

Like those in ``sections.py``: to add, drop or rename a setting, change its one line here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sinq_jax.config.schema import setting
from sinq_jax.config.sections import Selfplay


@dataclass(frozen=True)
class League:
    """Past players as opponents: they are kept, and play a share of each round."""

    every_rounds: int = setting(
        0,
        "rounds from one kept snapshot of the players to the next; 0: none is kept",
        "rounds",
        low=0,
    )
    keep: int = setting(
        8,
        "most snapshots that play: the first, the newest, and others spread between them",
        "snapshots",
        low=2,
    )
    generator_share: float = setting(
        0.0,
        "share of a round's originals whose variants a past generator writes, for the evaluator of "
        "today to answer",
        low=0,
        high=1,
    )
    evaluator_share: float = setting(
        0.0,
        "share of a round's originals whose variants a past evaluator answers, which measures the "
        "generator of today",
        low=0,
        high=1,
    )
    sampling: Literal["recency", "regret"] = setting(
        "recency", "which past player plays: a new one rather, or one that today's fares ill with"
    )
    recency: float = setting(
        0.7, "with recency, how likely a snapshot is beside the next newer one", above=0, high=1
    )


@dataclass(frozen=True)
class Crossplay:
    """What the job ``crossplay`` plays, when a run is over."""

    originals: int = setting(
        64,
        "held-out originals that every generator writes variants of",
        "programs",
        low=1,
        free=True,
    )
    variants: int = setting(2, "variants of each", "samples", low=1, free=True)
    answers: int = setting(
        4, "answers of every evaluator to each variant", "samples", low=1, free=True
    )
    response_rounds: int = setting(
        40,
        "rounds in which a fresh evaluator learns to answer the last generator; 0: none",
        "rounds",
        low=0,
        free=True,
    )
    resamples: int = setting(
        200, "resamples of programs behind the intervals of ratings", low=20, free=True
    )


def league_conflicts(league: League, play: Selfplay) -> Iterator[str]:
    """Yield ``field: expected X, got Y; what to do`` for every broken rule."""
    shares = {"generator_share": league.generator_share, "evaluator_share": league.evaluator_share}
    for field, share in shares.items():
        if share and not league.every_rounds:
            yield (
                f"league.{field}: expected 0 where no past players are kept, got {share}; set "
                "--config.league.every_rounds"
            )
    # The players of today have to meet each other too: that is what a round measures.
    if sum(shares.values()) > 0.9:
        yield (
            f"league.evaluator_share: expected at most 0.9 together with league.generator_share, "
            f"got {sum(shares.values()):g}; lower one of the two"
        )
    if league.generator_share and play.writer == "mutation":
        yield (
            "league.generator_share: expected 0 where mutation operators write the variants, got "
            f"{league.generator_share}; drop it or use --config.selfplay.writer=generator"
        )
