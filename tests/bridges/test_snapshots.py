"""Past players that are adapters: kept without the frozen weights, and back unchanged."""

from pathlib import Path

import jax
import numpy as np

from sinq_jax.league.snapshots import Snapshots, contents, numbers
from sinq_jax.players import ROLES
from tests.bridges.test_adapters import different, over_frozen


def test_adapters_are_kept_alone_and_play_as_they_did(tmp_path: Path) -> None:
    learner = over_frozen()
    players = different(learner)
    kept = Snapshots(tmp_path, learner)
    kept.keep(10, {**players, "base": players["generator"]})
    assert numbers(tmp_path) == [10]
    held = contents(tmp_path, 10)
    assert held is not None
    sizes = {leaf.size for player in players.values() for leaf in jax.tree.leaves(player.params)}
    assert len(held.arrays) == sum(
        len(jax.tree.leaves(player.params)) for player in players.values()
    )
    assert max(sizes) < max(leaf.size for leaf in jax.tree.leaves(learner.origin.base))
    back = kept.load(10)
    for role in ROLES:
        before, after = (learner.params(each, role) for each in (players, back))
        for one, other in zip(jax.tree.leaves(before), jax.tree.leaves(after), strict=True):
            assert np.array_equal(one, other)
