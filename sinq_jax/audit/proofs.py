"""What an audit is about: proofs, the rows that publish them, and the files that hold the rows."""

import hashlib
import json
from dataclasses import astuple, dataclass

from sinq_jax.errors import SinqError
from sinq_jax.game.published import Published


class AuditError(SinqError):
    """An audit cannot be made; one line that says where, what was expected, and what to do."""


@dataclass(frozen=True)
class Proof:
    """The claim that ``original`` and ``variant`` differ on ``input``.

    Rows that publish the same four texts publish one proof.
    """

    entry_point: str
    original: str
    variant: str
    input: str

    @property
    def id(self) -> str:
        """A name made of the four texts alone: 16 hexadecimal digits of a SHA-256."""
        return hashlib.sha256(json.dumps(astuple(self)).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Row:
    """One publication of a proof; ``place`` names it, as in ``games.jsonl:12``."""

    place: str
    published: Published

    @property
    def proof(self) -> Proof:
        """What its writer claims."""
        it = self.published
        return Proof(it.entry_point, it.original, it.variant, it.input)

    @property
    def level(self) -> int | None:
        """The difficulty 0-10 that was measured for it, None where nobody measured it."""
        return self.published.level


@dataclass(frozen=True)
class Source:
    """What was read from one file: its rows, a line for each part that could not be read, and how
    many games in it claim no proof (refused by the referee of their time).
    """

    name: str
    rows: tuple[Row, ...]
    faults: tuple[str, ...] = ()
    unclaimed: int = 0
