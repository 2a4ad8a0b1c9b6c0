"""The safetensors format: eight bytes with the header's length, a JSON header, then raw tensors.

As documented by its authors (huggingface.co/docs/safetensors). Read and written here rather than by
their package because that one cannot hand numpy a bfloat16 tensor, maps the file into memory, so
that a checkpoint read slice by slice ends up resident as a whole (measured: 2.1 GB for a file of
2.1 GB), and writes only what is in memory all at once.
"""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np

from sinq_jax.models.weights.errors import WeightsError

DTYPES: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("float32"),
    "F16": np.dtype("float16"),
    "BF16": np.dtype(jnp.bfloat16),
}
BYTES: dict[str, np.dtype[Any]] = DTYPES | {
    "F64": np.dtype("float64"),
    **{
        f"{kind}{8 * size}": np.dtype(f"{kind.lower()}{size}")
        for kind in "IU"
        for size in (1, 2, 4, 8)
    },
    **dict.fromkeys(("BOOL", "F8_E4M3", "F8_E5M2", "F8_E8M0"), np.dtype("uint8")),
}
"""Every dtype whose length is known, so that offsets can be checked; only ``DTYPES`` are read."""
LONGEST_HEADER = 100_000_000
"""Bytes, the limit of the format: a corrupt length must not make us read gigabytes."""
COPY_AGAIN = "copy or download the file again"


@dataclass(frozen=True)
class Stored:
    """One tensor in a file: ``offset`` is where it begins, in bytes from the start of the file."""

    path: Path
    name: str
    kind: str
    shape: tuple[int, ...]
    offset: int

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the numbers; only for those in ``DTYPES``."""
        return DTYPES[self.kind]

    @property
    def nbytes(self) -> int:
        return prod(self.shape) * BYTES[self.kind].itemsize


def read_header(path: Path) -> list[Stored]:
    """Every tensor of a safetensors file.

    Raises WeightsError when the file is cut short, is none of the format, or its header says what
    cannot be: offsets that overlap, leave a hole, or do not match the shape or the file.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            length = int.from_bytes(file.read(8), "little")
            _check_length(path, length, size)
            text = file.read(length)
    except OSError as error:
        raise WeightsError(
            f"{path}: expected to read it, got {error.strerror}; check the path and its permissions"
        ) from error
    start = 8 + length
    found = [
        _stored(path, name, entry, start)
        for name, entry in _parsed(path, text)
        if name != "__metadata__"
    ]
    found.sort(key=lambda each: (each.offset, each.nbytes))
    _check_cover(path, found, start, size)
    return found


def pack_header(tensors: Mapping[str, tuple[str, tuple[int, ...]]]) -> bytes:
    """The head of a file whose tensors (name: dtype as in ``DTYPES``, shape) follow in this order.

    Padded with spaces so that the tensors begin at a multiple of eight.
    """
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, (kind, shape) in tensors.items():
        begin, end = end, end + prod(shape) * DTYPES[kind].itemsize
        header[name] = {"dtype": kind, "shape": list(shape), "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def kind_of(dtype: np.dtype[Any]) -> str:
    """The format's name of a dtype in ``DTYPES``."""
    return next(kind for kind, each in DTYPES.items() if each == dtype)


def _check_length(path: Path, length: int, size: int) -> None:
    if size < 8 or length > size - 8:
        raise WeightsError(
            f"{path}: expected a safetensors file, got {size} bytes of which the header alone "
            f"would take {8 + length}; the file is cut short or is something else: {COPY_AGAIN}"
        )
    if length > LONGEST_HEADER:
        raise WeightsError(
            f"{path}: expected a header of at most {LONGEST_HEADER} bytes, got {length}; "
            f"the file is corrupt or is something else: {COPY_AGAIN}"
        )


def _parsed(path: Path, text: bytes) -> list[tuple[str, Any]]:
    """The header's items; an object inside it becomes a list of pairs too, so that names given
    twice are seen.
    """
    try:
        items: list[tuple[str, Any]] = json.loads(text, object_pairs_hook=lambda pairs: pairs)
        names = [name for name, _ in items]
    except (ValueError, TypeError, RecursionError) as error:
        raise WeightsError(
            f"{path}: expected a safetensors header in JSON, got {_shown(text)}; "
            f"the file is corrupt or is something else: {COPY_AGAIN}"
        ) from error
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise WeightsError(
            f"{path}: expected every tensor once, got {twice} twice; write the file again"
        )
    return items


def _shown(text: bytes) -> str:
    return f"{text[:20]!r}..." if len(text) > 20 else repr(text)


def _stored(path: Path, name: str, pairs: Any, start: int) -> Stored:
    """One item of the header as a tensor, its dtype, shape and length checked."""
    try:
        entry = dict(pairs)
        kind, shape = str(entry["dtype"]), tuple(_whole(size) for size in entry["shape"])
        begin, end = (_whole(offset) for offset in entry["data_offsets"])
    except (ValueError, TypeError, KeyError) as error:
        raise WeightsError(
            f"{path}: expected dtype, shape and two offsets of {name}, got another header entry; "
            f"the file is corrupt: {COPY_AGAIN}"
        ) from error
    if kind not in BYTES:
        raise WeightsError(
            f"{name} in {path}: expected F32, F16 or BF16, got {kind}; convert the checkpoint"
        )
    found = Stored(path, name, kind, shape, start + begin)
    if end - begin != found.nbytes:
        raise WeightsError(
            f"{name} in {path}: expected {found.nbytes} bytes for {kind} {list(shape)}, got "
            f"offsets {begin} to {end}; the file is corrupt: {COPY_AGAIN}"
        )
    return found


def _whole(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError
    return value


def _check_cover(path: Path, found: Iterable[Stored], start: int, size: int) -> None:
    """The tensors lie end to end from the header to the end of the file."""
    end = start
    for each in found:
        if each.offset != end:
            raise WeightsError(
                f"{each.name} in {path}: expected to begin at byte {end}, where the one before it "
                f"ends, got {each.offset}; the file is corrupt: {COPY_AGAIN}"
            )
        end += each.nbytes
    if end != size:
        what = "is cut short" if size < end else "has something behind its tensors"
        raise WeightsError(
            f"{path}: expected {end} bytes by its header, got {size}; the file {what}: {COPY_AGAIN}"
        )
