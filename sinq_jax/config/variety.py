"""The section of a config that holds the generator to many ideas, and small ones."""

from collections.abc import Iterator
from dataclasses import dataclass

from sinq_jax.config.schema import setting
from sinq_jax.config.sections import Selfplay, WarmStart


@dataclass(frozen=True)
class Variety:
    """An archive of what variants did before, quotas on it, and a budget for the size of edits."""

    probes: int = setting(
        0,
        "inputs that tell the behaviours of admitted variants apart; 0: no archive is kept",
        "inputs",
        low=0,
    )
    rounds: int = setting(
        0, "rounds that the archive goes back; 0: all of the run", "rounds", low=0
    )
    quota: int = setting(
        0,
        "variants of one original that behave alike and are paid in full; 0: no limit",
        "variants",
        low=0,
    )
    over_quota_pay: float = setting(
        0.0, "share of its pay that a variant over the quota gets", low=0, high=1
    )
    edit_budget: float = setting(
        0.0,
        "variants that change a larger share of the original's Python tokens are not played; 0: "
        "no limit",
        low=0,
    )


def variety_conflicts(variety: Variety, play: Selfplay, warm: WarmStart) -> Iterator[str]:
    """Yield ``field: expected X, got Y; what to do`` for every broken rule."""
    if variety.quota and not variety.probes:
        yield (
            f"variety.quota: expected 0 without an archive of behaviours, got {variety.quota}; "
            "set --config.variety.probes, to 8 for example, or drop it"
        )
    if play.equivalent_share and not warm.pairs:
        yield (
            "selfplay.equivalent_share: expected 0 without a warm start on pairs, because nobody "
            f"knows the word then, got {play.equivalent_share}; raise --config.warm_start.pairs"
        )
