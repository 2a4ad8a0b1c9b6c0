"""The sampler in pieces: the same completions as ``sample``, a few tokens at a time."""

from collections.abc import Iterator
from functools import partial

import jax

from sinq_jax.mesh import readable
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import Params
from sinq_jax.sampling.sampler import SamplerSettings, Samples, begin, decode

_begin = partial(jax.jit, static_argnames=("spec", "new_tokens"))(begin)
_advance = partial(jax.jit, static_argnames="spec", donate_argnames="state")(decode)


def stream(
    spec: ModelSpec,
    params: Params,
    prompts: jax.Array,
    lengths: jax.Array,
    keys: jax.Array,
    settings: SamplerSettings,
    stop_ids: jax.Array,
    new_tokens: int,
    mesh: jax.sharding.Mesh,
    adapter_rows: jax.Array | None = None,
    every: int = 1,
) -> Iterator[tuple[Samples, int]]:
    """What ``sample`` returns, as it grows: after the first token and then ``every`` so many.

    Yields the samples so far, in the memory of every host of the ``mesh``, and how many tokens of
    each row are drawn; the last one is all of them. Other arguments are those of ``sample``.
    """
    course, state = _begin(
        spec, params, prompts, lengths, keys, settings, stop_ids, new_tokens, adapter_rows
    )
    while True:
        samples: Samples
        samples, slot = jax.device_get(readable(mesh, (state.samples, state.slot)))
        drawn = int(slot)
        yield samples, drawn
        if drawn >= new_tokens or samples.finished.all():
            return
        state = _advance(spec, params, course, state, min(drawn + every, new_tokens))
