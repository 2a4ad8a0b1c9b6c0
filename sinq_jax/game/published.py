"""What is published of a game: a variant, what proves it, and how hard it was. Texts alone.

``published.jsonl`` holds one of them a line: games that were brought in from elsewhere, judged
again, for players to begin with or to replay.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

from sandbox.input_text import arguments_of
from sandbox.syntax import parse
from sinq_jax.game import difficulty
from sinq_jax.game.headings import section
from sinq_jax.game.lines import read_lines, write_lines
from sinq_jax.game.records import Game
from sinq_jax.programs.functions import parameters_of, top_level_functions
from sinq_jax.programs.program import Parameter, Program


class PublishedError(ValueError):
    """What was read holds no published variant; the message says what is missing."""


@dataclass(frozen=True)
class Published:
    """A variant that differs from its original on ``input``, its writer's own proof.

    ``level`` is the difficulty 0-10 that was measured, None where nobody measured it; ``analysis``
    what the writer thought before it wrote; ``others`` more inputs that tell the two apart. Made by
    `publish`, so that one proof is the same whatever it is read from.
    """

    entry_point: str
    original: str
    variant: str
    input: str
    level: int | None = None
    analysis: str = ""
    others: tuple[str, ...] = ()


def publish(
    entry_point: str,
    original: str,
    variant: str,
    input: str,  # noqa: A002 - the word of the game
    level: int | None = None,
    analysis: str = "",
    others: Iterable[str] = (),
) -> Published:
    """Return the record, without what only a file's layout adds: the variant ends in one line feed,
    inputs have no space around them, and none of ``others`` comes twice or is ``input``.

    Raises PublishedError for what is no text.
    """
    inputs = [input, *others]
    if not all(isinstance(text, str) for text in (entry_point, original, variant, *inputs)):
        raise PublishedError("entry point, original, variant and inputs must be texts")
    own, *more = dict.fromkeys(text.strip() for text in inputs)
    program = variant.rstrip("\n") + "\n"
    return Published(entry_point, original, program, own, level, analysis, tuple(more))


def published_game(game: Game) -> Published | None:
    """Return what a game's writer proved; None where the referee said no, whatever a quirky judge
    paid.

    A suspect variant is unsolved because it may be equivalent, not hard: it has no level.
    """
    if game.proposal is None or game.admission.verdict != "diverges":
        return None
    known = game.answers and not game.suspect
    return publish(
        entry_point=game.program.entry_point,
        original=game.program.source,
        variant=game.proposal.variant,
        input=game.proposal.input,
        level=difficulty.level(game.solved, len(game.answers)) if known else None,
        analysis=analysis_of(game.completion.text),
        others=(
            answer.input
            for answer in game.answers
            if answer.ruling.verdict == "diverges" and answer.input
        ),
    )


def program_of(published: Published) -> Program:
    """Return the original as a program that is named after its text.

    The kinds of its parameters come from annotations, else from the proof. It has no parameters
    where these cannot be named one by one, and no examples: the proof is no known input, but what
    is to be found.
    """
    named = f"{published.entry_point}\n{published.original}".encode("utf-8", "surrogatepass")
    name = f"published/{hashlib.sha256(named).hexdigest()[:16]}"
    return Program(name, published.original, published.entry_point, _parameters(published))


def _parameters(published: Published) -> tuple[Parameter, ...]:
    try:
        function = top_level_functions(parse(published.original))[published.entry_point]
        return parameters_of(function, [arguments_of(published.input)])
    except (SyntaxError, KeyError, ValueError):
        return ()


def analysis_of(text: str) -> str:
    """Return what stands under the heading Analysis, without empty lines around it.

    Empty where nothing does, and where a block of it is never closed: it would swallow whatever
    is written after it.
    """
    found = (section(text, "Analysis") or "").strip("\n")
    return found if section(f"{found}\n# End", "End") is not None else ""


def published_to_plain(published: Published) -> dict[str, Any]:
    """Return the record as JSON values."""
    return vars(published) | {"others": list(published.others)}


def published_from_plain(plain: Mapping[str, Any]) -> Published:
    """Return the record that `published_to_plain` was given; KeyError, TypeError or ValueError for
    anything else.
    """
    analysis, measured = plain["analysis"], plain["level"]
    if not isinstance(analysis, str):
        raise PublishedError("the analysis must be a text")
    if measured is not None and (type(measured) is not int or measured not in difficulty.LEVELS):
        raise PublishedError(f"level {str(measured)[:20]!r}, expected 0 to 10 or null")
    keys = ("entry_point", "original", "variant", "input")
    entry_point, original, variant, own = (plain[key] for key in keys)
    return publish(entry_point, original, variant, own, measured, analysis, plain["others"])


def write_published(records: Iterable[Published], stream: TextIO) -> int:
    """Write one line per record and return how many."""
    return write_lines(map(published_to_plain, records), stream)


def read_published(stream: Iterable[str], where: str = "published") -> Iterator[Published]:
    """Yield the records of a stream of lines, skipping blank ones.

    ``where`` names the stream in errors. Raises LineError at the first line that is no record.
    """
    return read_lines(
        stream,
        published_from_plain,
        where,
        "one published variant as a JSON object",
        "write such files with python -m sinq_jax.intake",
    )
