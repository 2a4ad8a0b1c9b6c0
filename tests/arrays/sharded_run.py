"""Plays one small scene on several device layouts: ``python -m tests.arrays.sharded_run FOLDER``.

Writes what came out as ``FOLDER/NAME.npz``, one file a layout, and prints what went wrong, by name,
as JSON. Runs in a process of its own, because the number of devices is fixed when jax starts.
"""

import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import jax
import numpy as np
import optax
from jax.sharding import Mesh

from sinq_jax.batching import Shape, Weighted, rollout_batch
from sinq_jax.checkpoint import Checkpoints
from sinq_jax.checkpoint_record import Progress
from sinq_jax.learning.train_step import make_optimizer
from sinq_jax.mesh import make_mesh, params_sharding, place_batch
from sinq_jax.models.spec import ModelSpec
from sinq_jax.origins import FromScratch
from sinq_jax.players import Learner, Lesson, Players
from sinq_jax.rollout import Decoding, Roller
from sinq_jax.tokenizers import LexicalTokenizer
from tests.arrays.compilations import no_compilation

DEVICES = 8
TOKENIZER = LexicalTokenizer(["ab", "cd", "ef", "gh", "ij", "kl"])
SPEC = ModelSpec(
    vocab=TOKENIZER.vocab_size, width=16, layers=1, heads=16, kv_heads=8, head_dim=2, mlp=24
)
LAYOUTS = {
    "data": (8, 1, 1),
    "fsdp": (1, 8, 1),
    "tensor": (1, 1, 8),
    "mixed": (2, 2, 2),
    "replicas": (1, 2, 2, 2),
}
SAMPLED = {"fsdp": (8, 1, 1), "mixed": (1, 4, 2)}
"""Layouts that sample in another one than they learn in."""
PROMPTS = [f"prompt {'x' * i}" for i in range(8)]


def learner_on(mesh: Mesh) -> Learner:
    optimizer = make_optimizer(1.0, 0.01, 0.9, 0.95)
    return Learner(FromScratch(SPEC, mesh), optimizer, shared=True, accumulation=1)


def play(mesh: Mesh, sampling: Mesh) -> tuple[Players, dict[str, np.ndarray]]:
    """Fresh players, one rollout, two updates, of which the second compiles nothing."""
    learner = learner_on(mesh)
    players = learner.new_players(jax.random.key(0))
    result = _named("fresh", players)
    roller = Roller(SPEC, sampling, TOKENIZER, 32, prompts_per_batch=8)
    decoding = Decoding(1.0, 1.0, 0, 4)
    policy = roller.lay_out(players["shared"].params)
    groups = list(roller(policy, PROMPTS, 2, decoding, jax.random.key(1)))
    result["tokens"] = np.stack([group.tokens for group in groups])
    result["logprobs"] = np.stack([group.logprobs for group in groups])
    weights = np.array([1.0, -0.5], np.float32)
    batch = rollout_batch([Weighted(group, weights) for group in groups], Shape(8, 32, 2, 4))
    lessons = [Lesson("evaluator", "policy", batch, share=1.0, entropy=0.01)]
    for step in range(2):
        with no_compilation() if step else nullcontext():
            players, metrics = learner.update(players, lessons, 1e-3)
        result[f"loss {step}"] = np.array(metrics["learning/evaluator_policy_loss"])
        result[f"gap {step}"] = np.array(metrics["learning/evaluator_policy_logprob_gap"])
    return players, result | _named("updated", players)


def _named(prefix: str, players: Players) -> dict[str, np.ndarray]:
    leaves = jax.tree_util.tree_leaves_with_path(players["shared"].params)
    return {f"{prefix} {jax.tree_util.keystr(path)}": np.asarray(leaf) for path, leaf in leaves}


def parts(players: Players) -> dict[str, int]:
    """Into how many parts each parameter is split."""
    return {
        jax.tree_util.keystr(path, simple=True, separator="/"): leaf.size
        // leaf.addressable_shards[0].data.size
        for path, leaf in jax.tree_util.tree_leaves_with_path(players["shared"].params)
    }


def moments_lie_like_parameters(players: Players) -> bool:
    """Whether each moment of AdamW is split like the parameter that it belongs to."""
    player = players["shared"]
    alike = [
        jax.tree.map(lambda p, m: p.sharding == m.sharding, player.params, moment)
        for moment in (optax.tree.get(player.optimizer, name) for name in ("mu", "nu"))
    ]
    return all(jax.tree.leaves(alike))


def message(action: Callable[[], object]) -> str:
    """What the ``ValueError`` of an action says."""
    try:
        action()
    except ValueError as error:
        return str(error)
    return "no error"


def is_same_placed_as(players: Players, saved: Players, template: Players) -> bool:
    """Whether ``players`` have the bits of ``saved`` and lie like ``template``."""
    host = jax.device_get((players, saved))
    equal = jax.tree.map(lambda now, was: bool((now == was).all()), *host)
    placed = jax.tree.map(lambda now, like: now.sharding == like.sharding, players, template)
    return all(jax.tree.leaves((equal, placed)))


def main(folder: Path) -> None:
    jax.config.update("jax_num_cpu_devices", DEVICES)
    jax.config.update("jax_platforms", "cpu")
    meshes = {name: make_mesh(*sizes) for name, sizes in LAYOUTS.items()}
    meshes["alone"] = make_mesh(1, 1, 1, devices=jax.devices()[:1])
    played = {}
    for name, mesh in meshes.items():
        sampling = make_mesh(*SAMPLED[name]) if name in SAMPLED else mesh
        played[name], result = play(mesh, sampling)
        np.savez(folder / f"{name}.npz", **result)
    checkpoints = Checkpoints(folder / "checkpoints", keep=1)
    checkpoints.save(1, played["mixed"], Progress(0, 2, 1))
    odd = ModelSpec(vocab=23, width=6, layers=1, heads=2, kv_heads=1, head_dim=2, mlp=8)
    said = {
        "parts": {name: parts(players) for name, players in played.items()},
        "moments": [moments_lie_like_parameters(players) for players in played.values()],
        "moved": {
            name: is_same_placed_as(checkpoints.restore(players).players, played["mixed"], players)
            for name, players in played.items()
        },
        "devices": message(lambda: make_mesh(3, 1, 1)),
        "odd model": message(lambda: params_sharding(make_mesh(-1, 4, 1), odd)),
        "odd batch": message(lambda: place_batch(make_mesh(-1, 2, 1), np.zeros((6, 3)))),
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
