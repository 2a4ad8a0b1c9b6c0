"""Claims about the reference: what it wrote comes through us and back without a changed bit.

``SINQ_REFERENCE_PYTHON`` names an interpreter that has transformers and PEFT.
"""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

from sinq_jax.models.attention import tree_mask
from sinq_jax.models.families import spec_of
from sinq_jax.models.lora import with_adapters
from sinq_jax.models.transformer import forward, unembed
from sinq_jax.models.weights import load_adapter, load_params, save_adapter, save_params
from tests.reference.cases import CASES
from tests.weights.scene import assert_same_bits, one_device

ROOT = Path(__file__).resolve().parents[2]
PYTHON = os.environ.get("SINQ_REFERENCE_PYTHON", "")
WITH_EYES = "gemma3-eyes"
CLOSE = 1e-4
"""Logits of order 10, float32 on both sides: what is seen is 5e-5, and an adapter that is left out
shows at 10.
"""

pytestmark = pytest.mark.skipif(
    not PYTHON, reason="SINQ_REFERENCE_PYTHON names no interpreter that has transformers and PEFT"
)


def reference(what: str, folder: Path) -> str:
    done = subprocess.run(
        [PYTHON, "-m", "tests.weights.reference_run", what, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def pass_on(directory: Path) -> None:
    """Load all that the reference wrote of one model, and save it again."""
    theirs, ours = directory / "theirs", directory / "ours"
    for kind in ("whole", "sharded", "bfloat16"):
        config = json.loads((theirs / kind / "config.json").read_text())
        spec, dtype = spec_of(config), "bfloat16" if kind == "bfloat16" else "float32"
        params = load_params(theirs / kind, spec, one_device(spec), dtype)
        limit = 20_000 if kind == "sharded" else 10**9
        save_params(ours / kind, spec, params, config, dtype=dtype, shard_bytes=limit)
    if (theirs / "adapter").is_dir():
        adapters, scale = load_adapter(theirs / "adapter", spec)
        save_adapter(ours / "adapter", spec, adapters, scale, str(theirs / "whole"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the reference wrote of every case, and what we made of it."""
    folder = tmp_path_factory.mktemp("reference")
    reference("make", folder)
    for name in (*CASES, WITH_EYES):
        pass_on(folder / name)
    return folder


@pytest.fixture(scope="module")
def differences(folder: Path) -> dict:
    return json.loads(reference("compare", folder).splitlines()[-1])


@pytest.mark.parametrize("name", [*CASES, WITH_EYES])
@pytest.mark.parametrize("kind", ["whole", "sharded", "bfloat16"])
def test_the_reference_loads_what_we_saved_with_equal_weights_and_logits(
    differences: dict, folder: Path, name: str, kind: str
) -> None:
    assert differences[name][kind] == ""
    for side in ("theirs", "ours"):
        index = folder / name / side / kind / "model.safetensors.index.json"
        assert index.is_file() == (kind == "sharded")


@pytest.mark.parametrize("name", CASES)
def test_peft_loads_what_we_saved_with_equal_weights_and_logits(
    differences: dict, name: str
) -> None:
    assert differences[name]["adapter"] == ""


@pytest.mark.parametrize("name", CASES)
def test_shards_hold_what_one_file_holds(folder: Path, name: str) -> None:
    spec = spec_of(json.loads((folder / name / "theirs/whole/config.json").read_text()))
    loaded = [
        load_params(folder / name / "theirs" / kind, spec, one_device(spec), "float32")
        for kind in ("whole", "sharded")
    ]
    assert_same_bits(*loaded)


@pytest.mark.parametrize("name", CASES)
def test_an_adapter_of_peft_gives_our_model_the_logits_of_peft(folder: Path, name: str) -> None:
    theirs = folder / name / "theirs"
    spec = spec_of(json.loads((theirs / "whole" / "config.json").read_text()))
    params = load_params(theirs / "whole", spec, one_device(spec), "float32")
    adapters, scale = load_adapter(theirs / "adapter", spec)
    spec = replace(spec, adapter_scale=scale)
    with np.load(folder / name / "answers.npz") as answers:
        tokens, expected = answers["tokens"], answers["logits"]
    positions = jnp.broadcast_to(jnp.arange(tokens.shape[1]), tokens.shape)
    mask = tree_mask(jnp.zeros(tokens.shape, jnp.int32))
    adapted = with_adapters(params, adapters)
    hidden, _ = forward(spec, adapted, jnp.asarray(tokens), positions, mask)
    np.testing.assert_allclose(unembed(spec, adapted, hidden), expected, atol=CLOSE)
    plain, _ = forward(spec, params, jnp.asarray(tokens), positions, mask)
    assert np.abs(unembed(spec, params, plain) - expected).max() > 100 * CLOSE
