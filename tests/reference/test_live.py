"""Claims of ``test_parity.py`` about models of another seed, put to the reference itself; and that
it loads what is written for it.
"""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sinq_jax.models.weights import save_params
from sinq_jax.models.written_config import config_of
from tests.reference.cases import CASES
from tests.reference.golden import GOLDENS, golden
from tests.reference.parity import CLOSE, cached_logits, full_logits, greedy_text

ROOT = Path(__file__).parents[2]
PYTHON = os.environ.get("SINQ_REFERENCE_PYTHON", "")
SEED = "7"
pytestmark = pytest.mark.skipif(
    not PYTHON, reason="SINQ_REFERENCE_PYTHON names no interpreter that has transformers"
)


def reference(module: str, *arguments: str | Path) -> None:
    command = [PYTHON, "-m", f"tests.reference.{module}", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fresh")
    reference("make_goldens", folder, SEED)
    return folder


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The goldens' weights, under a ``config.json`` that was made from the spec, with answers."""
    folder = tmp_path_factory.mktemp("written")
    for name in CASES:
        case = golden(GOLDENS / name)
        config = config_of(case.spec, case.config["model_type"], positions=128)
        save_params(folder / name, case.spec, case.params, config, dtype="float32")
    np.save(folder / "tokens.npy", golden(GOLDENS / "gemma2").tokens)
    reference("ask", folder / "tokens.npy", *(folder / name for name in CASES))
    return folder


@pytest.mark.parametrize("name", CASES)
def test_other_weights_agree_with_the_reference_as_well(fresh: Path, name: str) -> None:
    case = golden(fresh / name)
    assert not np.array_equal(case.prompt, golden(GOLDENS / name).prompt)
    np.testing.assert_allclose(full_logits(case), case.logits, atol=CLOSE)
    np.testing.assert_allclose(cached_logits(case), case.steps, atol=CLOSE)
    assert greedy_text(case) == case.continuation.tolist()


@pytest.mark.parametrize("name", CASES)
def test_the_reference_computes_the_same_under_a_config_written_from_the_spec(
    written: Path, name: str
) -> None:
    case = golden(GOLDENS / name)
    case = replace(case, tokens=np.load(written / "tokens.npy"))
    theirs = np.load(written / name / "logits.npy")
    np.testing.assert_allclose(full_logits(case), theirs, atol=CLOSE)
