"""What a reference policy says of a batch: once for all updates that learn from it."""

from functools import partial

import jax

from sinq_jax.learning.layout import GroupBatch, in_micro_batches
from sinq_jax.learning.losses import score
from sinq_jax.models.lora import with_adapters
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import Params


@partial(jax.jit, static_argnames=("spec", "accumulation"))
def batch_logprobs(
    spec: ModelSpec,
    params: Params,
    batch: GroupBatch,
    accumulation: int = 1,
    base: Params | None = None,
) -> jax.Array:
    """float32 ``[batch, group, new]``: the log-probability of every completion token, under the
    definition of the trainer and the sampler; what stands at padding means nothing.

    The batch is cut as ``train_step`` cuts it, so this needs no more memory. With ``base``,
    ``params`` are adapters over it.
    """
    whole = params if base is None else with_adapters(base, params)
    parts = in_micro_batches((batch,), accumulation)
    found = jax.lax.map(lambda rows: score(spec, whole, rows[0]).logprobs, parts)
    logprobs: jax.Array = found.swapaxes(0, 1).reshape(batch.completion.shape)
    return logprobs
