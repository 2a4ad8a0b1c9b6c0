"""What a run writes down as it goes, metrics and games: once, by its first host."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sinq_jax.game.equivalents import (
    EquivalentQuestion,
    question_from_plain,
    question_to_plain,
)
from sinq_jax.game.jsonl import game_from_plain, game_to_plain
from sinq_jax.game.records import Game
from sinq_jax.game.store import GameStore
from sinq_jax.hosts import Hosts
from sinq_jax.metrics import Exam, ItemLog, Items, MetricsWriter


class Ledger:
    """``metrics.jsonl``, ``held_out.jsonl`` and ``games.sqlite`` of a workdir. All hosts call the
    same methods: the first writes, and reads for the others, because sqlite does not work from
    several machines.

    Every method raises ``MetricsError`` or ``StoreError`` when the disk refuses.
    """

    def __init__(self, workdir: Path, hosts: Hosts) -> None:
        self.games_path = workdir / "games.sqlite"
        self._hosts = hosts
        self._metrics = MetricsWriter(workdir) if hosts.first else None
        self._store = GameStore(self.games_path) if hosts.first else None
        self._items = ItemLog(workdir)

    def close(self) -> None:
        if self._metrics and self._store:
            self._metrics.close()
            self._store.close()

    def cut_back(self, number: int, step: int) -> None:
        """Drop what is later than this (round, step), as a resume needs."""
        if self._metrics and self._store:
            self._metrics.truncate_after(number, step)
            self._store.delete_after(number)
            self._items.truncate_after(number, step)

    def write(self, number: int, step: int, metrics: Mapping[str, float]) -> None:
        """Append a row of metrics for (round, step)."""
        if self._metrics:
            self._metrics.write(number, step, metrics)

    def write_items(self, exam: Exam, items: Items) -> None:
        """Append one measurement of the held-out pairs."""
        if self._hosts.first:
            self._items.write(exam, items)

    def write_games(
        self,
        number: int,
        games: Sequence[Game],
        metadata: Mapping[str, Any] | None = None,
        equivalents: Sequence[EquivalentQuestion] = (),
    ) -> None:
        """Keep all games of a round, with what is to be said of the round as a whole, and its
        questions about equivalent pairs.
        """
        if self._store:
            self._store.write_round(number, games, metadata, equivalents)

    def rounds(self) -> list[int]:
        """The numbers of the rounds that are kept, ascending."""
        return self._hosts.of_first("rounds", lambda: self._store.rounds() if self._store else [])

    def equivalents(self, number: int) -> tuple[EquivalentQuestion, ...]:
        """The questions of a round about equivalent pairs."""
        if self._store and self._hosts.count == 1:
            return tuple(self._store.equivalents(number))
        plain = self._hosts.of_first(
            "equivalents",
            lambda: (
                [*map(question_to_plain, self._store.equivalents(number))] if self._store else []
            ),
        )
        return tuple(map(question_from_plain, plain))

    def games(self, number: int) -> tuple[Game, ...]:
        """The games of a round."""
        if self._store and self._hosts.count == 1:
            return tuple(self._store.games(number))
        plain = self._hosts.of_first(
            "games", lambda: [*map(game_to_plain, self._store.games(number))] if self._store else []
        )
        return tuple(map(game_from_plain, plain))
