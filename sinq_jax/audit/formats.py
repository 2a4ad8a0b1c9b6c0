"""One line of a file, read as what it is: a chat of the authors, a parsed pair, or a game of ours.

The chats are those of the release that goes with arXiv 2505.03818: after an optional system message
the user gives difficulty, entry point and original, and the assistant answers under headings. Two
more messages may ask for the difficulty and tell it; then the first says ``Any``.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from sinq_jax.audit.proofs import Proof
from sinq_jax.game.difficulty import LEVELS, level
from sinq_jax.game.headings import block_under
from sinq_jax.game.jsonl import game_from_plain
from sinq_jax.game.records import Game

VARIANT_HEADING, INPUT_HEADING = "Generated program", "Diverging input example"
_TASK = re.compile(
    r"Difficulty level: *(?P<level>\w+)\s*\n"
    r"Entry point function: *(?P<entry_point>\S+)\s*\n"
    r"\s*```(?:python)?\n(?P<original>.*)```\s*",
    re.DOTALL,
)
_LEVEL = re.compile(r"\s*Difficulty level: *(\w+)\s*")

Claim = tuple[Proof, int | None]
"""A proof with the difficulty that was measured for it."""


class UnknownLineError(ValueError):
    """The line is of no known format; the message says what it is."""


class FaultyLineError(ValueError):
    """The line is of a known format and yet holds no proof; the message says what is missing."""


def read_line(line: bytes) -> Claim | None:
    """Return the claim of one line, None for a game that makes none.

    Raises UnknownLineError or FaultyLineError for what cannot be read.
    """
    try:
        plain = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UnknownLineError("not JSON") from error
    if not isinstance(plain, dict):
        raise UnknownLineError("not a JSON object")
    for keys, reader in _READERS.items():
        if plain.keys() >= keys:
            return reader(plain)
    raise UnknownLineError(f"a JSON object with the keys {', '.join(map(repr, plain))[:200]}")


def claim_of(game: Game) -> Claim | None:
    """Return what the generator of one of our games proved; None where its referee said no.

    A suspect variant is unsolved because it may be equivalent, not hard: it has no difficulty.
    """
    if game.proposal is None or not game.admitted:
        return None
    proposal, program = game.proposal, game.program
    known = game.answers and not game.suspect
    measured = level(game.solved, len(game.answers)) if known else None
    texts = (program.entry_point, program.source, proposal.variant, proposal.input)
    return _proof(*texts), measured


def _chat(plain: Mapping[str, Any]) -> Claim:
    asked, answered = (_messages(plain["messages"], role) for role in ("user", "assistant"))
    task = _TASK.fullmatch(asked[0])
    if task is None:
        raise FaultyLineError(
            "the user's first message has no difficulty level, entry point and program"
        )
    variant, given = (
        _found(block_under(answered[0], heading), f"no block of code under '# {heading}'")
        for heading in (VARIANT_HEADING, INPUT_HEADING)
    )
    told = _LEVEL.fullmatch(answered[1]) if len(answered) > 1 else None
    # Blocks lose the end of their last line: with it, the proof equals that of the parsed pairs.
    proof = _proof(task["entry_point"], task["original"], f"{variant}\n", f"{given}\n")
    return proof, _level(told[1] if told else task["level"])


def _messages(messages: Any, role: str) -> list[str]:
    """The texts of one role, at least one."""
    try:
        found = [message["content"] for message in messages if message["role"] == role]
    except (TypeError, KeyError, IndexError) as error:
        raise FaultyLineError("messages are not a list of role and content") from error
    if not found or not all(isinstance(text, str) for text in found):
        raise FaultyLineError(f"no text of the role {role!r}")
    return found


def _pair(plain: Mapping[str, Any]) -> Claim:
    keys = ("function_name", "program", "variant", "diverging_input")
    measured = plain.get("difficulty")
    return _proof(*(plain[key] for key in keys)), _level("Any" if measured is None else measured)


def _game(plain: Mapping[str, Any]) -> Claim | None:
    try:
        return claim_of(game_from_plain(plain))
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        fault = f"no key {error}" if isinstance(error, KeyError) else str(error)
        raise FaultyLineError(f"a game with {fault}") from error


def _proof(*texts: Any) -> Proof:
    if not all(isinstance(text, str) for text in texts):
        raise FaultyLineError("entry point, original, variant and input must be texts")
    return Proof(*texts)


def _level(told: Any) -> int | None:
    """The level that a text or a number tells; None for ``Any``."""
    if told in ("Any", "any"):
        return None
    if str(told) not in map(str, LEVELS):
        raise FaultyLineError(f"difficulty {str(told)[:20]!r}, expected 0 to 10")
    return int(told)


def _found(text: str | None, fault: str) -> str:
    if text is None:
        raise FaultyLineError(fault)
    return text


_READERS: dict[frozenset[str], Callable[[Mapping[str, Any]], Claim | None]] = {
    frozenset(("messages",)): _chat,
    frozenset(("function_name", "program", "variant", "diverging_input")): _pair,
    frozenset(("round", "program", "proposal", "admission")): _game,
}
