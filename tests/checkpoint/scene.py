"""Players to save, small and full of noise, and what is asked of them."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from sinq_jax.learning.train_step import make_optimizer, new_player
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import init_params
from sinq_jax.players import ROLES, Players

SPEC = ModelSpec(vocab=11, width=8, layers=2, heads=2, kv_heads=1, head_dim=4, mlp=12)
OPTIMIZER = make_optimizer(1.0, 0.01, 0.9, 0.95)


def shapes(spec: ModelSpec = SPEC, names: tuple[str, ...] = ROLES) -> Players:
    """What fresh players look like, without making any."""
    player = jax.eval_shape(
        lambda key: new_player(init_params(spec, key), OPTIMIZER), jax.random.key(0)
    )
    return dict.fromkeys(names, player)


def noisy(tree: Players, seed: int) -> Players:
    """Players as after some steps: no array of them is zero or one throughout."""
    rng = np.random.default_rng(seed)
    return jax.tree.map(
        lambda leaf: jnp.array(100 * rng.normal(size=leaf.shape), dtype=leaf.dtype), tree
    )


def assert_equal_bits(actual: Players, expected: Players) -> None:
    assert jax.tree.structure(actual) == jax.tree.structure(expected)
    for ours, theirs in zip(jax.tree.leaves(actual), jax.tree.leaves(expected), strict=True):
        assert ours.dtype == theirs.dtype
        assert ours.sharding == theirs.sharding
        assert np.asarray(ours).tobytes() == np.asarray(theirs).tobytes()


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def largest_file(folder: Path) -> Path:
    """The one that holds the arrays."""
    return max((p for p in folder.rglob("*") if p.is_file()), key=lambda p: p.stat().st_size)
