"""One optimizer step as one jitted program: gradients over micro-batches, clipping, AdamW."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from sinq_jax.learning.layout import GroupBatch, in_micro_batches, token_mask
from sinq_jax.learning.losses import LossSums, weighted_loss
from sinq_jax.learning.objective import Objective
from sinq_jax.models.lora import with_adapters
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import Params


class Player(NamedTuple):
    """What learns: ``params`` (all weights of a model, or adapters over frozen ones), the
    optimizer's state, and int32 ``step``, the updates made so far.
    """

    params: Params
    optimizer: optax.OptState
    step: jax.Array


class StepReport(NamedTuple):
    """What one update did. float32 ``[batches]``: means over the completion tokens of each batch,
    and their number in ``tokens``; ``grad_norm`` is the scalar norm of the whole gradient before
    clipping. ``cut`` is the share of tokens that a bound or cap held, ``kl`` the divergence from
    the reference; both are None without objectives.
    """

    loss: jax.Array
    entropy: jax.Array
    logprob: jax.Array
    logprob_gap: jax.Array
    tokens: jax.Array
    grad_norm: jax.Array
    cut: jax.Array | None = None
    kl: jax.Array | None = None


def make_optimizer(
    clip_norm: float, weight_decay: float, beta1: float, beta2: float
) -> optax.GradientTransformation:
    """AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101) behind a global-norm clip, at learning
    rate 1.

    The learning rate multiplies the update in ``train_step``, so that the schedule is data and no
    state of its own. Norm scales are exempt from weight decay.
    """
    return optax.chain(
        optax.clip_by_global_norm(clip_norm),
        optax.scale_by_adam(b1=beta1, b2=beta2),
        optax.add_decayed_weights(weight_decay, mask=_decayed),
        optax.scale(-1.0),
    )


def _decayed(params: Params) -> Params:
    return jax.tree_util.tree_map_with_path(
        lambda path, _: not jax.tree_util.keystr(path).endswith(("scale']", "bias']")), params
    )


def new_player(params: Params, optimizer: optax.GradientTransformation) -> Player:
    """A player that has made no update yet."""
    return Player(params, optimizer.init(params), jnp.int32(0))


def player_sharding(
    optimizer: optax.GradientTransformation,
    params: Params,
    sharding: Any,
    whole: jax.sharding.Sharding,
) -> Any:
    """A ``Player`` of shardings: moments lie like their parameters, scalars as ``whole`` says.

    ``params`` may be shapes. An array that is not placed from the start, like a counter, would make
    the second step compile again.
    """
    moments = optax.tree.map_params(
        optimizer,
        lambda _, like: like,
        jax.eval_shape(optimizer.init, params),
        sharding,
        transform_non_params=lambda _: whole,
    )
    return Player(params=sharding, optimizer=moments, step=whole)  # type: ignore[arg-type]


@partial(
    jax.jit,
    static_argnames=("spec", "optimizer", "accumulation", "objectives"),
    donate_argnames="player",
)
def train_step(
    spec: ModelSpec,
    optimizer: optax.GradientTransformation,
    player: Player,
    batches: tuple[GroupBatch, ...],
    shares: jax.Array,
    learning_rate: jax.Array,
    entropy_weight: jax.Array,
    accumulation: int = 1,
    base: Params | None = None,
    objectives: tuple[Objective, ...] | None = None,
) -> tuple[Player, StepReport]:
    """The updated player and what happened. ``player`` is donated.

    The loss is the sum over batches of ``shares[i]`` times batch i's mean per completion token;
    ``shares`` and ``entropy_weight`` are float32 ``[batches]``. Batches may differ in shape
    (answers are shorter than variants) and still make one update. Each is cut into ``accumulation``
    equal micro-batches; dividing by the whole batch's number of tokens makes the result independent
    of the cut.

    With ``base``, the player is adapters over these weights, which get no gradient and stay as they
    are. ``objectives`` has one for each batch; None: weights times log-probabilities for all.
    """
    tokens = jnp.stack([jnp.sum(token_mask(batch)) for batch in batches]).astype(jnp.float32)
    scale = shares / jnp.maximum(tokens, 1.0)

    def loss(learning: Params, rows: tuple[GroupBatch, ...]) -> tuple[jax.Array, LossSums]:
        params = learning if base is None else with_adapters(base, learning)
        each = [
            weighted_loss(
                spec, params, batch, entropy_weight[i], objectives[i] if objectives else None
            )
            for i, batch in enumerate(rows)
        ]
        sums = jax.tree.map(lambda *parts: jnp.stack(parts), *each)
        return jnp.sum(sums.loss * scale), sums

    def add(
        carry: tuple[Params, LossSums], rows: tuple[GroupBatch, ...]
    ) -> tuple[tuple[Params, LossSums], None]:
        gradients, sums = jax.grad(loss, has_aux=True)(player.params, rows)
        return jax.tree.map(jnp.add, carry, (gradients, sums)), None

    told = len(LossSums._fields) - (2 if objectives is None else 0)
    nothing = LossSums(*[jnp.zeros_like(tokens)] * told)
    zeros = (jax.tree.map(jnp.zeros_like, player.params), nothing)
    (gradients, sums), _ = jax.lax.scan(add, zeros, in_micro_batches(batches, accumulation))
    updates, state = optimizer.update(gradients, player.optimizer, player.params)
    params = jax.tree.map(lambda leaf, up: leaf + learning_rate * up, player.params, updates)
    return Player(params, state, player.step + 1), _report(sums, optax.tree.norm(gradients))


def _report(sums: LossSums, grad_norm: jax.Array) -> StepReport:
    tokens = jnp.maximum(sums.tokens, 1.0)
    return StepReport(
        loss=sums.loss / tokens,
        entropy=sums.entropy / tokens,
        logprob=sums.logprob / tokens,
        logprob_gap=sums.gap / jnp.maximum(sums.sampled, 1.0),
        tokens=sums.tokens,
        grad_norm=grad_norm,
        cut=None if sums.cut is None else sums.cut / tokens,
        kl=None if sums.kl is None else sums.kl / tokens,
    )
