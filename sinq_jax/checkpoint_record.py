"""What a checkpoint says of itself: how far the run had come, and what its arrays must be."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

import jax

from sinq_jax.digests import digest, part_of
from sinq_jax.hosts import Hosts
from sinq_jax.players import Players

Parts = list[int]
"""What one host adds to the digest of each array, in the order of the arrays."""


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
    """What a checkpoint says it holds: ``arrays`` has dtype, shape and digest of each, by name;
    ``origin`` is the fingerprint of the weights on disk that the players began with.
    """

    progress: Progress
    arrays: Mapping[str, str]
    origin: str


def record_of(players: Players, origin: str, progress: Progress, hosts: Hosts) -> dict[str, Any]:
    """What is written beside the arrays; all hosts ask for it together. Raises ``TypeError`` when
    ``progress`` is not JSON.
    """
    text = json.dumps(asdict(progress))
    digests = digests_of(hosts.exchange_json("digests", parts_of(players)))
    arrays = {
        name: {"is": _kind(leaf), "digest": each}
        for (name, leaf), each in zip(_leaves(players), digests, strict=True)
    }
    return {"arrays": arrays, "origin": origin, "progress": text, "sha256": _sha256(text)}


def parts_of(players: Players) -> Parts:
    """What this host adds to the digests of the arrays."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(part_of, jax.tree.leaves(players)))


def digests_of(parts: Sequence[Parts]) -> list[str]:
    """The digests of the arrays, from the parts of all hosts."""
    return [digest(each) for each in zip(*parts, strict=True)]


def contents_of(record: Any) -> Contents:
    """What was written. Raises ``UnusableError`` when it is not what ``record_of`` makes."""
    try:
        text = record["progress"]
        if _sha256(text) != record["sha256"]:
            raise UnusableError("expected the progress as it was saved, got another text")
        arrays = {name: f"{each['is']} {each['digest']}" for name, each in record["arrays"].items()}
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


def check_bytes(contents: Contents, players: Players, digests: Sequence[str]) -> None:
    """Raises ``UnusableError`` for an array that is not what was saved."""
    for (name, _), found in zip(_leaves(players), digests, strict=True):
        if found != contents.arrays[name].rpartition(" ")[2]:
            raise UnusableError(f"expected {name} as it was saved, got other bytes")


def _leaves(players: Players) -> Iterator[tuple[str, Any]]:
    """Every array with its name, such as ``shared/params/embedding``."""
    for path, leaf in jax.tree_util.tree_leaves_with_path(players):
        yield jax.tree_util.keystr(path, simple=True, separator="/"), leaf


def _kind(leaf: Any) -> str:
    return f"{leaf.dtype} {list(leaf.shape)}"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
