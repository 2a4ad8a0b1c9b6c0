"""Alarms: what a run must not become, seen in its own metrics; and the rule that ends it early."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from sinq_jax.config.online import AlarmName, Alarms

EXIT_STATUS = 3
"""Of a run that one of its alarms has stopped, with everything saved."""


@dataclass(frozen=True)
class _Sign:
    """Where an alarm looks: any of ``metrics`` beyond its bound counts; ``below``: smaller is
    worse.
    """

    metrics: tuple[str, ...]
    below: bool = False


_SIGNS: Mapping[AlarmName, _Sign] = {
    "validity": _Sign(("generator/validity",), below=True),
    "entropy": _Sign(
        ("learning/generator_policy_entropy", "learning/evaluator_policy_entropy"), below=True
    ),
    "truncation": _Sign(("generator/truncated_rate", "evaluator/truncated_rate")),
    "duplicates": _Sign(("generator/duplicate_rate",)),
    "suspects": _Sign(("generator/suspect_rate",)),
    "none_solved": _Sign(("evaluator/groups_none_solved",)),
    "all_solved": _Sign(("evaluator/groups_all_solved",)),
    "logprob_gap": _Sign(
        ("learning/generator_policy_logprob_gap", "learning/evaluator_policy_logprob_gap")
    ),
}


class Watch:
    """Counts, for each alarm, the rounds in a row beyond its bound, and the benchmarks since the
    best. Its state goes into the checkpoint, so that a resumed run rings when the other would.
    """

    def __init__(self, settings: Alarms) -> None:
        self._settings = settings
        self._rounds: dict[str, int] = dict.fromkeys(get_args(AlarmName), 0)
        self._best: float | None = None
        self._since_best = 0
        self.stopped_by: list[str] = []

    def look(self, metrics: Mapping[str, float]) -> tuple[dict[str, float], list[str]]:
        """After a round: ``alarm/NAME`` of everything that was measured (1: it rings, 0: not), and
        one line for each alarm that begins to ring.

        ``stopped_by`` then names those that are to end the run. Their counts begin again, so that
        the same command plays on for as long as their patience lasts.
        """
        seen, told = {}, []
        self.stopped_by = []
        for name, sign in _SIGNS.items():
            worst = _worst(sign, metrics)
            patience = getattr(self._settings, f"{name}_rounds")
            if worst is None or not patience:
                continue
            metric, value = worst
            bound = getattr(self._settings, name)
            broken = value < bound if sign.below else value > bound
            self._rounds[name] = self._rounds[name] + 1 if broken else 0
            rings = self._rounds[name] >= patience
            seen[f"alarm/{name}"] = float(rings)
            if self._rounds[name] == patience:
                told.append(
                    f"alarm {name}: expected {metric} of {'at least' if sign.below else 'at most'} "
                    f"{bound:g}, got {value:.3g} after {patience} rounds beyond it; look at the "
                    f"games, or change --config.alarms.{name}"
                )
            if rings and name in self._settings.stop:
                self.stopped_by.append(name)
                self._rounds[name] = 0
        return seen, told

    def measured(self, success: float) -> None:
        """After a benchmark, with its held-out success."""
        if self._best is None or success > self._best:
            self._best, self._since_best = success, 0
        else:
            self._since_best += 1

    @property
    def exhausted(self) -> bool:
        """Whether the stop rule ends the run: too many benchmarks in a row brought no new best."""
        return 0 < self._settings.held_out_benchmarks <= self._since_best

    @property
    def ends_run(self) -> bool:
        """Whether no further round is to be played."""
        return self.exhausted or bool(self.stopped_by)

    @property
    def farewell(self) -> str:
        """The line for people about a run that ended early."""
        if self.stopped_by:
            return (
                f"stopped by the alarm {', '.join(self.stopped_by)}; the same command plays on, "
                "--config.alarms.stop= without it"
            )
        return (
            f"ended: no new best held-out success in {self._since_best} benchmarks; a higher "
            "--config.alarms.held_out_benchmarks plays on"
        )

    def plain(self) -> dict[str, Any]:
        """The state as JSON holds it."""
        return {"rounds": self._rounds, "best": self._best, "since_best": self._since_best}

    def restore(self, plain: Mapping[str, Any]) -> None:
        """Take up what ``plain`` of another watch gave; nothing given is a fresh start."""
        self._rounds |= plain.get("rounds", {})
        self._best = plain.get("best")
        self._since_best = plain.get("since_best", 0)


def _worst(sign: _Sign, metrics: Mapping[str, float]) -> tuple[str, float] | None:
    """The metric that is nearest to trouble, with its value; None where none was measured. What a
    batch without tokens says does not count.
    """
    found = {
        name: metrics[name]
        for name in sign.metrics
        if name in metrics and metrics.get(f"{name.rpartition('_')[0]}_tokens") != 0
    }
    if not found:
        return None
    name = min(found, key=found.__getitem__) if sign.below else max(found, key=found.__getitem__)
    return name, found[name]
