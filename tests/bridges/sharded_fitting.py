"""Supervised steps and DPO on several device layouts, for ``test_sharded_fitting.py``:
``python -m tests.bridges.sharded_fitting`` prints what came out, by layout, as JSON.
"""

import json
from itertools import islice
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh

from sinq_jax.batching import Example, Shape, example_batch
from sinq_jax.conversations import conversation_row
from sinq_jax.epochs import packed_batches, preference_batches
from sinq_jax.fitting import begin_again, fit, reference_logprobs
from sinq_jax.game.chats import Message
from sinq_jax.learning.preferences import Preference, PreferenceBatch
from sinq_jax.learning.supervised import Imitation
from sinq_jax.learning.train_step import make_optimizer
from sinq_jax.mesh import make_mesh
from sinq_jax.models.spec import ModelSpec
from sinq_jax.origins import FromScratch
from sinq_jax.players import Learner
from sinq_jax.tokenizers import LexicalTokenizer

TOKENIZER = LexicalTokenizer(["ab", "cd", "ef", "gh", "ij", "kl"])
SPEC = ModelSpec(
    vocab=TOKENIZER.vocab_size, width=16, layers=2, heads=4, kv_heads=2, head_dim=4, mlp=24
)
LAYOUTS = {"fsdp": (1, 8, 1), "mixed": (2, 2, 2)}
ROWS, RATE = 16, 1e-3
CHATS = [
    (Message("user", f"ab {'x' * place}"), Message("assistant", "cd" * (place % 4 + 1)))
    for place in range(40)
]
PAIRS = [Example(f"ab {'x' * place}", ("cd ef", "gh" * (place % 3 + 1))) for place in range(20)]


def steps(mesh: Mesh) -> dict[str, Any]:
    """Two supervised steps of the generator, and two of DPO from the same base."""
    optimizer = make_optimizer(1.0, 0.01, 0.9, 0.95)
    learner = Learner(FromScratch(SPEC, mesh), optimizer, shared=False, accumulation=2)
    base = learner.new_players(jax.random.key(0))["generator"]
    rows = [conversation_row(TOKENIZER, chat, through_template=False) for chat in CHATS]
    pairs = example_batch(TOKENIZER, PAIRS, Shape(len(PAIRS), 32, 2, 8))
    reference = reference_logprobs(learner, base, "generator", pairs, ROWS)
    both = jax.tree.map(np.asarray, PreferenceBatch(pairs, reference))
    said: dict[str, Any] = {"reference": reference.tolist()}
    for name, criterion, batches in (
        ("supervised", Imitation(), packed_batches(rows, ROWS, 64, 0, "rows")),
        ("preferences", Preference(0.5), preference_batches(both, ROWS, 0, "pairs")),
    ):
        player = begin_again(learner, base.params, "generator")
        for batch in islice(batches, 2):
            player, told = fit(learner, player, criterion, batch, RATE)
        learned = [np.ravel(leaf) for leaf in jax.tree.leaves(player.params)]
        gate = player.params["layers"]["gate"]
        said[name] = {
            "told": told,
            "learned": np.concatenate(learned).tolist(),
            "parts": gate.size // gate.addressable_shards[0].data.size,
        }
    return said


def main() -> None:
    jax.config.update("jax_num_cpu_devices", 8)
    jax.config.update("jax_platforms", "cpu")
    meshes = {name: make_mesh(*sizes) for name, sizes in LAYOUTS.items()}
    meshes["alone"] = make_mesh(1, 1, 1, devices=jax.devices()[:1])
    print(json.dumps({name: steps(mesh) for name, mesh in meshes.items()}))


if __name__ == "__main__":
    main()
