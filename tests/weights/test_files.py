"""Claims about the format and the reader: what was written is read, any part, and only that."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.models.weights import reader as reader_room
from sinq_jax.models.weights.header import DTYPES, Stored, pack_header, read_header
from sinq_jax.models.weights.reader import Reader

SHAPES = st.lists(st.integers(0, 5), max_size=3).map(tuple)
KINDS = st.sampled_from(sorted(DTYPES))
NAMES = st.text(min_size=1, max_size=8).filter(lambda name: name != "__metadata__")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@given(tensors=st.dictionaries(NAMES, st.tuples(KINDS, SHAPES), max_size=5))
def test_a_header_says_what_was_put_into_it(folder: Path, tensors: dict[str, Any]) -> None:
    sizes = [int(np.prod(shape)) * DTYPES[kind].itemsize for kind, shape in tensors.values()]
    head = pack_header(tensors)
    (folder / "file").write_bytes(head + bytes(sum(sizes)))
    assert len(head) % 8 == 0
    found = {each.name: (each.kind, each.shape) for each in read_header(folder / "file")}
    assert found == tensors


@st.composite
def boxes(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
    shape = draw(st.lists(st.integers(1, 6), min_size=1, max_size=4).map(tuple))
    box = []
    for size in shape:
        count = draw(st.integers(1, size))
        box.append((draw(st.integers(0, size - count)), count))
    return shape, tuple(box)


@given(case=boxes(), kind=KINDS, page=st.sampled_from([1, 8, 4096]))
def test_any_box_of_a_tensor_is_read_whatever_a_page_is(
    folder: Path, case: Any, kind: str, page: int
) -> None:
    shape, box = case
    dtype = DTYPES[kind]
    whole = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    (folder / "box").write_bytes(b"before" + whole.tobytes() + b"behind")
    tensor = Stored(folder / "box", "tensor", kind, (whole.size,), len(b"before"))
    with pytest.MonkeyPatch.context() as patch, Reader() as reader:
        patch.setattr(reader_room, "PAGE", page)
        got = reader.read(tensor, shape, box)
    assert got.dtype == dtype
    np.testing.assert_array_equal(
        got, whole[tuple(slice(first, first + count) for first, count in box)]
    )


def matrix(path: Path, rows: int, columns: int) -> Stored:
    path.write_bytes(np.arange(rows * columns, dtype=np.float32).tobytes())
    return Stored(path, "matrix", "F32", (rows, columns), 0)


def test_only_the_columns_asked_for_are_read_where_they_fill_pages(folder: Path) -> None:
    tensor = matrix(folder / "wide", 8, 4096)
    with Reader() as reader:
        reader.read(tensor, tensor.shape, ((2, 4), (1024, 1024)))
        assert reader.bytes_read == 4 * 1024 * 4


def test_narrow_columns_of_the_same_rows_are_read_once_for_all_who_ask(folder: Path) -> None:
    tensor = matrix(folder / "narrow", 64, 128)
    with Reader() as reader:
        for first in range(0, 128, 16):
            reader.read(tensor, tensor.shape, ((8, 16), (first, 16)))
        assert reader.bytes_read == 16 * 128 * 4
        reader.forget()
        reader.read(tensor, tensor.shape, ((8, 16), (0, 16)))
        assert reader.bytes_read == 2 * 16 * 128 * 4


def test_what_several_devices_hold_is_read_once(folder: Path) -> None:
    tensor = matrix(folder / "shared", 8, 2048)
    with Reader() as reader:
        first, second = (reader.read(tensor, tensor.shape, ((0, 8), (0, 2048))) for _ in range(2))
        assert first is second
        assert reader.bytes_read == tensor.nbytes
