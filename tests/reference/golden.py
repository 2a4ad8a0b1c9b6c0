"""A model that the reference wrote, loaded as a user would load it, and what the reference said."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sinq_jax.mesh import make_mesh, params_sharding
from sinq_jax.models.families import spec_of
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import Params
from sinq_jax.models.weights.loading import load_params

GOLDENS = Path(__file__).parent / "goldens"


@dataclass(frozen=True)
class Golden:
    """See ``make_goldens.answers`` for the arrays."""

    config: dict
    spec: ModelSpec
    params: Params
    tokens: NDArray[np.int32]
    logits: NDArray[np.float32]
    prompt: NDArray[np.int32]
    continuation: NDArray[np.int32]
    steps: NDArray[np.float32]


@cache
def golden(folder: Path) -> Golden:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    spec = spec_of(config)
    params = load_params(folder, spec, params_sharding(make_mesh(1, 1, 1), spec), "float32")
    with np.load(folder / "answers.npz") as answers:
        return Golden(config, spec, params, **answers)
