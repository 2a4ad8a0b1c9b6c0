"""Claims about the transformer: it is the one that plain numpy computes."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sinq_jax.models.attention import KeyValue, Scoring, attend_full, tree_mask
from sinq_jax.models.rope import frequencies, rotate, turn
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import (
    Params,
    forward,
    init_params,
    logical_axes,
    param_shapes,
    unembed,
)
from tests.arrays import plain
from tests.arrays.small import CLOSE, SPEC, params, prompts


def causal(batch: int, seq: int) -> jax.Array:
    return tree_mask(jnp.zeros((batch, seq), jnp.int32))


def normal(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def logits(spec: ModelSpec, tokens: np.ndarray) -> np.ndarray:
    positions = jnp.broadcast_to(jnp.arange(tokens.shape[1]), tokens.shape)
    hidden, _ = forward(spec, params(), tokens, positions, causal(*tokens.shape))
    return np.asarray(unembed(spec, params(), hidden))


@pytest.mark.parametrize("unroll", [1, 2])
def test_logits_are_those_of_a_plain_numpy_transformer(unroll: int) -> None:
    tokens = prompts((9, 9), width=9)
    ours = logits(replace(SPEC, unroll=unroll), tokens)
    assert ours.dtype == np.float32
    for row, sequence in zip(ours, tokens, strict=True):
        np.testing.assert_allclose(row, plain.logits(SPEC, params(), sequence.tolist()), atol=CLOSE)


def test_bfloat16_computes_the_same_function_less_exactly() -> None:
    """bfloat16 keeps 8 bits, so terms of order 1 are off by up to 4e-3 each; logits here are of
    order 5 and pass some thirty roundings. Parameters and logits stay float32.
    """
    tokens = prompts((9, 9), width=9)
    narrow = logits(replace(SPEC, dtype="bfloat16"), tokens)
    assert narrow.dtype == np.float32
    difference = np.abs(narrow - logits(SPEC, tokens))
    assert 0 < difference.mean() < 0.1
    assert difference.max() < 0.6


@pytest.mark.parametrize("kv_heads", [1, 2, 4])
def test_grouped_query_attention_gives_each_query_head_its_own_kv_head(kv_heads: int) -> None:
    heads, head_dim, seq = 4, 6, 5
    query = normal(0, 2, seq, heads, head_dim)
    keys, values = normal(1, 2, kv_heads, seq, head_dim), normal(2, 2, kv_heads, seq, head_dim)
    context = KeyValue(jnp.array(keys.swapaxes(2, 3), jnp.float32), jnp.array(values, jnp.float32))
    ours = attend_full(
        jnp.array(query, jnp.float32), context, causal(2, seq), Scoring(head_dim**-0.5)
    )
    for row in range(2):
        for head in range(heads):
            shared = head * kv_heads // heads
            wanted = plain.attention(query[row, :, head], keys[row, shared], values[row, shared])
            np.testing.assert_allclose(ours[row, :, head], wanted, atol=1e-5)


def test_a_row_that_may_see_nothing_gives_numbers_and_gradients() -> None:
    query = jnp.ones((1, 3, 2, 4))
    context = KeyValue(jnp.ones((1, 1, 4, 3)), jnp.ones((1, 1, 3, 4)))
    nothing, half = jnp.zeros((1, 3, 3), bool), Scoring(0.5)
    gradient = jax.grad(lambda q: jnp.sum(attend_full(q, context, nothing, half)))(query)
    assert np.isfinite(attend_full(query, context, nothing, half)).all()
    assert np.isfinite(gradient).all()


def test_rotary_products_depend_on_the_distance_of_positions_alone() -> None:
    query, key = (jnp.array(normal(seed, 1, 1, 8), jnp.float32) for seed in (0, 1))
    speeds = frequencies(8, 10_000.0)

    def product(at: int, other: int) -> float:
        turned = [rotate(x, turn(jnp.array([i]), speeds)) for x, i in ((query, at), (key, other))]
        return float(jnp.sum(turned[0] * turned[1]))

    for distance in (-3, 0, 1, 7):
        near, far = product(5 + distance, 5), product(200 + distance, 200)
        # The angle 200 itself is a float32, off by up to 1e-5.
        assert near == pytest.approx(far, abs=1e-4)
    assert abs(product(6, 5) - product(8, 5)) > 0.05


def test_rotary_positions_turn_as_complex_numbers_and_begin_with_nothing() -> None:
    x = normal(0, 7, 6)
    by = turn(jnp.arange(7), frequencies(6, 100.0))
    ours = rotate(jnp.array(x[:, None], jnp.float32), by)[:, 0]
    np.testing.assert_allclose(ours, plain.rotated(x, 100.0), atol=1e-5)
    np.testing.assert_array_equal(ours[0], x[0].astype(np.float32))


def test_a_tree_lets_a_token_see_its_prompt_and_its_own_completion_before_it() -> None:
    mask = np.asarray(tree_mask(jnp.array([[0, 0, -1, 1, 1, 2, -1]])))[0]
    wanted = [
        "1......",
        "11.....",
        "11.....",  # padding sees, and is seen by nobody
        "11.1...",
        "11.11..",
        "11...1.",
        "11.....",
    ]
    assert ["".join(".1"[int(bit)] for bit in row) for row in mask] == wanted


def test_fresh_parameters_are_float32_stacked_by_layer_and_named_by_axes() -> None:
    shapes = jax.eval_shape(lambda: init_params(replace(SPEC, dtype="bfloat16"), jax.random.key(0)))
    assert param_shapes(replace(SPEC, dtype="bfloat16")) == shapes
    assert {leaf.dtype for leaf in jax.tree.leaves(shapes)} == {jnp.dtype("float32")}
    axes = logical_axes(SPEC)
    assert axes["layers"]["query"] == jax.P("layers", "embed", "heads", "head_dim")
    assert shapes["layers"]["query"].shape == (2, 16, 4, 4)
    assert shapes["layers"]["key"].shape == (2, 16, 2, 4)
    assert axes["embedding"] == jax.P("vocab", "embed")
    ranks = jax.tree.map(lambda leaf, names: len(leaf.shape) == len(names), shapes, axes)
    assert all(jax.tree.leaves(ranks))


def leaves(spec: ModelSpec) -> set[str]:
    """The names of the parameters of ``spec``."""
    shapes = jax.eval_shape(lambda: init_params(spec, jax.random.key(0)))
    paths = [path for path, _ in jax.tree_util.tree_leaves_with_path(shapes)]
    return {jax.tree_util.keystr(path, simple=True, separator="/") for path in paths}


@pytest.mark.parametrize(
    ("option", "added"),
    [
        ({"tied": False}, {"unembedding"}),
        ({"qkv_bias": True}, {f"layers/{name}_bias" for name in ("query", "key", "value")}),
        ({"output_bias": True}, {"layers/output_bias"}),
        ({"query_key_norm": True}, {f"layers/{name}_norm/scale" for name in ("query", "key")}),
        ({"post_norms": True}, {f"layers/{at}_post_norm/scale" for at in ("attention", "mlp")}),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_parameters_are_there_where_the_spec_says_so(option: dict, added: set[str]) -> None:
    assert leaves(replace(SPEC, **option)) - leaves(SPEC) == added


def test_parameters_are_stored_as_the_spec_says_and_norms_begin_with_1() -> None:
    fresh = jax.jit(init_params, static_argnums=0)
    narrow = fresh(replace(SPEC, param_dtype="bfloat16", norm_offset=1.0), jax.random.key(0))
    assert {leaf.dtype for leaf in jax.tree.leaves(narrow)} == {jnp.dtype("bfloat16")}
    assert not narrow["final_norm"]["scale"].any()
    assert (fresh(SPEC, jax.random.key(0))["final_norm"]["scale"] == 1).all()


def test_activations_that_are_computed_twice_give_the_same_gradient() -> None:
    tokens = prompts((9, 9), width=9)
    positions = jnp.broadcast_to(jnp.arange(9), tokens.shape)

    def gradient(spec: ModelSpec) -> Params:
        def loss(weights: Params) -> jax.Array:
            return jnp.sum(forward(spec, weights, tokens, positions, causal(2, 9))[0] ** 2)

        return jax.grad(loss)(params())

    kept, again = gradient(SPEC), gradient(replace(SPEC, remat=True))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=CLOSE), kept, again)


def test_a_window_counts_positions_along_each_branch_of_a_tree() -> None:
    """A completion's window reaches past the padding of its prompt, and not into its siblings: what
    each member gives is what it gives as a sequence of its own.
    """
    spec = replace(SPEC, windows=(3, 0))
    segments = jnp.array([[0, 0, -1, -1, 1, 1, 1, 2, 2]])
    positions = jnp.array([[0, 1, 2, 3, 2, 3, 4, 2, 3]])
    tokens = prompts((9,), width=9)
    tree, _ = forward(spec, params(), tokens, positions, tree_mask(segments))
    for member, new in ((1, 3), (2, 2)):
        own = np.flatnonzero(np.isin(np.asarray(segments)[0], [0, member]))
        alone = jnp.arange(2 + new)[None]
        wanted, _ = forward(spec, params(), tokens[:, own], alone, causal(1, 2 + new))
        np.testing.assert_allclose(tree[:, own], wanted, atol=CLOSE)
    unlimited, _ = forward(SPEC, params(), tokens, positions, tree_mask(segments))
    assert np.abs(tree - unlimited)[0, 6].max() > 0.1
