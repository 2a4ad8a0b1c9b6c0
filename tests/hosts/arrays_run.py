"""Plays, learns, saves and restores as one of two hosts with two devices each.

``python -m tests.hosts.arrays_run FOLDER HOST:PORT NUMBER`` prints what it found as JSON.
"""

import json
import sys
from pathlib import Path
from typing import Any

import jax
import numpy as np

from sinq_jax.batching import Shape, Weighted, rollout_batch
from sinq_jax.checkpoint import Checkpoints
from sinq_jax.checkpoint_record import Progress, digests_of, parts_of
from sinq_jax.config.places import Place
from sinq_jax.hosts import Hosts
from sinq_jax.hosts.devices import connect
from sinq_jax.hosts.joining import join
from sinq_jax.mesh import make_mesh, place, replicated
from sinq_jax.players import Lesson, Players
from sinq_jax.rollout import Decoding, Roller
from tests.arrays.sharded_run import PROMPTS, SPEC, TOKENIZER, learner_on, parts


def play(hosts: Hosts, folder: Path) -> dict[str, Any]:
    mesh, sampling = make_mesh(1, 4, 1), make_mesh(4, 1, 1)
    learner = learner_on(mesh)
    players = learner.new_players(jax.random.key(0))
    roller = Roller(SPEC, sampling, TOKENIZER, 32, prompts_per_batch=8)
    policy = roller.lay_out(players["shared"].params)
    groups = list(roller(policy, PROMPTS, 2, Decoding(1.0, 1.0, 0, 4), jax.random.key(1)))
    weights = np.array([1.0, -0.5], np.float32)
    batch = rollout_batch([Weighted(group, weights) for group in groups], Shape(8, 32, 2, 4))
    lessons = [Lesson("evaluator", "policy", batch, share=1.0, entropy=0.01)]
    checkpoints = Checkpoints(folder / "checkpoints", keep=2, hosts=hosts)
    for tick in (1, 2):
        players, metrics = learner.update(players, lessons, 1e-3)
        checkpoints.save(tick, players, Progress(0, tick, tick))
        last = digests(hosts, players)
        if tick == 1:
            before = last
    moved = checkpoints.restore(learner_on(make_mesh(1, 2, 2)).template())
    if hosts.number == 1:
        damage(folder / "checkpoints" / "2" / "players" / "ocdbt.process_1")
    hosts.wait("damage")
    earlier = checkpoints.restore(learner.template())
    assert moved
    assert earlier
    return {
        "tokens": [group.tokens.tolist() for group in groups],
        "loss": metrics["learning/evaluator_policy_loss"],
        "split": sorted({*parts(players).values()}),
        "placed": placed(mesh),
        "before": before,
        "last": last,
        "moved": digests(hosts, moved.players),
        "moved split": sorted({*parts(moved.players).values()}),
        "earlier": digests(hosts, earlier.players),
        "skipped": earlier.skipped,
    }


def digests(hosts: Hosts, players: Players) -> list[str]:
    return digests_of(hosts.exchange_json("digests", parts_of(players)))


def placed(mesh: jax.sharding.Mesh) -> list[float]:
    """What the devices of this host hold of numbers that all hosts have, copied to each."""
    numbers = np.arange(4, dtype=np.float32)
    spread = place(mesh, {"numbers": numbers}, {"numbers": replicated(mesh)})["numbers"]
    return [float(np.asarray(shard.data).sum()) for shard in spread.addressable_shards]


def damage(folder: Path) -> None:
    """Cut in half all that one host has saved: which of its files are still in use is not told."""
    for found in folder.rglob("*"):
        if found.is_file():
            found.write_bytes(found.read_bytes()[: found.stat().st_size // 2])


def main(folder: Path, address: str, number: int) -> None:
    jax.config.update("jax_num_cpu_devices", 2)
    jax.config.update("jax_platforms", "cpu")
    host, port = address.split(":")
    joined = join(Place(host, int(port), 2, number))
    with joined.hosts as hosts:
        connect(joined)
        print(json.dumps(play(hosts, folder)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
