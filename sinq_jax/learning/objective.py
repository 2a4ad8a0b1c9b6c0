"""What an advantage does to the log-probability of a token, and what straying from a reference
costs. All of it is token by token; ``losses`` sums.
"""

from dataclasses import dataclass
from typing import Literal

import jax
import jax.numpy as jnp

PolicyLoss = Literal["reinforce", "clipped", "truncated"]

_LARGEST_LOG_RATIO = 20.0
"""Beyond it a ratio counts as e^20: no bound or cap lies there, and a float32 holds e^88 at most.
"""


@dataclass(frozen=True)
class Objective:
    """How one batch is learned from; compiled into the train step. r is the ratio of a token's
    probability to the one that its sampler gave it, A its completion's advantage.

    ``reinforce``: ``-A log p`` (Williams 1992), for samples of the policy itself. ``clipped``:
    ``-min(r A, clip(r, 1 - clip_low, 1 + clip_high) A)`` (Schulman et al. 2017, arXiv 1707.06347,
    equation 7; the two bounds of Yu et al. 2025, arXiv 2503.14476, section 3.1). ``truncated``:
    ``-min(r, importance_cap) A log p`` with the weight held constant (Ionides 2008, "Truncated
    importance sampling"). At r = 1 the gradients of all three are the same, if the cap is at least
    1. ``kl`` multiplies ``divergence`` from the batch's reference; 0: there is none.
    """

    loss: PolicyLoss = "reinforce"
    clip_low: float = 0.2
    clip_high: float = 0.28
    importance_cap: float = 2.0
    kl: float = 0.0


def surrogate(
    objective: Objective, logprobs: jax.Array, behaviour: jax.Array, advantage: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """The loss of each token, float32 ``[...]``, and bool ``[...]``: whether its bound or cap held
    it. Log-probabilities ``[...]`` are the trainer's and the sampler's; ``advantage`` broadcasts.
    """
    if objective.loss == "reinforce":
        return -logprobs * advantage, jnp.zeros(logprobs.shape, bool)
    distance = logprobs - behaviour
    ratio = jnp.exp(jnp.clip(distance, -_LARGEST_LOG_RATIO, _LARGEST_LOG_RATIO))
    if objective.loss == "truncated":
        cut = ratio > objective.importance_cap
        weight = jax.lax.stop_gradient(jnp.minimum(ratio, objective.importance_cap))
        return -weight * advantage * logprobs, cut
    low, high = 1 - objective.clip_low, 1 + objective.clip_high
    too_high = jnp.logical_and(advantage > 0, ratio > high)
    too_low = jnp.logical_and(advantage < 0, ratio < low)
    # Not jnp.minimum, which splits the gradient where its two sides are equal, as they often are.
    used = jnp.where(too_high, high, jnp.where(too_low, low, ratio))
    return -used * advantage, jnp.logical_or(too_high, too_low)


def divergence(logprobs: jax.Array, reference: jax.Array) -> jax.Array:
    """An estimate of KL(policy || reference) for each token that the policy drew, float32 ``[...]``
    nats, never negative.

    The value is Schulman's k3, ``r - 1 - log r`` with r = reference / policy ("Approximating KL
    divergence", 2020), unbiased and of little variance. The gradient is that of
    ``(log policy - log reference)^2 / 2``, his k2, whose mean is the gradient of KL(policy ||
    reference); k3's own gradient has the mean of that of KL(reference || policy) (Tang and Munos
    2025, arXiv 2506.09477). It is each token's own divergence, not that of the tokens after it,
    and no importance weight corrects it for the updates since the sample was drawn.
    """
    gap = jax.lax.stop_gradient(reference - logprobs)
    k3 = jnp.expm1(jnp.minimum(gap, _LARGEST_LOG_RATIO)) - gap
    slope = -gap * logprobs
    return k3 + (slope - jax.lax.stop_gradient(slope))
