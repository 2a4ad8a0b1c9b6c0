"""Rows from games and games from rows: what one round becomes in the tables, and back."""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sinq_jax.game.columns import from_json, storable, text_of, to_json
from sinq_jax.game.equivalents import EquivalentQuestion
from sinq_jax.game.jsonl import (
    program_from_plain,
    program_to_plain,
    ruling_from_plain,
    ruling_to_plain,
)
from sinq_jax.game.question_rows import insert_question
from sinq_jax.game.records import (
    Answer,
    Behaviour,
    Completion,
    Game,
    Proposal,
    Ruling,
    Suspicion,
)
from sinq_jax.programs.program import Program

OUTCOMES = ("original", "variant")
"""Keys of a receipt that are one verdict's own; all others are stored once for many verdicts."""

_SELECT_VARIANTS = """
SELECT v.id, p.content, v.target, v.sample, v.text, v.tokens, v.finished, v.variant, v.input,
       v.diverging, v.tried, b.edit, b.outcomes, b.seen, u.reason, u.tried, u.input, u.ruling,
       d.verdict, d.reason, d.outcomes, c.content, q.diverges
FROM variant v JOIN program p ON p.id = v.program
JOIN verdict d ON d.variant = v.id AND d.answer IS NULL JOIN condition c ON c.id = d.condition
LEFT JOIN suspicion u ON u.variant = v.id LEFT JOIN behaviour b ON b.variant = v.id
LEFT JOIN quirky q ON q.verdict = d.id
WHERE v.round = ? AND (? IS NULL OR v.position = ?) ORDER BY v.position
"""

_SELECT_ANSWERS = """
SELECT a.variant, a.text, a.tokens, a.finished, a.input, a.claims_equivalent,
       d.verdict, d.reason, d.outcomes, c.content, q.diverges
FROM variant v JOIN answer a ON a.variant = v.id
JOIN verdict d ON d.answer = a.id JOIN condition c ON c.id = d.condition
LEFT JOIN quirky q ON q.verdict = d.id
WHERE v.round = ? AND (? IS NULL OR v.position = ?) ORDER BY v.position, a.position
"""


def delete_rounds(connection: sqlite3.Connection, condition: str, number: int) -> int:
    """Delete the rounds that meet the condition, and what no game uses; return how many rounds."""
    deleted = connection.execute(f"DELETE FROM round WHERE {condition}", (number,)).rowcount
    if deleted:
        connection.execute(
            "DELETE FROM program WHERE id NOT IN (SELECT program FROM variant)"
            " AND id NOT IN (SELECT program FROM equivalent)"
        )
        connection.execute("DELETE FROM condition WHERE id NOT IN (SELECT condition FROM verdict)")
    return deleted


def insert_round(
    connection: sqlite3.Connection,
    number: int,
    games: Sequence[Game],
    equivalents: Sequence[EquivalentQuestion],
    metadata: Mapping[str, Any],
) -> None:
    """Insert a round with its games and its equivalent pairs; the caller holds the transaction."""
    connection.execute("INSERT INTO round VALUES (?, ?)", (number, to_json(dict(metadata))))
    insertion = _Insertion(connection)
    for position, game in enumerate(games):
        insertion.add(game, position)
    for position, question in enumerate(equivalents):
        program = insertion.program(question.program)
        insert_question(connection, program, position, question)


def select_games(
    connection: sqlite3.Connection, number: int, position: int | None = None
) -> list[Game]:
    """Return the games of a round, or the one at a position, in order."""
    where = (number, position, position)
    answers = defaultdict(list)
    for variant, text, tokens, finished, given, equivalent, *ruling in connection.execute(
        _SELECT_ANSWERS, where
    ):
        completion = Completion(text_of(text), tokens, bool(finished))
        answer_input = None if given is None else text_of(given)
        answers[variant].append(
            Answer(completion, answer_input, bool(equivalent), _ruling(*ruling))
        )
    rows = connection.execute(_SELECT_VARIANTS, where)
    return [_game(number, row, answers[row[0]]) for row in rows]


class _Insertion:
    """Inserts games one by one and remembers the rows that many of them point at."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._programs: dict[Program, int] = {}
        self._conditions: dict[str, int] = {}

    def add(self, game: Game, position: int) -> None:
        """Insert a game at its place in the round."""
        variant = self._insert_variant(game, position)
        self._insert_verdict(variant, None, game.admission)
        if game.suspicion:
            self._insert_suspicion(variant, game.suspicion)
        if behaviour := game.behaviour:
            self._connection.execute(
                "INSERT INTO behaviour VALUES (?, ?, ?, ?)",
                (variant, ",".join(behaviour.edit), behaviour.outcomes, behaviour.seen),
            )
        for place, answer in enumerate(game.answers):
            given = None if answer.input is None else storable(answer.input)
            fields = (*_completion_fields(answer.completion), given, answer.claims_equivalent)
            inserted = self._connection.execute(
                "INSERT INTO answer VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", (variant, place, *fields)
            ).lastrowid
            self._insert_verdict(variant, inserted, answer.ruling)

    def _insert_variant(self, game: Game, position: int) -> int | None:
        proposal = game.proposal
        texts = (storable(proposal.variant), storable(proposal.input)) if proposal else (None, None)
        return self._connection.execute(
            "INSERT INTO variant VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(game.round, position, self.program(game.program), game.target, game.sample),
                *_completion_fields(game.completion),
                *texts,
                *(game.solved, len(game.answers)),
                *(game.density or (None, None)),
            ),
        ).lastrowid

    def _insert_suspicion(self, variant: int | None, suspicion: Suspicion) -> None:
        found, ruling = suspicion.input, suspicion.ruling
        self._connection.execute(
            "INSERT INTO suspicion VALUES (?, ?, ?, ?, ?, ?)",
            (
                *(variant, found is None, storable(suspicion.reason), suspicion.tried),
                None if found is None else storable(found),
                ruling and to_json(ruling_to_plain(ruling)),
            ),
        )

    def _insert_verdict(self, variant: int | None, answer: int | None, ruling: Ruling) -> None:
        own = {key: value for key, value in ruling.receipt.items() if key in OUTCOMES}
        rest = {key: value for key, value in ruling.receipt.items() if key not in OUTCOMES}
        fields = (ruling.verdict, storable(ruling.reason), to_json(own), self._condition(rest))
        inserted = self._connection.execute(
            "INSERT INTO verdict VALUES (NULL, ?, ?, ?, ?, ?, ?)", (variant, answer, *fields)
        ).lastrowid
        if ruling.quirky is not None:
            self._connection.execute("INSERT INTO quirky VALUES (?, ?)", (inserted, ruling.quirky))

    def program(self, program: Program) -> int:
        """The row of a program, inserted unless it is there already."""
        if program not in self._programs:
            columns = {
                "content": to_json(program_to_plain(program)),
                "name": storable(program.name),
                "source": storable(program.source),
                "entry_point": storable(program.entry_point),
            }
            self._programs[program] = self._shared("program", columns)
        return self._programs[program]

    def _condition(self, rest: dict[str, Any]) -> int:
        told = repr(rest)
        if told not in self._conditions:
            self._conditions[told] = self._shared("condition", {"content": to_json(rest)})
        return self._conditions[told]

    def _shared(self, table: str, columns: dict[str, str | bytes]) -> int:
        """Insert a row unless its content is there already; return its id."""
        names, places = ", ".join(columns), ", ".join("?" * len(columns))
        self._connection.execute(
            f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({places})", tuple(columns.values())
        )
        found = self._connection.execute(
            f"SELECT id FROM {table} WHERE content = ?", (columns["content"],)
        )
        return int(found.fetchone()[0])


def _game(number: int, row: tuple[Any, ...], answers: Sequence[Answer]) -> Game:
    _, program, target, sample, text, tokens, finished, variant, given, *rest = row
    diverging, tried, edit, outcomes, seen, reason, searched, found, word, *ruling = rest
    return Game(
        round=number,
        program=program_from_plain(from_json(program)),
        target=target,
        sample=sample,
        completion=Completion(text_of(text), tokens, bool(finished)),
        proposal=None if variant is None else Proposal(text_of(variant), text_of(given)),
        admission=_ruling(*ruling),
        answers=tuple(answers),
        density=None if tried is None else (diverging, tried),
        suspicion=None if reason is None else _suspicion(reason, searched, found, word),
        behaviour=None if edit is None else Behaviour(tuple(edit.split(",")), outcomes, seen),
    )


def _suspicion(reason: Any, tried: int, found: Any, word: Any) -> Suspicion:
    return Suspicion(
        text_of(reason),
        tried,
        None if found is None else text_of(found),
        None if word is None else ruling_from_plain(from_json(word)),
    )


def _completion_fields(completion: Completion) -> tuple[str | bytes, int, bool]:
    return storable(completion.text), completion.tokens, completion.finished


def _ruling(
    verdict: Any,
    reason: str | bytes,
    outcomes: str | bytes,
    condition: str | bytes,
    quirky: int | None,
) -> Ruling:
    receipt = from_json(outcomes) | from_json(condition)
    return Ruling(verdict, text_of(reason), receipt, None if quirky is None else bool(quirky))
