"""What a checkpoint says of itself: how far the run had come, and what its arrays must be."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import jax
import numpy as np

from sinq_jax.players import Players


class UnusableError(Exception):
    """One checkpoint is not what was asked for; the message is ``expected X, got Y``."""


@dataclass(frozen=True)
class Progress:
    """How far a run had come: the last finished ``round``, optimizer ``step`` and ``tick``, and
    whatever else JSON can hold and a bit-equal resume needs. Floats come back as they were.
    """

    round: int
    step: int
    tick: int
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Contents:
    """What a checkpoint says it holds: ``arrays`` has dtype, shape and SHA-256 of each, by name;
    ``origin`` is the fingerprint of the weights on disk that the players began with.
    """

    progress: Progress
    arrays: Mapping[str, str]
    origin: str


def record_of(players: Players, origin: str, progress: Progress) -> dict[str, Any]:
    """What is written beside the arrays. Raises ``TypeError`` when ``progress`` is not JSON."""
    arrays = {name: {"is": _kind(leaf), "sha256": _digest(leaf)} for name, leaf in _leaves(players)}
    text = json.dumps(asdict(progress))
    return {"arrays": arrays, "origin": origin, "progress": text, "sha256": _sha256(text)}


def contents_of(record: Any) -> Contents:
    """What was written. Raises ``UnusableError`` when it is not what ``record_of`` makes."""
    try:
        text = record["progress"]
        if _sha256(text) != record["sha256"]:
            raise UnusableError("expected the progress as it was saved, got another text")
        arrays = {name: f"{each['is']} {each['sha256']}" for name, each in record["arrays"].items()}
        return Contents(Progress(**json.loads(text)), arrays, record.get("origin", ""))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnusableError(
            f"expected a record of progress, got {type(error).__name__}: {error}"
        ) from error


def check_shapes(contents: Contents, shapes: Players, part: bool) -> None:
    """Raises ``UnusableError`` for an array of another shape or dtype, one that was not saved, and,
    unless ``part``, one that nobody asked for.
    """
    wanted = {name: _kind(leaf) for name, leaf in _leaves(shapes)}
    saved = {name: told.rpartition(" ")[0] for name, told in contents.arrays.items()}
    for name in sorted(wanted if part else wanted.keys() | saved.keys()):
        expected, got = (each.get(name, "nothing") for each in (wanted, saved))
        if expected != got:
            raise UnusableError(f"expected {name} to be {expected}, got {got}")


def check_bytes(contents: Contents, players: Players) -> None:
    """Raises ``UnusableError`` for an array that is not what was saved."""
    for name, leaf in _leaves(players):
        if _digest(leaf) != contents.arrays[name].rpartition(" ")[2]:
            raise UnusableError(f"expected {name} as it was saved, got other bytes")


def _leaves(players: Players) -> Iterator[tuple[str, Any]]:
    """Every array with its name, such as ``shared/params/embedding``."""
    for path, leaf in jax.tree_util.tree_leaves_with_path(players):
        yield jax.tree_util.keystr(path, simple=True, separator="/"), leaf


def _kind(leaf: Any) -> str:
    return f"{leaf.dtype} {list(leaf.shape)}"


def _digest(leaf: jax.Array) -> str:
    """SHA-256 of the values in C order, in the machine's byte order."""
    values = np.asarray(leaf).reshape(-1)
    return hashlib.sha256(values.view(np.uint8).data).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
