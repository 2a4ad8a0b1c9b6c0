"""What a model can be asked: a text, a chat, an original, a pair; one JSON object a line."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sinq_jax.errors import SinqError
from sinq_jax.game.prompts import Format
from sinq_jax.game.records import Role
from sinq_jax.programs.program import Program

Message = Mapping[str, str]
"""``role`` and ``content`` of one turn of a chat."""

KINDS = (
    '{"text": ...}',
    '{"messages": [{"role": ..., "content": ...}]}',
    '{"original": ..., "entry_point": ..., "target": 0-10}',
    '{"original": ..., "variant": ..., "entry_point": ...}',
)


class QuestionError(SinqError, ValueError):
    """A question that cannot be asked; the message is one line."""


@dataclass(frozen=True)
class Question:
    """``text`` is read as it is, ``messages`` as a chat: one of the two is there. ``role`` is the
    player whose weights answer. ``program`` is there when the game's rules can read the answer:
    the evaluator's when there is a ``variant`` too, else the generator's.
    """

    role: Role
    text: str = ""
    messages: tuple[Message, ...] = ()
    program: Program | None = None
    variant: str = ""


def read_questions(path: str, form: Format, role: Role) -> list[Question]:
    """The questions of a JSONL file, or of standard input for ``-``; blank lines are left out.

    Raises ``QuestionError`` that names the line, for a file that cannot be read or a line that is
    none of ``KINDS``. ``role`` answers texts and chats.
    """
    questions = [*_parsed(path, _lines(path), form, role)]
    if not questions:
        raise QuestionError(f"{path}: expected at least one question, got none; write {KINDS[0]}")
    return questions


def _lines(path: str) -> Iterable[str]:
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        got = error.strerror if isinstance(error, OSError) else "bytes that are not UTF-8"
        raise QuestionError(
            f"--config.sample.file: expected a JSONL file, got {path!r} ({got}); "
            "name one, or - for standard input"
        ) from None
    return text.split("\n")


def _parsed(path: str, lines: Iterable[str], form: Format, role: Role) -> Iterator[Question]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield _question(json.loads(line), form, role)
            except (ValueError, RecursionError) as error:
                got = "no JSON" if isinstance(error, json.JSONDecodeError) else error
                raise QuestionError(
                    f"{path}:{number}: expected one of {', '.join(KINDS)}, got {got}; "
                    "correct the line"
                ) from None


def _question(record: Any, form: Format, role: Role) -> Question:
    """Raises ``ValueError`` that says what was got instead."""
    if not isinstance(record, dict):
        raise ValueError(f"a {type(record).__name__}")
    if "text" in record:
        return Question(role, text=_string(record, "text"))
    if "messages" in record:
        return Question(role, messages=_messages(record["messages"]))
    if "original" not in record:
        raise ValueError(f"the keys {', '.join(map(str, record)) or 'of nothing'}")
    source, entry = _string(record, "original"), _string(record, "entry_point")
    program = Program(str(record.get("id", "asked")), source, entry)
    if "variant" not in record:
        prompt = form.generator_prompt(program, _target(record))
        return Question("generator", prompt, program=program)
    variant = _string(record, "variant")
    prompt = form.evaluator_prompt(source, variant, entry)
    return Question("evaluator", prompt, program=program, variant=variant)


def _string(record: Mapping[str, Any], name: str) -> str:
    if not isinstance(record.get(name), str):
        raise ValueError(f"{name} that is {'not a string' if name in record else 'not there'}")
    return str(record[name])


def _messages(given: Any) -> tuple[Message, ...]:
    if not isinstance(given, list) or not given:
        raise ValueError("messages that are no list of turns")
    if not all(isinstance(each, dict) for each in given):
        raise ValueError("messages that are not all objects")
    return tuple(
        {"role": _string(each, "role"), "content": _string(each, "content")} for each in given
    )


def _target(record: Mapping[str, Any]) -> int:
    target = record.get("target", 10)
    if type(target) is not int or not 0 <= target <= 10:
        raise ValueError(f"the target {target!r}")
    return target
