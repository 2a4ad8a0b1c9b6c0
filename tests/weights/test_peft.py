"""Claims about adapters in the format of PEFT.

``goldens/adapter`` is what PEFT wrote for the golden model ``qwen2``, and ``adapted_logits.npz``
what the two then said: both from ``reference_run make``. ``test_reference`` asks PEFT itself.
"""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sinq_jax.models.adapters import init_adapters
from sinq_jax.models.attention import tree_mask
from sinq_jax.models.lora import with_adapters
from sinq_jax.models.transformer import forward, unembed
from sinq_jax.models.weights import WeightsError, load_adapter, save_adapter
from tests.reference.golden import GOLDENS as REFERENCE_GOLDENS
from tests.reference.golden import golden
from tests.weights.scene import SPECS, assert_same_bits, edit_header, tensors_of, write_tensors

GOLDENS = Path(__file__).parent / "goldens"
SPEC = SPECS["gemma2"]
TARGETS = ("query", "key", "value", "output", "gate", "up", "down")
CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
A_QUERY = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"


def trained(targets: tuple[str, ...] = TARGETS, rank: int = 3, count: int = 2) -> Any:
    """Adapters whose every number matters."""
    fresh = jax.eval_shape(lambda: init_adapters(SPEC, jax.random.key(0), targets, rank, count))
    rng = np.random.default_rng(0)
    return jax.tree.map(lambda leaf: rng.normal(size=leaf.shape).astype(np.float32), fresh)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    directory = tmp_path / "adapter"
    save_adapter(directory, SPEC, trained(("query", "down")), 2.0, "base")
    return directory


def edit_config(directory: Path, **changes: Any) -> None:
    config = json.loads((directory / CONFIG).read_text())
    (directory / CONFIG).write_text(json.dumps(config | changes))


def message(action: Callable[[], Any]) -> str:
    with pytest.raises(WeightsError) as told:
        action()
    text = str(told.value)
    assert "\n" not in text
    assert "expected" in text
    assert "got" in text
    assert ";" in text
    return text


@pytest.mark.parametrize("targets", [TARGETS, ("query",), ("value", "down")])
@pytest.mark.parametrize("index", [0, 1])
def test_every_bit_of_an_adapter_comes_back(
    tmp_path: Path, targets: tuple[str, ...], index: int
) -> None:
    adapters = trained(targets)
    save_adapter(tmp_path / "out", SPEC, adapters, 0.5, "base", index)
    loaded, scale = load_adapter(tmp_path / "out", SPEC)
    assert scale == 0.5
    assert_same_bits(loaded, jax.tree.map(lambda leaf: leaf[:, index : index + 1], adapters))


def test_adapters_on_devices_are_saved_like_those_on_the_host(tmp_path: Path) -> None:
    adapters = trained()
    save_adapter(tmp_path / "host", SPEC, adapters, 1.0, "base")
    save_adapter(tmp_path / "device", SPEC, jax.tree.map(jax.numpy.asarray, adapters), 1.0, "base")
    files = [(tmp_path / where / WEIGHTS).read_bytes() for where in ("host", "device")]
    assert files[0] == files[1]


def test_the_names_and_shapes_are_those_of_peft(saved: Path) -> None:
    tensors = tensors_of(saved / WEIGHTS)
    assert len(tensors) == 2 * 2 * SPEC.layers
    assert tensors[A_QUERY][:2] == ("F32", (3, 32))
    assert tensors[A_QUERY.replace("lora_A", "lora_B")][1] == (48, 3)
    down = "base_model.model.model.layers.3.mlp.down_proj.lora_B.weight"
    assert tensors[down][1] == (32, 3)
    config = json.loads((saved / CONFIG).read_text())
    assert config["target_modules"] == ["down_proj", "q_proj"]
    assert (config["r"], config["lora_alpha"], config["peft_type"]) == (3, 6, "LORA")
    assert config["base_model_name_or_path"] == "base"


def test_the_scale_is_alpha_over_rank_or_over_its_root(saved: Path) -> None:
    edit_config(saved, lora_alpha=16)
    assert load_adapter(saved, SPEC)[1] == 16 / 3
    edit_config(saved, use_rslora=True)
    assert load_adapter(saved, SPEC)[1] == 16 / math.sqrt(3)


@pytest.mark.parametrize("scale", [16 / 3, 16 / math.sqrt(3), 1e-3, 7.0])
def test_any_scale_comes_back(tmp_path: Path, scale: float) -> None:
    save_adapter(tmp_path / "out", SPEC, trained(), scale, "base")
    assert load_adapter(tmp_path / "out", SPEC)[1] == pytest.approx(scale, rel=1e-15)


@pytest.mark.parametrize(
    "before", ["base_model.model.language_model.model.", "base_model.model.model.language_model."]
)
def test_names_may_have_what_wrappers_put_before_them(saved: Path, before: str) -> None:
    expected = load_adapter(saved, SPEC)[0]
    renamed = {
        name.replace("base_model.model.model.", before): tensor
        for name, tensor in tensors_of(saved / WEIGHTS).items()
    }
    write_tensors(saved / WEIGHTS, renamed)
    assert_same_bits(load_adapter(saved, SPEC)[0], expected)


@pytest.mark.parametrize("targets", [r".*\.(q_proj|down_proj)", None])
def test_a_pattern_of_targets_is_what_the_tensors_say(saved: Path, targets: str | None) -> None:
    edit_config(saved, target_modules=targets)
    assert set(load_adapter(saved, SPEC)[0]) == {"query", "down"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("use_dora", True),
        ("bias", "all"),
        ("modules_to_save", ["lm_head"]),
        ("rank_pattern", {"q_proj": 4}),
        ("alpha_pattern", {"q_proj": 4}),
        ("layers_to_transform", [1]),
        ("fan_in_fan_out", True),
        ("lora_bias", True),
        ("init_lora_weights", "pissa_niter_4"),
        ("trainable_token_indices", [1]),
        ("peft_type", "IA3"),
        ("an_option_of_next_year", True),
    ],
)
def test_an_adapter_of_another_kind_is_refused_by_its_option(
    saved: Path, key: str, value: Any
) -> None:
    edit_config(saved, **{key: value})
    text = message(lambda: load_adapter(saved, SPEC))
    assert text.startswith(f"{saved / CONFIG}: expected a plain LoRA adapter, got {key} = ")


def test_a_target_that_is_no_projection_is_named(saved: Path) -> None:
    edit_config(saved, target_modules=["q_proj", "lm_head"])
    assert "got lm_head" in message(lambda: load_adapter(saved, SPEC))


@pytest.mark.parametrize(
    "changes", [{"r": 0}, {"r": "8"}, {"r": True}, {"lora_alpha": None}, {"lora_alpha": math.inf}]
)
def test_a_config_without_rank_or_alpha_is_named(saved: Path, changes: dict[str, Any]) -> None:
    edit_config(saved, **changes)
    assert message(lambda: load_adapter(saved, SPEC)).startswith(str(saved / CONFIG))


def test_missing_files_are_named(saved: Path) -> None:
    (saved / WEIGHTS).unlink()
    assert f"expected {WEIGHTS}, got none" in message(lambda: load_adapter(saved, SPEC))
    (saved / CONFIG).write_text("[")
    assert str(saved / CONFIG) in message(lambda: load_adapter(saved, SPEC))
    (saved / CONFIG).unlink()
    assert str(saved / CONFIG) in message(lambda: load_adapter(saved, SPEC))


def test_a_missing_and_an_extra_tensor_are_named(saved: Path) -> None:
    whole = tensors_of(saved / WEIGHTS)
    write_tensors(saved / WEIGHTS, {n: each for n, each in whole.items() if n != A_QUERY})
    assert f"expected {A_QUERY} for this model" in message(lambda: load_adapter(saved, SPEC))
    odd = A_QUERY.replace("layers.0", "layers.9")
    write_tensors(saved / WEIGHTS, whole | {odd: whole[A_QUERY]})
    assert f"got {odd} besides" in message(lambda: load_adapter(saved, SPEC))
    edit_config(saved, target_modules=["q_proj", "down_proj", "up_proj"])
    assert "mlp.up_proj.lora_A.weight" in message(lambda: load_adapter(saved, SPEC))


def test_an_adapter_without_any_target_is_refused(saved: Path) -> None:
    edit_config(saved, target_modules=None)
    write_tensors(saved / WEIGHTS, {"base_model.model.x.lora_A.weight": ("F32", (1,), bytes(4))})
    assert "base_model.model.x.lora_A.weight" in message(lambda: load_adapter(saved, SPEC))


def test_an_adapter_of_another_model_or_rank_is_refused_by_its_tensor(saved: Path) -> None:
    edit_config(saved, r=4)
    text = message(lambda: load_adapter(saved, SPEC))
    assert f"{A_QUERY} in {saved / WEIGHTS}: expected [4, 32]" in text
    assert "got [3, 32] in F32" in text


def test_a_damaged_file_is_named(saved: Path) -> None:
    edit_header(saved / WEIGHTS, lambda header: header[A_QUERY].update(dtype="I32"))
    assert "got [3, 32] in I32" in message(lambda: load_adapter(saved, SPEC))
    (saved / WEIGHTS).write_bytes((saved / WEIGHTS).read_bytes()[:-1])
    assert "cut short" in message(lambda: load_adapter(saved, SPEC))


def test_what_is_no_adapter_of_the_model_is_not_saved(tmp_path: Path) -> None:
    def save(adapters: Any, index: int = 0) -> Callable[[], None]:
        return lambda: save_adapter(tmp_path / "out", SPEC, adapters, 1.0, "base", index)

    assert "got none" in message(save({}))
    assert "got head" in message(save({"head": trained()["query"]}))
    assert "expected an index below 2, got 2" in message(save(trained(), 2))
    assert "adapters, up" in message(save({**trained(), "up": trained(rank=4)["up"]}))
    assert "adapters, key" in message(save({**trained(), "key": trained()["query"]}))
    assert list(tmp_path.iterdir()) == []


def test_a_directory_with_files_is_left_alone(saved: Path) -> None:
    text = message(lambda: save_adapter(saved, SPEC, trained(), 1.0, "base"))
    assert text.startswith(f"{saved}: expected a new or an empty directory")


def test_an_adapter_that_peft_wrote_gives_the_logits_of_peft() -> None:
    """Logits of order 10; what is seen is 2e-5, and 18 without the adapter."""
    model = golden(REFERENCE_GOLDENS / "qwen2")
    adapters, scale = load_adapter(GOLDENS / "adapter", model.spec)
    spec = replace(model.spec, adapter_scale=scale)
    with np.load(GOLDENS / "adapted_logits.npz") as answers:
        tokens, expected = jnp.asarray(answers["tokens"], jnp.int32), answers["logits"]
    positions = jnp.broadcast_to(jnp.arange(tokens.shape[1]), tokens.shape)
    adapted = with_adapters(model.params, adapters)
    mask = tree_mask(jnp.zeros(tokens.shape, jnp.int32))
    hidden, _ = forward(spec, adapted, tokens, positions, mask)
    np.testing.assert_allclose(unembed(spec, adapted, hidden), expected, atol=1e-4)


def test_an_adapter_that_peft_wrote_is_written_back_to_the_byte(tmp_path: Path) -> None:
    spec = golden(REFERENCE_GOLDENS / "qwen2").spec
    adapters, scale = load_adapter(GOLDENS / "adapter", spec)
    save_adapter(tmp_path / "out", spec, adapters, scale, "base")
    assert tensors_of(tmp_path / "out" / WEIGHTS) == tensors_of(GOLDENS / "adapter" / WEIGHTS)
    theirs = json.loads((GOLDENS / "adapter" / CONFIG).read_text())
    ours = json.loads((tmp_path / "out" / CONFIG).read_text())
    for key in ("r", "lora_alpha", "peft_type", "bias", "use_rslora", "fan_in_fan_out"):
        assert ours[key] == theirs[key], key
    assert set(ours["target_modules"]) == set(theirs["target_modules"])
