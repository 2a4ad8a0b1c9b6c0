"""What a program is to the game: a text with an entry point, and what is known of it."""

from dataclasses import dataclass, field

from sinq_jax.errors import SinqError


@dataclass(frozen=True)
class Parameter:
    """One parameter of an entry point.

    ``kind`` is the shape of plausible values, written as a Python annotation over plain data:
    ``int``, ``bool``, ``float``, ``str``, ``list[int]``, ``tuple[str, ...]``, ``dict[str, int]``,
    ``any`` where nothing is known.
    """

    name: str
    kind: str = "any"


@dataclass(frozen=True)
class Program:
    """An original: Python text that defines ``entry_point`` at module level.

    ``name`` is unique within a source (``mbpp/601``, ``grammar/17``); ``source`` has LF line ends;
    ``examples`` are inputs known to bind, each the text of a dict literal of keyword arguments.
    """

    name: str
    source: str
    entry_point: str
    parameters: tuple[Parameter, ...] = ()
    examples: tuple[str, ...] = ()


class ProgramSourceError(SinqError, ValueError):
    """A source that offers nothing: the message is one line, ``where: expected X, got Y; ...``."""


class UnsuitableProgram(ValueError):  # noqa: N818 - data about one program, not a failure
    """A program that cannot be played with; the message is the reason in one phrase."""


@dataclass(frozen=True)
class Skipped:
    """A program that a source could not offer, and why in one line."""

    where: str
    reason: str


@dataclass(frozen=True)
class ProgramSet:
    """Originals split by program: no program stands in two splits."""

    train: tuple[Program, ...]
    validation: tuple[Program, ...]
    held_out: tuple[Program, ...]
    skipped: tuple[Skipped, ...] = field(default=())
