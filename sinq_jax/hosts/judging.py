"""The sandboxes of all hosts as one: each judges its share, and all get every word."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from sandbox import Check, Judge, Judgement, Limits, Outcome
from sinq_jax.hosts.face import Hosts

Job = tuple[str, str, Sequence[str]]
T = TypeVar("T")
Told = dict[str, Any] | None


def shared(own: Judge, hosts: Hosts) -> Judge:
    """The sandboxes of all hosts as one; that of a run of one process itself."""
    return own if hosts.count == 1 else SharedSandbox(own, hosts)


class SharedSandbox:
    """Asked for the same by all hosts at the same time. What comes back is the same on each, its
    own share too: a program near its time limit may fare differently on another machine, and hosts
    that went on with different verdicts would wait for each other for ever.
    """

    def __init__(self, own: Judge, hosts: Hosts) -> None:
        self._own = own
        self._hosts = hosts

    @property
    def limits(self) -> Limits:
        return self._own.limits

    @property
    def statistics(self) -> dict[str, int]:
        """The counts of all hosts together; they all have to ask."""
        counts: Counter[str] = Counter()
        for each in self._hosts.exchange_json("statistics", dict(self._own.statistics)):
            counts.update(each)
        return dict(counts)

    def check_all(self, checks: Iterable[Check]) -> list[Judgement]:
        """A host gets all checks of an original, whose outcomes its workers remember."""
        checks = list(checks)
        return self._divided(
            "judging",
            checks,
            [check.original for check in checks],
            lambda mine: [asdict(judgement) for judgement in self._own.check_all(mine)],
            _judgement,
        )

    def sweep_all(self, jobs: Iterable[Job]) -> list[list[Outcome]]:
        jobs = list(jobs)
        return self._divided(
            "sweeping",
            jobs,
            list(range(len(jobs))),
            lambda mine: [[*map(asdict, outcomes)] for outcomes in self._own.sweep_all(mine)],
            lambda told: [Outcome(**each) for each in told],
        )

    def _divided(
        self,
        what: str,
        asked: Sequence[Any],
        kinds: Sequence[object],
        answer: Callable[[list[Any]], list[Any]],
        read: Callable[[Any], T],
    ) -> list[T]:
        """The answers to all that is asked, in order. Those of one kind go to one host; kinds are
        dealt out in turn. Nothing is exchanged where nothing is asked.
        """
        if not asked:
            return []
        turns = {kind: turn for turn, kind in enumerate(dict.fromkeys(kinds))}
        hosts = [turns[kind] % self._hosts.count for kind in kinds]
        mine = [each for each, host in zip(asked, hosts, strict=True) if host == self._hosts.number]
        told = [iter(each) for each in self._hosts.exchange_json(what, answer(mine))]
        return [read(next(told[host])) for host in hosts]


def _judgement(told: dict[str, Any]) -> Judgement:
    original, variant = (_outcome(told[side]) for side in ("original", "variant"))
    return Judgement(**{**told, "original": original, "variant": variant})


def _outcome(told: Told) -> Outcome | None:
    return None if told is None else Outcome(**told)
