"""``games.sqlite``: all games of a run with receipts, written by rounds, read back exactly."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from sinq_jax.errors import SinqError
from sinq_jax.game import rows, tables
from sinq_jax.game.columns import from_json, text_of
from sinq_jax.game.equivalents import EquivalentQuestion
from sinq_jax.game.jsonl import game_to_plain
from sinq_jax.game.question_rows import select_questions
from sinq_jax.game.records import Answer, Game, Ruling

MEASURED_KEYS = frozenset({"wall_s", "cpu_s"})
"""Keys of outcomes and of metadata that hold measured times, which differ from run to run."""


class StoreError(SinqError):
    """The games file cannot be used; one line that says where, why and what to do."""


@dataclass(frozen=True)
class Entry:
    """What the figures need of one stored game, without its texts.

    ``position`` is the game's place in its round; ``solved`` and ``answers`` are s and n;
    ``verdict`` and ``reason`` are the admission's; ``density`` is (diverging, tried) or None;
    ``suspect`` as in `Game`.
    """

    round: int
    position: int
    program: str
    target: int
    solved: int
    answers: int
    verdict: str
    reason: str
    density: tuple[int, int] | None
    suspect: bool = False

    @property
    def measured(self) -> bool:
        """Whether its difficulty is known: proven to differ, answered, and not suspect.

        An unproven variant that nobody solves may be an equivalent one, not a hard one; and one
        that only its writer can tell apart is not hard but a riddle.
        """
        return self.verdict == "diverges" and self.answers > 0 and not self.suspect


class GameStore:
    """The games of one run in one sqlite file: a context manager, used from one thread.

    ``readonly`` opens an existing file and creates nothing. ``busy_timeout_s`` is how many seconds
    to wait for another process that is writing. Every method raises StoreError when the file, the
    disk or another process stands in the way; what was committed before stays.
    """

    def __init__(
        self, path: str | Path, *, readonly: bool = False, busy_timeout_s: float = 10.0
    ) -> None:
        self.path = Path(path)
        if readonly and not self.path.is_file():
            raise StoreError(f"{self.path}: expected a file of games, found none; play a run first")
        with self._clear_errors():
            self._connection = sqlite3.connect(
                tables.uri(self.path, readonly),
                uri=True,
                timeout=busy_timeout_s,
                isolation_level=None,
            )
            try:
                tables.prepare(self._connection, readonly)
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it; closing twice is fine."""
        with self._clear_errors():
            self._connection.close()

    def write_round(
        self,
        number: int,
        games: Sequence[Game],
        metadata: Mapping[str, Any] | None = None,
        equivalents: Sequence[EquivalentQuestion] = (),
    ) -> None:
        """Store all games of a round, or, when anything fails, none of them.

        A round that is there already is replaced. ``metadata`` (JSON values: the seed, counts) and
        the round's questions about equivalent pairs are kept with the round. All is on disk when
        this returns. Raises ValueError for a game or question of another round, TypeError for a
        receipt that is no plain JSON.
        """
        for of in [*(game.round for game in games), *(each.round for each in equivalents)]:
            if of != number:
                raise ValueError(f"write_round: expected games of round {number}, got {of}")
        with self._transaction() as connection:
            rows.delete_rounds(connection, "number = ?", number)
            rows.insert_round(connection, number, games, equivalents, metadata or {})

    def delete_after(self, number: int) -> int:
        """Drop every round later than ``number`` (-1 drops all); return how many were dropped."""
        with self._transaction() as connection:
            return rows.delete_rounds(connection, "number > ?", number)

    def rounds(self) -> list[int]:
        """Return the numbers of the stored rounds, ascending."""
        return [number for (number,) in self._fetch("SELECT number FROM round ORDER BY number")]

    def metadata(self, number: int) -> dict[str, Any]:
        """Return what was kept with a round; KeyError for a round that is not there."""
        found = self._fetch("SELECT metadata FROM round WHERE number = ?", number)
        if not found:
            raise KeyError(number)
        with self._clear_errors():
            return from_json(found[0][0])

    def games(self, rounds: int | Iterable[int] | None = None) -> Iterator[Game]:
        """Yield the games of one round, of several, or (None) of all, in the order of writing.

        One round is in memory at a time. A round that is not there yields nothing.
        """
        if rounds is None:
            rounds = self.rounds()
        for number in [rounds] if isinstance(rounds, int) else rounds:
            with self._clear_errors():
                games = rows.select_games(self._connection, number)
            yield from games

    def equivalents(self, number: int) -> list[EquivalentQuestion]:
        """Return the questions of a round about equivalent pairs, in the order of writing."""
        with self._clear_errors():
            return select_questions(self._connection, number)

    def game(self, number: int, position: int) -> Game:
        """Return one game by its place in its round; KeyError where there is none."""
        with self._clear_errors():
            games = rows.select_games(self._connection, number, position)
        if not games:
            raise KeyError((number, position))
        return games[0]

    def entries(self) -> Iterator[Entry]:
        """Yield one Entry per game in the order of rounds and positions, without loading texts."""
        for row in self._fetch(tables.SELECT_ENTRIES):
            number, position, program, target, s, n, *judged, suspect = row
            verdict, reason, diverging, tried = judged
            yield Entry(
                round=number,
                position=position,
                program=text_of(program),
                target=target,
                solved=s,
                answers=n,
                verdict=verdict,
                reason=text_of(reason),
                density=None if tried is None else (diverging, tried),
                suspect=bool(suspect),
            )

    def answer_rulings(self) -> dict[tuple[str, str], int]:
        """Return how often the answers of the evaluator got each (verdict, reason)."""
        found = self._fetch(tables.SELECT_ANSWER_RULINGS)
        return {(verdict, text_of(reason)): count for verdict, reason, count in found}

    def counts(self) -> dict[str, int]:
        """Return the counts of rounds, programs, games, admitted, answers and solved answers."""
        (found,) = self._fetch(tables.SELECT_COUNTS)
        return dict(zip(tables.COUNTED, found, strict=True))

    def content_digest(self) -> str:
        """Return a SHA-256 (hex) of all rounds and games without measured times.

        Equal content gives an equal digest whatever the file went through: replaced and dropped
        rounds, row ids and pages leave no trace in it.
        """
        digest = hashlib.sha256()
        for number in self.rounds():
            digest.update(_canonical([number, _unmeasured(self.metadata(number))]))
            for game in self.games(number):
                digest.update(_canonical(game_to_plain(timeless(game))))
            for question in self.equivalents(number):
                digest.update(repr(_timeless_question(question)).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def _fetch(self, query: str, *values: int) -> list[tuple[Any, ...]]:
        with self._clear_errors(), closing(self._connection.execute(query, values)) as cursor:
            return cursor.fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._clear_errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, tables.FormatError, UnicodeDecodeError) as error:
            raise StoreError(f"{self.path}: {tables.explain(error)}") from error


def _canonical(value: Any) -> bytes:
    """One line of JSON with sorted keys."""
    return json.dumps(value, sort_keys=True).encode() + b"\n"


def timeless(game: Game) -> Game:
    """Return the game without what its receipts tell of measured times."""
    answers = _timeless_answers(game.answers)
    suspicion = game.suspicion
    if suspicion and suspicion.ruling:
        suspicion = replace(suspicion, ruling=_timeless_ruling(suspicion.ruling))
    admission = _timeless_ruling(game.admission)
    return replace(game, admission=admission, answers=answers, suspicion=suspicion)


def _timeless_question(question: EquivalentQuestion) -> EquivalentQuestion:
    return replace(question, answers=_timeless_answers(question.answers))


def _timeless_answers(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    return tuple(replace(answer, ruling=_timeless_ruling(answer.ruling)) for answer in answers)


def _timeless_ruling(ruling: Ruling) -> Ruling:
    receipt = {
        key: _unmeasured(value) if key in rows.OUTCOMES and isinstance(value, Mapping) else value
        for key, value in ruling.receipt.items()
    }
    return replace(ruling, receipt=receipt)


def _unmeasured(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in MEASURED_KEYS}
