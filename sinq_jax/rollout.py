"""Prompts in, completions out: the bridge from texts to the jitted sampler and back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from sinq_jax.axes import on
from sinq_jax.game.records import Completion
from sinq_jax.mesh import place_batch, readable
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import Params
from sinq_jax.sampling.sampler import SamplerSettings, Samples, sample
from sinq_jax.sampling.weights import laid_out
from sinq_jax.tokenizers import Tokenizer

T = TypeVar("T")

BUCKET = 64
"""Prompts are padded to a multiple of this many tokens: few programs to compile, little padding."""


def rounded(length: int) -> int:
    """``length`` rounded up to a multiple of ``BUCKET``, to one of four widths between doublings
    from eight on: where texts have any length, few programs are compiled, and at most a quarter of
    what they read is padding beyond the first.
    """
    step = BUCKET
    while step * 8 <= length:
        step *= 2
    return -(-length // step) * step


@dataclass(frozen=True)
class Decoding:
    """How completions are drawn. ``temperature`` 0: greedy; ``top_p`` 1 and ``top_k`` 0: off."""

    temperature: float
    top_p: float
    top_k: int
    new_tokens: int


@dataclass(frozen=True)
class Group:
    """The samples of one prompt, as texts and as the arrays that a train step needs (host memory,
    right-padded).

    ``prompt`` int32 ``[prompt]`` without padding, ``tokens`` int32 and ``logprobs`` float32
    ``[group, new]``, ``lengths`` int32 ``[group]``.
    """

    prompt: NDArray[np.int32]
    tokens: NDArray[np.int32]
    logprobs: NDArray[np.float32]
    lengths: NDArray[np.int32]
    completions: tuple[Completion, ...]


@dataclass(frozen=True)
class Roller:
    """Samples completions of texts with one model shape on one mesh, ``prompts_per_batch`` prompts
    at a time.
    """

    spec: ModelSpec
    mesh: jax.sharding.Mesh
    tokenizer: Tokenizer
    prompt_tokens: int
    prompts_per_batch: int

    def lay_out(self, params: Params) -> Params:
        """The weights as this roller reads them fastest: once for many calls."""
        return laid_out(self.spec, params, self.mesh)

    def fits(self, prompt: str) -> bool:
        """Whether a prompt is short enough to be sampled from."""
        return len(self.tokenizer.encode_prompt(prompt)) <= self.prompt_tokens

    def __call__(
        self,
        params: Params,
        prompts: Sequence[str],
        group: int,
        decoding: Decoding,
        key: jax.Array,
        adapters: Sequence[int] | None = None,
    ) -> Iterator[Group]:
        """Yields one ``Group`` of ``group`` samples per prompt, in order, as each batch comes back.

        Sample j of prompt i draws its noise from ``key`` folded with i and j, so it does not depend
        on the batch size. Prompt i is answered with adapter ``adapters[i]`` of ``params`` (None:
        all with the first): players that are adapters of one model can share their batches. Raises
        ``ValueError`` for a prompt of more than ``prompt_tokens`` tokens.
        """
        encoded = [self.tokenizer.encode_prompt(prompt) for prompt in prompts]
        for index, ids in enumerate(encoded):
            if not 0 < len(ids) <= self.prompt_tokens:
                raise ValueError(
                    f"prompt {index}: expected 1 to {self.prompt_tokens} tokens, got {len(ids)}; "
                    "raise config.rollout.prompt_tokens"
                )

        def begin(start: int) -> tuple[list[list[int]], Samples]:
            end = start + self.prompts_per_batch
            keys = row_keys(key, jnp.arange(start, end), group)
            chunk, chosen = encoded[start:end], adapters and adapters[start:end]
            return chunk, self._sample(params, chunk, keys, decoding, chosen)

        starts = range(0, len(encoded), self.prompts_per_batch)
        for chunk, samples in _one_ahead(map(begin, starts)):
            host = jax.device_get(samples)
            for row, ids in enumerate(chunk):
                yield self._group(ids, Samples(*(leaf[row] for leaf in host)))

    def _sample(
        self,
        params: Params,
        chunk: list[list[int]],
        keys: jax.Array,
        decoding: Decoding,
        adapters: Sequence[int] | None,
    ) -> Samples:
        """Begins to draw one batch, filled up with rows without a prompt, and does not wait."""
        longest = max(len(ids) for ids in chunk)
        width = min(-(-longest // BUCKET) * BUCKET, self.prompt_tokens)
        prompts = np.full((self.prompts_per_batch, width), self.tokenizer.pad_id, np.int32)
        lengths = np.zeros(self.prompts_per_batch, np.int32)
        for row, ids in enumerate(chunk):
            prompts[row, : len(ids)] = ids
            lengths[row] = len(ids)
        settings = SamplerSettings(
            jnp.float32(decoding.temperature),
            jnp.float32(decoding.top_p),
            jnp.int32(decoding.top_k),
        )
        stops = jnp.array(self.tokenizer.stop_ids, jnp.int32)
        rows = None
        if adapters is not None:
            rows = np.zeros(self.prompts_per_batch, np.int32)
            rows[: len(chunk)] = adapters
        prompts, lengths, rows = place_batch(self.mesh, (prompts, lengths, rows))
        new = decoding.new_tokens
        with on(self.mesh):
            samples: Samples = sample(
                self.spec, params, prompts, lengths, keys, settings, stops, new, rows
            )
        return readable(self.mesh, samples)

    def _group(self, ids: list[int], row: Samples) -> Group:
        completions = tuple(map(self._completion, row.tokens, row.lengths, row.finished))
        tokens, logprobs, lengths, _ = (np.asarray(leaf) for leaf in row)
        return Group(np.array(ids, np.int32), tokens, logprobs, lengths, completions)

    def _completion(
        self, tokens: NDArray[np.int32], length: np.int32, finished: np.bool_
    ) -> Completion:
        """The text before the stop token, which counts as a token."""
        text = self.tokenizer.decode(tokens[: length - finished].tolist())
        return Completion(text, int(length), bool(finished))


def _one_ahead(items: Iterable[T]) -> Iterator[T]:
    """The same items, each handed out when the next one is there: the device draws the next batch
    while the caller works on this one.
    """
    behind: list[T] = []
    for item in items:
        yield from behind
        behind = [item]
    yield from behind


@partial(jax.jit, static_argnames="group")
def row_keys(key: jax.Array, rows: jax.Array, group: int) -> jax.Array:
    """PRNG keys ``[batch, group]``."""
    fold = jax.vmap(jax.random.fold_in, in_axes=(None, 0))
    return jax.vmap(lambda row: fold(row, jnp.arange(group)))(fold(key, rows))
