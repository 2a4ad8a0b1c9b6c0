"""Rows from games and games from rows: what one round becomes in the tables, and back."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sinq_jax.game.jsonl import program_from_plain, program_to_plain
from sinq_jax.game.records import Answer, Completion, Game, Proposal, Ruling
from sinq_jax.game.tables import FormatError
from sinq_jax.programs.program import Program

_SELECT_VARIANTS = """
SELECT v.id, p.content, v.target, v.sample, v.text, v.tokens, v.finished, v.variant, v.input,
       v.diverging, v.tried, d.verdict, d.reason, d.receipt
FROM variant v JOIN program p ON p.id = v.program
JOIN verdict d ON d.variant = v.id AND d.answer IS NULL
WHERE v.round = ? AND (? IS NULL OR v.position = ?) ORDER BY v.position
"""

_SELECT_ANSWERS = """
SELECT a.variant, a.text, a.tokens, a.finished, a.input, a.claims_equivalent,
       d.verdict, d.reason, d.receipt
FROM variant v JOIN answer a ON a.variant = v.id JOIN verdict d ON d.answer = a.id
WHERE v.round = ? AND (? IS NULL OR v.position = ?) ORDER BY v.position, a.position
"""


def delete_rounds(connection: sqlite3.Connection, condition: str, number: int) -> int:
    """Delete the rounds that meet the condition, and unused programs; return how many rounds."""
    deleted = connection.execute(f"DELETE FROM round WHERE {condition}", (number,)).rowcount
    if deleted:
        connection.execute("DELETE FROM program WHERE id NOT IN (SELECT program FROM variant)")
    return deleted


def insert_round(
    connection: sqlite3.Connection, number: int, games: Sequence[Game], metadata: Mapping[str, Any]
) -> None:
    """Insert a round with its games; the caller holds the transaction."""
    connection.execute("INSERT INTO round VALUES (?, ?)", (number, _to_json(dict(metadata))))
    programs: dict[Program, int] = {}
    for position, game in enumerate(games):
        if game.program not in programs:
            programs[game.program] = _program_id(connection, game.program)
        _insert_game(connection, game, position, programs[game.program])


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
        answers[variant].append(
            Answer(completion, _maybe(given), bool(equivalent), _ruling(*ruling))
        )
    games = []
    for row in connection.execute(_SELECT_VARIANTS, where):
        variant, program, target, sample, text, tokens, finished, source, given, *rest = row
        diverging, tried, *ruling = rest
        games.append(
            Game(
                round=number,
                program=program_from_plain(from_json(program)),
                target=target,
                sample=sample,
                completion=Completion(text_of(text), tokens, bool(finished)),
                proposal=None if source is None else Proposal(text_of(source), text_of(given)),
                admission=_ruling(*ruling),
                answers=tuple(answers[variant]),
                density=None if tried is None else (diverging, tried),
            )
        )
    return games


def _program_id(connection: sqlite3.Connection, program: Program) -> int:
    content = _to_json(program_to_plain(program))
    fields = tuple(map(_storable, (program.name, program.source, program.entry_point)))
    connection.execute(
        "INSERT OR IGNORE INTO program (name, source, entry_point, content) VALUES (?, ?, ?, ?)",
        (*fields, content),
    )
    found = connection.execute("SELECT id FROM program WHERE content = ?", (content,)).fetchone()
    return int(found[0])


def _insert_game(connection: sqlite3.Connection, game: Game, position: int, program: int) -> None:
    diverging, tried = game.density or (None, None)
    proposal = game.proposal
    variant = connection.execute(
        "INSERT INTO variant VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(game.round, position, program, game.target, game.sample),
            *_completion_fields(game.completion),
            *(
                (_storable(proposal.variant), _storable(proposal.input))
                if proposal
                else (None, None)
            ),
            *(game.solved, len(game.answers), diverging, tried),
        ),
    ).lastrowid
    _insert_verdict(connection, variant, None, game.admission)
    for place, answer in enumerate(game.answers):
        given = None if answer.input is None else _storable(answer.input)
        inserted = connection.execute(
            "INSERT INTO answer VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
            (
                variant,
                place,
                *_completion_fields(answer.completion),
                given,
                answer.claims_equivalent,
            ),
        ).lastrowid
        _insert_verdict(connection, variant, inserted, answer.ruling)


def _insert_verdict(
    connection: sqlite3.Connection, variant: int | None, answer: int | None, ruling: Ruling
) -> None:
    connection.execute(
        "INSERT INTO verdict VALUES (NULL, ?, ?, ?, ?, ?)",
        (variant, answer, ruling.verdict, _storable(ruling.reason), _to_json(dict(ruling.receipt))),
    )


def _completion_fields(completion: Completion) -> tuple[str | bytes, int, bool]:
    return _storable(completion.text), completion.tokens, completion.finished


def _ruling(verdict: Any, reason: str | bytes, receipt: str) -> Ruling:
    return Ruling(verdict, text_of(reason), from_json(receipt))


def _storable(text: str) -> str | bytes:
    """A text with lone surrogates is no UTF-8 and sqlite refuses it: it goes in as bytes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def text_of(stored: str | bytes) -> str:
    """Return the text that went into a column."""
    return stored.decode("utf-8", "surrogatepass") if isinstance(stored, bytes) else stored


def _maybe(stored: str | bytes | None) -> str | None:
    return None if stored is None else text_of(stored)


def _to_json(value: dict[str, Any]) -> str:
    """Return JSON that reads back as an equal value; TypeError for what cannot, such as a tuple."""
    text = json.dumps(value)
    if repr(json.loads(text)) != repr(value):
        raise TypeError(f"receipt: expected plain JSON values, got {value!r:.200}")
    return text


def from_json(text: str) -> dict[str, Any]:
    """Return a stored JSON object; FormatError where the text was damaged."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise FormatError(f"expected JSON, got {text[:80]!r}; the file is damaged") from error
    if not isinstance(value, dict):
        raise FormatError(f"expected a JSON object, got {text[:80]!r}; the file is damaged")
    return value
