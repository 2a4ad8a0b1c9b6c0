"""The one definition of a token's log-probability, for the sampler and the trainer."""

import jax
import jax.numpy as jnp


def token_logprobs(logits: jax.Array, tokens: jax.Array) -> jax.Array:
    """Natural logarithm of the probability of int32 ``tokens`` ``[...]`` under the softmax of
    float32 ``logits`` ``[..., vocab]``: float32 ``[...]``. Not all logarithms are written to take
    one of them.
    """
    chosen = jnp.take_along_axis(logits, tokens[..., None], axis=-1)[..., 0]
    highest = jax.lax.stop_gradient(jnp.max(logits, axis=-1))
    total = jnp.sum(jnp.exp(logits - highest[..., None]), axis=-1)
    return (chosen - highest) - jnp.log(total)
