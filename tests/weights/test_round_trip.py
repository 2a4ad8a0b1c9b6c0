"""Claims about weights that go out and come in again: not one bit is lost."""

import json
from dataclasses import replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sinq_jax.models.families import spec_of
from sinq_jax.models.weights import WeightsError, blocks, load_params, save_params
from sinq_jax.models.weights.directory import stored_tensors
from tests.reference.cases import CASES
from tests.weights.scene import (
    SPECS,
    TIED,
    UNTIED,
    assert_same_bits,
    one_device,
    random_params,
    save,
    tensors_of,
    write_tensors,
)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_every_bit_of_every_family_comes_back(tmp_path: Path, name: str, dtype: str) -> None:
    spec = SPECS[name]
    params = save(tmp_path / "out", name, dtype)
    assert_same_bits(load_params(tmp_path / "out", spec, one_device(spec), dtype), params)
    assert (tmp_path / "out" / "model.safetensors").is_file()


@pytest.mark.parametrize("block", [1, 200, 1 << 20])
@pytest.mark.parametrize("name", [TIED, UNTIED])
def test_shards_and_blocks_of_any_size_hold_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, block: int
) -> None:
    """200 bytes are rows that divide no axis, so that the last block of each tensor overlaps."""
    monkeypatch.setattr(blocks, "BLOCK", block)
    spec = SPECS[name]
    params = save(tmp_path / "out", name, shard_bytes=5000)
    assert_same_bits(load_params(tmp_path / "out", spec, one_device(spec), "float32"), params)
    shards = sorted((tmp_path / "out").glob("*.safetensors"))
    assert len(shards) > 2
    index = json.loads((tmp_path / "out" / "model.safetensors.index.json").read_text())
    assert sorted(set(index["weight_map"].values())) == [shard.name for shard in shards]
    sizes = [sum(len(data) for *_, data in tensors_of(shard).values()) for shard in shards]
    assert index["metadata"]["total_size"] == sum(sizes)
    for shard, size in zip(shards, sizes, strict=True):
        assert size <= 5000 or len(tensors_of(shard)) == 1


def test_numbers_are_rounded_to_the_nearest_where_the_dtype_is_narrower(tmp_path: Path) -> None:
    spec = SPECS[TIED]
    params = jax.tree.map(
        lambda leaf: np.random.default_rng(leaf.size).normal(size=leaf.shape).astype(np.float32),
        random_params(spec, "float32"),
    )
    narrow = jax.tree.map(lambda leaf: leaf.astype(jnp.bfloat16), params)
    save_params(tmp_path / "narrow", spec, params, CASES[TIED], dtype="bfloat16")
    save_params(tmp_path / "wide", spec, params, CASES[TIED], dtype="float32")
    for directory in ("narrow", "wide"):
        loaded = load_params(tmp_path / directory, spec, one_device(spec), "bfloat16")
        assert_same_bits(loaded, narrow)


@pytest.mark.parametrize("target", ["float32", "bfloat16"])
def test_half_precision_files_are_cast(tmp_path: Path, target: str) -> None:
    """Also the numbers below float16's normal ones, which hardware may be told to flush."""
    spec = SPECS[TIED]
    params = jax.tree.map(
        lambda leaf: np.resize(np.arange(0x7C00, dtype=np.uint16).view(np.float16), leaf.shape),
        random_params(spec, "float16"),
    )
    save_params(tmp_path / "out", spec, params, CASES[TIED], dtype="float16")
    loaded = load_params(tmp_path / "out", spec, one_device(spec), target)
    assert_same_bits(loaded, jax.tree.map(lambda leaf: leaf.astype(jnp.dtype(target)), params))


def test_progress_grows_to_the_size_of_all_tensors(tmp_path: Path) -> None:
    spec, seen, written = SPECS[UNTIED], [], []
    save(tmp_path / "out", UNTIED, progress=lambda *told: written.append(told))
    load_params(
        tmp_path / "out", spec, one_device(spec), "float32", lambda *told: seen.append(told)
    )
    size = sum(each.nbytes for each in stored_tensors(tmp_path / "out").values())
    assert seen == written
    assert seen == sorted(seen)
    assert seen[-1] == (size, size)
    assert len(seen) > spec.layers


def test_arrays_of_one_device_are_saved_like_those_of_a_mesh(tmp_path: Path) -> None:
    spec = SPECS[TIED]
    params = save(tmp_path / "host", TIED)
    placed = jax.tree.map(jnp.asarray, params)
    save_params(tmp_path / "device", spec, placed, CASES[TIED], dtype="float32")
    files = [tmp_path / where / "model.safetensors" for where in ("host", "device")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_loaded_arrays_can_be_given_away(tmp_path: Path) -> None:
    """A train step donates them; the ones whose memory jax may not reuse are copied then."""
    spec = SPECS[TIED]
    params = save(tmp_path / "out", TIED, "bfloat16")
    loaded = load_params(tmp_path / "out", spec, one_device(spec), "bfloat16")
    double = jax.jit(lambda tree: jax.tree.map(lambda leaf: leaf + leaf, tree), donate_argnums=0)
    got, expected = double(loaded), double(jax.tree.map(jnp.asarray, params))
    for left, right in zip(jax.tree.leaves(got), jax.tree.leaves(expected), strict=True):
        np.testing.assert_array_equal(*(np.asarray(each, np.float32) for each in (left, right)))


def test_config_and_files_beside_come_along(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    save(tmp_path / "out", TIED, "bfloat16", beside=[tmp_path / "tokenizer.json"])
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    dtypes = {"dtype": "bfloat16", "torch_dtype": "bfloat16"}
    assert config == CASES[TIED] | {"architectures": ["Qwen2ForCausalLM"], **dtypes}
    assert (tmp_path / "out" / "tokenizer.json").read_text() == "{}"


def test_of_a_model_with_eyes_the_text_part_is_kept(tmp_path: Path) -> None:
    text = CASES["gemma3"]
    config = {"model_type": "gemma3", "text_config": text, "vision_config": {}, "dtype": "float32"}
    spec = spec_of(config)
    save_params(tmp_path / "out", spec, random_params(spec, "float32"), config, dtype="float32")
    written = json.loads((tmp_path / "out" / "config.json").read_text())
    assert written["model_type"] == "gemma3_text"
    assert written["architectures"] == ["Gemma3ForCausalLM"]
    assert spec_of(written) == spec


@pytest.mark.parametrize(
    ("before", "head"),
    [("language_model.model.", "language_model."), ("model.language_model.", ""), ("", "")],
)
def test_names_may_have_what_wrappers_put_before_them(
    tmp_path: Path, before: str, head: str
) -> None:
    spec = SPECS[UNTIED]
    params = save(tmp_path / "out", UNTIED)
    path = tmp_path / "out" / "model.safetensors"
    renamed = {
        name.replace("model.", before, 1) if name.startswith("model.") else head + name: tensor
        for name, tensor in tensors_of(path).items()
    }
    renamed["vision_tower.embeddings.weight"] = ("F32", (1,), bytes(4))
    write_tensors(path, renamed)
    assert_same_bits(load_params(tmp_path / "out", spec, one_device(spec), "float32"), params)


@pytest.mark.parametrize(
    "name",
    ["lm_head.weight", "model.rotary_emb.inv_freq", "model.layers.0.self_attn.rotary_emb.inv_freq"],
)
def test_what_follows_from_the_rest_may_be_there_as_well(tmp_path: Path, name: str) -> None:
    spec = SPECS[TIED]
    params = save(tmp_path / "out", TIED)
    path = tmp_path / "out" / "model.safetensors"
    write_tensors(path, tensors_of(path) | {name: ("F32", (2,), bytes(8))})
    assert_same_bits(load_params(tmp_path / "out", spec, one_device(spec), "float32"), params)


def test_one_file_goes_before_an_index(tmp_path: Path) -> None:
    spec = SPECS[TIED]
    params = save(tmp_path / "out", TIED)
    (tmp_path / "out" / "model.safetensors.index.json").write_text("stale")
    assert_same_bits(load_params(tmp_path / "out", spec, one_device(spec), "float32"), params)


def test_an_empty_directory_is_filled_and_one_with_files_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    save(target, TIED)
    before = {path: path.read_bytes() for path in target.iterdir()}
    with pytest.raises(WeightsError, match="expected a new or an empty directory") as told:
        save(target, TIED)
    assert str(target) in str(told.value)
    assert {path: path.read_bytes() for path in target.iterdir()} == before
    assert list(tmp_path.iterdir()) == [target]


def test_a_save_that_fails_leaves_nothing_and_the_next_one_succeeds(tmp_path: Path) -> None:
    def give_up(done: int, total: int) -> None:
        if 2 * done > total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save(tmp_path / "out", TIED, progress=give_up)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / ".out.draft").mkdir()
    (tmp_path / ".out.draft" / "left by a killed process").write_text("")
    save(tmp_path / "out", TIED)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"config.json", "model.safetensors"}


def test_parameters_of_another_shape_are_not_saved(tmp_path: Path) -> None:
    params = random_params(SPECS[TIED], "float32")
    untied = replace(SPECS[TIED], tied=False)
    with pytest.raises(WeightsError, match=r"^unembedding: expected .* got nothing"):
        save_params(tmp_path / "out", untied, params, CASES[TIED])
    adapted = {**params, "adapters": {"query": {"a": np.zeros((1,)), "b": np.zeros((1,))}}}
    with pytest.raises(WeightsError, match=r"^adapters/query/a: expected nothing"):
        save_params(tmp_path / "out", SPECS[TIED], adapted, CASES[TIED])
    with pytest.raises(WeightsError, match="expected a file to copy"):
        save(tmp_path / "out", TIED, beside=[tmp_path / "none"])
    assert list(tmp_path.iterdir()) == []
