"""Claims about weights that cannot be used: one line that names the tensor or the file."""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.models.weights import WeightsError, load_params
from sinq_jax.models.weights.directory import stored_tensors
from sinq_jax.models.weights.header import Stored
from sinq_jax.models.weights.matching import match
from sinq_jax.models.weights.reader import Reader
from tests.weights.scene import (
    SPECS,
    TIED,
    UNTIED,
    copied,
    edit_header,
    one_device,
    save,
    tensors_of,
    write_tensors,
)

SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"
QUERY, LAST = "model.layers.1.self_attn.q_proj.weight", "model.norm.weight"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound checkpoint in one file."""
    save(folder := tmp_path_factory.mktemp("whole") / "checkpoint", TIED)
    return folder


@pytest.fixture(scope="module")
def sharded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound one in shards."""
    save(folder := tmp_path_factory.mktemp("sharded") / "checkpoint", UNTIED, shard_bytes=20_000)
    return folder


def message(directory: Path, name: str = TIED) -> str:
    spec = SPECS[name]
    with pytest.raises(WeightsError) as told:
        load_params(directory, spec, one_device(spec), "float32")
    text = str(told.value)
    assert "\n" not in text
    assert str(directory) in text
    assert "expected" in text
    assert "got" in text
    assert ";" in text or text.count(":") > 1  # and what to do
    return text


def with_tensors(**changes: Any) -> Callable[[Path], None]:
    """Replace tensors by (dtype, shape, bytes); None takes one away."""

    def damage(path: Path) -> None:
        tensors = tensors_of(path) | changes
        write_tensors(path, {name: each for name, each in tensors.items() if each is not None})

    return damage


def with_entry(name: str, **changes: Any) -> Callable[[Path], None]:
    return lambda path: edit_header(path, lambda header: header[name].update(changes))


def cut_to(size: int) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(path.read_bytes()[:size])


def begin_with(data: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(data + path.read_bytes()[len(data) :])


def longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + bytes(4))


def twice_in_header(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data.replace(b"layers.1.self_attn.q_proj", b"layers.0.self_attn.q_proj"))


DAMAGES: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "missing": (with_tensors(**{QUERY: None}), (QUERY, "without it")),
    "two missing": (with_tensors(**{QUERY: None, LAST: None}), (LAST, "and 1 more")),
    "extra": (
        with_tensors(**{"model.layers.3.mlp.up_proj.weight": ("F32", (1,), bytes(4))}),
        ("model.layers.3.mlp.up_proj.weight in",),
    ),
    "a name in two lines": (
        with_tensors(**{"two\nlines": ("F32", (1,), bytes(4))}),
        ("two lines in",),
    ),
    "bias": (
        with_tensors(**{"model.layers.0.self_attn.o_proj.bias": ("F32", (32,), bytes(128))}),
        ("o_proj.bias",),
    ),
    "mis-shaped": (
        with_tensors(**{QUERY: ("F32", (31, 32), bytes(31 * 32 * 4))}),
        (QUERY, "[32, 32]", "[31, 32]"),
    ),
    "turned": (
        with_tensors(
            **{"model.layers.0.mlp.up_proj.weight": ("F32", (32, 40), bytes(32 * 40 * 4))}
        ),
        ("up_proj", "[40, 32]", "[32, 40]"),
    ),
    "double precision": (with_entry(LAST, dtype="F64", shape=[16]), (LAST, "[32]", "[16]")),
    "eight bits": (with_entry(LAST, dtype="F8_E4M3", shape=[128]), (LAST, "[128]")),
    "unknown dtype": (with_entry(LAST, dtype="Q4"), (LAST, "F32, F16 or BF16", "Q4")),
    "empty": (cut_to(0), ("0 bytes",)),
    "cut in the length": (cut_to(5), ("5 bytes",)),
    "cut in the header": (cut_to(100), ("cut short",)),
    "cut in the tensors": (cut_to(30_000), ("got 30000", "cut short")),
    "something behind": (longer, ("something behind its tensors",)),
    "a web page": (begin_with(b"<!DOCTYPE html><html>"), ("safetensors file",)),
    "a zipped pickle": (begin_with(b"PK\x03\x04\x00\x00\x00\x00"), ("safetensors file",)),
    "a list for a header": (begin_with((2).to_bytes(8, "little") + b"[]"), ("behind",)),
    "a number for a header": (begin_with((2).to_bytes(8, "little") + b"12"), ("JSON",)),
    "too deep a header": (begin_with((9000).to_bytes(8, "little") + b"[" * 9000), ("JSON",)),
    "no JSON": (begin_with((8).to_bytes(8, "little") + b"{{{{}}}}"), ("JSON",)),
    "the same name twice": (twice_in_header, ("layers.0.self_attn.q_proj", "twice")),
    "no dtype": (with_entry(LAST, dtype=None), (LAST, "None")),
    "no shape": (with_entry(LAST, shape="32"), (LAST, "entry")),
    "negative sizes": (with_entry(LAST, shape=[-4, -8]), (LAST, "entry")),
    "three offsets": (with_entry(LAST, data_offsets=[0, 1, 2]), (LAST, "entry")),
    "offsets backwards": (with_entry(LAST, data_offsets=[128, 0]), (LAST, "128 to 0")),
    "offsets of another": (with_entry(LAST, data_offsets=[0, 128]), ("expected to begin at",)),
    "offsets behind the end": (with_entry(LAST, data_offsets=[1 << 40, (1 << 40) + 128]), (LAST,)),
    "offsets that are no numbers": (with_entry(LAST, data_offsets=[True, "9"]), (LAST, "entry")),
    "huge shape": (with_entry(LAST, shape=[1 << 40, 1 << 40]), (LAST, "offsets")),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_file_is_named_with_its_tensor(whole: Path, tmp_path: Path, kind: str) -> None:
    damage, words = DAMAGES[kind]
    directory = copied(whole, tmp_path / "checkpoint")
    damage(directory / SINGLE)
    text = message(directory)
    for word in words:
        assert word in text, text


@given(edits=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=3))
def test_no_byte_of_a_header_can_do_more_than_be_refused(
    whole: Path, edits: list[tuple[int, int]]
) -> None:
    """A changed byte may also leave a sound file, in a name that nobody asks for."""
    directory = whole.with_name("changed")
    directory.mkdir(exist_ok=True)
    data = bytearray((whole / SINGLE).read_bytes())
    for position, value in edits:
        data[position] = value
    (directory / SINGLE).write_bytes(data)
    with contextlib.suppress(WeightsError):
        match(directory, SPECS[TIED], stored_tensors(directory))


@pytest.mark.parametrize(("kind", "size"), [("F64", 8), ("I8", 1), ("F8_E4M3", 1)])
def test_a_dtype_that_is_not_read_is_named(
    whole: Path, tmp_path: Path, kind: str, size: int
) -> None:
    directory = copied(whole, tmp_path / "checkpoint")
    tensors = tensors_of(directory / SINGLE)
    write_tensors(directory / SINGLE, tensors | {LAST: ("F32", (8 * size,), bytes(32 * size))})
    edit_header(directory / SINGLE, lambda header: header[LAST].update(dtype=kind, shape=[32]))
    text = message(directory)
    assert f"{LAST} in" in text
    assert f"got {kind}" in text


def test_a_file_that_is_cut_while_it_is_read_is_named(whole: Path, tmp_path: Path) -> None:
    path = copied(whole, tmp_path / "checkpoint") / SINGLE
    tensor = Stored(path, LAST, "F32", (32,), path.stat().st_size - 64)
    with Reader() as reader, pytest.raises(WeightsError) as told:
        reader.read(tensor, (32,), ((0, 32),))
    assert f"{LAST} in {path}: expected its 128 bytes, got the end" in str(told.value)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ((), "empty directory"),
        (("pytorch_model.bin",), "convert"),
        (("model.bin", "config.json"), "convert"),
        (("adapter_model.safetensors",), "an adapter"),
        (("model-00001-of-00002.safetensors",), "fetch the index"),
        (("config.json",), "fetch the weights"),
    ],
)
def test_a_directory_without_weights_says_what_it_has(
    tmp_path: Path, files: tuple[str, ...], words: str
) -> None:
    for name in files:
        (tmp_path / name).write_bytes(b"")
    assert words in message(tmp_path)


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "no such directory" in message(tmp_path / "nowhere")


def test_an_index_that_names_an_absent_shard_names_it(sharded: Path, tmp_path: Path) -> None:
    directory = copied(sharded, tmp_path / "checkpoint")
    shard = sorted(directory.glob("*.safetensors"))[1]
    shard.unlink()
    assert f"got no {shard.name}" in message(directory, UNTIED)


def test_a_cut_shard_is_named(sharded: Path, tmp_path: Path) -> None:
    directory = copied(sharded, tmp_path / "checkpoint")
    shard = sorted(directory.glob("*.safetensors"))[1]
    shard.write_bytes(shard.read_bytes()[:-1])
    assert str(shard) in message(directory, UNTIED)


def edit_index(directory: Path, edit: Callable[[Any], Any]) -> None:
    index = json.loads((directory / INDEX).read_text())
    (directory / INDEX).write_text(json.dumps(edit(index)))


def test_an_index_of_another_checkpoint_is_found_out(sharded: Path, tmp_path: Path) -> None:
    directory = copied(sharded, tmp_path / "checkpoint")
    last = max(directory.glob("*.safetensors")).name

    def move(index: Any) -> Any:
        index["weight_map"]["model.embed_tokens.weight"] = last
        return index

    edit_index(directory, move)
    assert f"model.embed_tokens.weight in {directory}: expected in {last}" in message(
        directory, UNTIED
    )


def test_a_tensor_in_two_shards_is_named(sharded: Path, tmp_path: Path) -> None:
    directory = copied(sharded, tmp_path / "checkpoint")
    first, second, *_ = sorted(directory.glob("*.safetensors"))
    write_tensors(second, tensors_of(second) | tensors_of(first))
    text = message(directory, UNTIED)
    assert f"got it in {first.name} and {second.name}" in text


@pytest.mark.parametrize(
    "index",
    [
        {},
        [],
        {"weight_map": {}},
        {"weight_map": []},
        {"weight_map": {"a": 1}},
        {"weight_map": {"a": "../../secret.safetensors"}},
    ],
    ids=str,
)
def test_an_index_that_is_none_is_named(sharded: Path, tmp_path: Path, index: Any) -> None:
    directory = copied(sharded, tmp_path / "checkpoint")
    edit_index(directory, lambda _: index)
    assert f"{INDEX}: expected a weight_map" in message(directory, UNTIED)


def test_weights_of_another_architecture_are_refused(whole: Path, sharded: Path) -> None:
    assert "model.layers.0.self_attn.q_proj.bias" in message(sharded, TIED)
    assert "lm_head.weight" in message(whole, UNTIED)


def test_nothing_is_read_before_everything_was_checked(whole: Path, tmp_path: Path) -> None:
    directory = copied(whole, tmp_path / "checkpoint")
    with_tensors(**{LAST: ("F32", (31,), bytes(124))})(directory / SINGLE)
    seen: list[Any] = []
    with pytest.raises(WeightsError):
        load_params(
            directory, SPECS[TIED], one_device(SPECS[TIED]), "float32", lambda *a: seen.append(a)
        )
    assert seen == []
