"""Two adapters over one frozen base on several device layouts, for ``test_sharded_adapters.py``:
``python -m tests.bridges.sharded_adapters`` prints what came out, by layout, as JSON.
"""

import json
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh

from sinq_jax.batching import Shape, Weighted, rollout_batch
from sinq_jax.learning.train_step import make_optimizer
from sinq_jax.mesh import make_mesh, params_sharding
from sinq_jax.models.lora import AdapterSpec
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import Params, init_params
from sinq_jax.origins import OverFrozen
from sinq_jax.players import Learner, Lesson, Players
from sinq_jax.rollout import Decoding, Roller
from sinq_jax.tokenizers import LexicalTokenizer

TOKENIZER = LexicalTokenizer(["ab", "cd", "ef", "gh", "ij", "kl"])
ADAPTER = AdapterSpec(rank=2, alpha=4.0, targets=("query", "value", "output", "gate", "down"))
SPEC = ModelSpec(
    vocab=TOKENIZER.vocab_size,
    width=16,
    layers=2,
    heads=4,
    kv_heads=2,
    head_dim=4,
    mlp=24,
    param_dtype="bfloat16",
    adapter_scale=ADAPTER.scale,
)
LAYOUTS = {"data": (8, 1, 1), "fsdp": (1, 8, 1), "mixed": (2, 2, 2)}
ROWS = [0, 1] * 4
PROMPTS = [f"prompt {'x' * i}" for i in range(8)]


def learner_on(mesh: Mesh) -> Learner:
    def load() -> Params:
        params = jax.jit(init_params, static_argnums=0)(SPEC, jax.random.key(7))
        return jax.device_put(params, params_sharding(mesh, SPEC))

    origin = OverFrozen(SPEC, mesh, ADAPTER, load)
    return Learner(origin, make_optimizer(1.0, 0.01, 0.9, 0.95), shared=False, accumulation=1)


def different(learner: Learner) -> Players:
    """Players whose adapters do something, each something else, the same on every layout."""
    rng = np.random.default_rng(0)
    return {
        role: player._replace(
            params=jax.tree.map(
                lambda leaf: jax.device_put(
                    np.array(0.3 * rng.normal(size=leaf.shape), np.float32), leaf.sharding
                ),
                player.params,
            )
        )
        for role, player in learner.new_players(jax.random.key(0)).items()
    }


def play(mesh: Mesh) -> dict[str, Any]:
    """One mixed batch, and one update of the evaluator's adapter with it."""
    learner = learner_on(mesh)
    players = different(learner)
    roller = Roller(SPEC, mesh, TOKENIZER, 32, prompts_per_batch=8)
    both = roller.lay_out(learner.params_of_both(players))
    decoding = Decoding(1.0, 1.0, 0, 4)
    groups = list(roller(both, PROMPTS, 2, decoding, jax.random.key(1), ROWS))
    weights = np.array([1.0, -0.5], np.float32)
    batch = rollout_batch([Weighted(group, weights) for group in groups], Shape(8, 32, 2, 4))
    lesson = Lesson("evaluator", "policy", batch, share=1.0)
    before = jax.device_get(learner.origin.base)
    players, metrics = learner.update(players, [lesson], 1e-3)
    frozen = jax.tree.map(lambda a, b: bool((a == b).all()), before, learner.origin.base)
    learned = players["evaluator"].params
    return {
        "tokens": [group.tokens.tolist() for group in groups],
        "logprobs": [group.logprobs.tolist() for group in groups],
        "loss": metrics["learning/evaluator_policy_loss"],
        "learned": np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(learned)]).tolist(),
        "frozen": all(jax.tree.leaves(frozen)),
        "base parts": parts(learner.origin.base["layers"]["gate"]),
        "adapter parts": [parts(learned["gate"][side]) for side in "ab"],
    }


def parts(leaf: jax.Array) -> int:
    """Into how many parts an array is split."""
    return leaf.size // leaf.addressable_shards[0].data.size


def main() -> None:
    jax.config.update("jax_num_cpu_devices", 8)
    jax.config.update("jax_platforms", "cpu")
    meshes = {name: make_mesh(*sizes) for name, sizes in LAYOUTS.items()}
    meshes["alone"] = make_mesh(1, 1, 1, devices=jax.devices()[:1])
    print(json.dumps({name: play(mesh) for name, mesh in meshes.items()}))


if __name__ == "__main__":
    main()
