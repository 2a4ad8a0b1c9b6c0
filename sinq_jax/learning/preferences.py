"""Direct preference optimisation (Rafailov et al. 2023, arXiv 2305.18290)."""

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp

from sinq_jax.learning.layout import Array, GroupBatch, token_mask
from sinq_jax.learning.losses import score
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import Params


class PreferenceBatch(NamedTuple):
    """``pairs`` has two completions of each prompt, the preferred one first; a row without both
    counts nothing. ``reference`` float32 ``[batch, 2]``: what the reference model gives them.
    """

    pairs: GroupBatch
    reference: Array


def completion_logprobs(spec: ModelSpec, params: Params, batch: GroupBatch) -> jax.Array:
    """float32 ``[batch, group]``: the log-probability of each completion, its tokens' summed up."""
    logprobs = score(spec, params, batch).logprobs
    return jnp.sum(jnp.where(token_mask(batch), logprobs, 0.0), axis=-1)


@dataclass(frozen=True)
class Preference:
    """The criterion: the mean over pairs of ``- log sigmoid(beta (l_w - l_l))`` with
    ``l = log pi(y | x) - log ref(y | x)`` of the preferred (w) and the other completion (l)
    (equation 7).
    """

    beta: float

    def count(self, batch: PreferenceBatch) -> jax.Array:
        """The number of pairs."""
        return jnp.sum(_there(batch)).astype(jnp.float32)

    def __call__(
        self, spec: ModelSpec, params: Params, batch: PreferenceBatch
    ) -> tuple[jax.Array, dict[str, jax.Array]]:
        """The loss and its measures as sums: ``margin`` is the difference of implicit rewards
        ``beta (l_w - l_l)``, ``accuracy`` 1 where it is above 0.
        """
        ratio = completion_logprobs(spec, params, batch.pairs) - jnp.asarray(batch.reference)
        margin = self.beta * (ratio[:, 0] - ratio[:, 1])
        there = _there(batch)

        def total(values: jax.Array) -> jax.Array:
            return jnp.sum(jnp.where(there, values, 0.0))

        measures = {"margin": total(margin), "accuracy": total((margin > 0).astype(jnp.float32))}
        return -total(jax.nn.log_sigmoid(margin)), measures


def _there(batch: PreferenceBatch) -> jax.Array:
    """Bool ``[batch]``: which rows have both completions."""
    return jnp.all(jnp.asarray(batch.pairs.completion_length) > 0, axis=1)
