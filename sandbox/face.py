"""What is asked of a `Sandbox`, so that several which divide the work can be asked in its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from sandbox.records import Check, Judgement, Limits, Outcome


class Judge(Protocol):
    """The calls of a `Sandbox` that wait for their results; their meaning is told there."""

    @property
    def limits(self) -> Limits:
        """What one execution may use."""

    @property
    def statistics(self) -> Mapping[str, int]:
        """Counts since the start."""

    def check_all(self, checks: Iterable[Check]) -> list[Judgement]:
        """Return the judgements of many checks, in their order."""

    def sweep_all(self, jobs: Iterable[tuple[str, str, Sequence[str]]]) -> list[list[Outcome]]:
        """Return the outcomes of many sweeps, in their order."""
