"""Published variants as chats in the layout of the release that goes with arXiv 2505.03818.

After an optional system message the user gives difficulty, entry point and original, and the
assistant answers under headings. Two more messages may ask for the difficulty and tell it; then the
first says ``Any``. What is written here is read back as it was, but for `Published.others`, for
which the layout has no place.
"""

import re
from collections.abc import Mapping
from typing import Any

from sinq_jax.game.chats import Chat, Message
from sinq_jax.game.difficulty import LEVELS
from sinq_jax.game.headings import block_under, fenced
from sinq_jax.game.published import Published, PublishedError, analysis_of, publish

VARIANT_HEADING, INPUT_HEADING = "Generated program", "Diverging input example"
LINE_END = "\n"
SYSTEM = f"""\
Write a variant of the given Python program that looks alike but is not equivalent: on some input \
the two return different values, raise different exceptions, or one of them does not halt. Keep \
the name and the parameters of the entry point. The difficulty says how hard it must be to find \
such an input, from 0 (easy) to 10 (hard). Answer under three headings: `# Analysis`, \
`# {VARIANT_HEADING}` with the whole variant in one block of Python, and `# {INPUT_HEADING}` with \
the keyword arguments of the call as a dict literal in another."""

_TASK = re.compile(
    r"Difficulty level: *(?P<level>\w+)\s*\n"
    r"Entry point function: *(?P<entry_point>\S+)\s*\n"
    r"\s*```(?:python)?\n(?P<original>.*)```\s*",
    re.DOTALL,
)
_LEVEL = re.compile(r"\s*Difficulty level: *(\w+)\s*")
_UNMEASURED = "Any"


def told_level(level: int | None) -> str:
    """Return how a difficulty is told."""
    return f"Difficulty level: {_UNMEASURED if level is None else level}"


def release_chat(published: Published) -> Chat:
    """Return the chat in which the variant is the answer to its measured difficulty."""
    asked = (
        f"{told_level(published.level)}\nEntry point function: {published.entry_point}\n\n"
        f"```python\n{published.original}```"
    )
    answered = (
        f"# Analysis\n{published.analysis}\n\n"
        f"# {VARIANT_HEADING}\n{fenced(published.variant.removesuffix(LINE_END))}\n\n"
        f"# {INPUT_HEADING}\n{fenced(published.input)}"
    )
    return (Message("system", SYSTEM), Message("user", asked), Message("assistant", answered))


def published_chat(plain: Mapping[str, Any]) -> Published:
    """Return what a chat of the release publishes; PublishedError where a part is missing."""
    asked, answered = (_contents(plain["messages"], role) for role in ("user", "assistant"))
    task = _TASK.fullmatch(asked[0])
    if task is None:
        raise PublishedError(
            "the user's first message has no difficulty level, entry point and program"
        )
    told = _LEVEL.fullmatch(answered[1]) if len(answered) > 1 else None
    return publish(
        entry_point=task["entry_point"],
        original=task["original"],
        variant=_block(answered[0], VARIANT_HEADING),
        input=_block(answered[0], INPUT_HEADING),
        level=level_told(told[1] if told else task["level"]),
        analysis=analysis_of(answered[0]),
    )


def level_told(told: Any) -> int | None:
    """Return the level that a text or a number tells, None for ``Any``; else PublishedError."""
    if str(told).lower() == _UNMEASURED.lower():
        return None
    if str(told) not in map(str, LEVELS):
        raise PublishedError(f"difficulty {str(told)[:20]!r}, expected 0 to 10")
    return int(told)


def _contents(messages: Any, role: str) -> list[str]:
    """The texts of one role, at least one."""
    try:
        found = [message["content"] for message in messages if message["role"] == role]
    except (TypeError, KeyError, IndexError) as error:
        raise PublishedError("messages are not a list of role and content") from error
    if not found or not all(isinstance(text, str) for text in found):
        raise PublishedError(f"no text of the role {role!r}")
    return found


def _block(text: str, heading: str) -> str:
    found = block_under(text, heading)
    if found is None:
        raise PublishedError(f"no block of code under '# {heading}'")
    return found
