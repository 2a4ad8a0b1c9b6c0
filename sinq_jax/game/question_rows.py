"""Rows from questions about equivalent pairs, and back: their tables beside those of the games."""

import sqlite3
from collections import defaultdict

from sinq_jax.game.columns import from_json, storable, text_of, to_json
from sinq_jax.game.equivalents import EquivalentQuestion
from sinq_jax.game.jsonl import program_from_plain, ruling_from_plain, ruling_to_plain
from sinq_jax.game.records import Answer, Completion

_SELECT_QUESTIONS = """
SELECT e.id, p.content, e.variant, e.rewrites, e.tried
FROM equivalent e JOIN program p ON p.id = e.program WHERE e.round = ? ORDER BY e.position
"""

_SELECT_ANSWERS = """
SELECT a.equivalent, a.text, a.tokens, a.finished, a.input, a.claims_equivalent, a.ruling
FROM equivalent e JOIN equivalent_answer a ON a.equivalent = e.id
WHERE e.round = ? ORDER BY e.position, a.position
"""


def insert_question(
    connection: sqlite3.Connection, program: int, position: int, question: EquivalentQuestion
) -> None:
    """Insert a question at its place in its round, about the program of that row."""
    inserted = connection.execute(
        "INSERT INTO equivalent VALUES (NULL, ?, ?, ?, ?, ?, ?)",
        (
            *(question.round, position, program, storable(question.variant)),
            *(",".join(question.rewrites), question.tried),
        ),
    ).lastrowid
    for place, answer in enumerate(question.answers):
        completion, given = answer.completion, answer.input
        connection.execute(
            "INSERT INTO equivalent_answer VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(inserted, place, storable(completion.text), completion.tokens),
                *(completion.finished, None if given is None else storable(given)),
                *(answer.claims_equivalent, to_json(ruling_to_plain(answer.ruling))),
            ),
        )


def select_questions(connection: sqlite3.Connection, number: int) -> list[EquivalentQuestion]:
    """Return the questions of a round about equivalent pairs, in order."""
    answers = defaultdict(list)
    rows = connection.execute(_SELECT_ANSWERS, (number,))
    for equivalent, text, tokens, finished, given, claims, ruling in rows:
        completion = Completion(text_of(text), tokens, bool(finished))
        answer_input = None if given is None else text_of(given)
        word = ruling_from_plain(from_json(ruling))
        answers[equivalent].append(Answer(completion, answer_input, bool(claims), word))
    return [
        EquivalentQuestion(
            round=number,
            program=program_from_plain(from_json(program)),
            variant=text_of(variant),
            rewrites=tuple(rewrites.split(",")),
            tried=tried,
            answers=tuple(answers[identity]),
        )
        for identity, program, variant, rewrites, tried in connection.execute(
            _SELECT_QUESTIONS, (number,)
        )
    ]
