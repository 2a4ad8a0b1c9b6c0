"""What a compiled program sends between devices, read from its HLO text."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

KINDS = ("all-gather", "all-reduce", "reduce-scatter", "all-to-all", "collective-permute")

_OPERATION = re.compile(
    rf"= (?P<shape>\(.*?\)|\S+) (?P<kind>{'|'.join(KINDS)})(?P<start>-start)?\((?P<rest>.*)"
)
_ARRAY = re.compile(r"\b(pred|[a-z]+\d+[a-z0-9]*)\[([\d,]*)\]")
_COMPUTATION = re.compile(r"^(?:ENTRY )?%?(\S+) \(.*\{$")
_LISTED = re.compile(r"replica_groups=\{\{([\d,]+)\}")
_IOTA = re.compile(r"replica_groups=\[(\d+),(\d+)\]")
_MESH = re.compile(r"replica_groups=mesh\[(?P<sizes>[^\]]*)\] \{(?P<axes>[^}]*)\}")


@dataclass(frozen=True)
class Collective:
    """One operation: ``bytes`` is what each device sends over its links in a ring (Patarasuk and
    Yuan 2009, "Bandwidth optimal all-reduce algorithms", section 4), ``devices`` the size of its
    groups.
    """

    kind: str
    bytes: float
    devices: int


def collectives(hlo: str) -> Iterator[Collective]:
    """Every collective of the text of a compiled module, once each, as often as it is written.

    A loop's body is written once, whatever the number of its turns.
    """
    inside = ""
    for line in hlo.splitlines():
        if (entered := _COMPUTATION.match(line)) is not None:
            inside = entered[1]
        elif (match := _OPERATION.search(line)) is not None:
            yield _read(match, inside)


def volumes(hlo: str) -> Counter[str]:
    """Bytes that each device sends, by kind of collective."""
    found: Counter[str] = Counter()
    for each in collectives(hlo):
        found[each.kind] += round(each.bytes)
    return found


def _read(match: re.Match[str], inside: str) -> Collective:
    kind, devices = match["kind"], _group_size(match["rest"])
    sizes = [_size(*array.groups()) for array in _ARRAY.finditer(match["shape"])]
    # An operation that starts here and ends elsewhere names its operands and its results.
    moved: float = max(sizes, default=0) if match["start"] else sum(sizes)
    # The TPU compiler writes a reduce-scatter as an all-reduce of which each device keeps a part.
    if kind == "all-reduce" and inside.startswith("all-reduce-scatter"):
        kind, moved = "reduce-scatter", moved / devices
    share = (devices - 1) / devices
    factor = {
        "all-gather": share,
        "all-reduce": 2 * share,
        "reduce-scatter": devices - 1.0,
        "all-to-all": share,
        "collective-permute": 1.0,
    }[kind]
    return Collective(kind, moved * factor, devices)


def _size(dtype: str, dimensions: str) -> int:
    bits = 8 if dtype == "pred" else int(re.findall(r"\d+", dtype)[0])
    return math.prod(int(size) for size in dimensions.split(",") if size) * bits // 8


def _group_size(rest: str) -> int:
    """Devices that take part together; 1 where the text does not say."""
    if (match := _LISTED.search(rest)) is not None:
        return len(match[1].split(","))
    if (match := _IOTA.search(rest)) is not None:
        return int(match[2])
    if (match := _MESH.search(rest)) is not None:
        sizes = dict(re.findall(r"'(\w+)'=(\d+)", match["sizes"]))
        return math.prod(int(sizes[axis]) for axis in re.findall(r"'(\w+)'", match["axes"]))
    return 1
