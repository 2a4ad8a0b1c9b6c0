"""How likely continuations are: comparisons to log-probabilities, each context read once for all
its continuations.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from sinq_jax.axes import on
from sinq_jax.benchmarks.asking import Asked, Respondent
from sinq_jax.benchmarks.suites.face import Comparison
from sinq_jax.benchmarks.window import cut_to_fit
from sinq_jax.learning.layout import GroupBatch
from sinq_jax.learning.reference import batch_logprobs
from sinq_jax.mesh import batch_ways, place_batch, readable
from sinq_jax.rollout import rounded
from sinq_jax.tokenizers import Tokenizer

TOKENS_AT_ONCE = 2**14
"""Tokens of one batch whose log-probabilities are computed together."""


@dataclass(frozen=True)
class _Branches:
    """One text and the ways that it may go on, in ids: a token is scored if it stands in one of
    ``continuations``, and then under all that stands before it.
    """

    context: list[int]
    continuations: tuple[list[int], ...]
    cut: int


def likelihoods(
    who: Respondent, comparisons: Sequence[Comparison], done: frozenset[int] = frozenset()
) -> Iterator[list[Asked[tuple[tuple[float, int], ...]]]]:
    """Yield (log-probability in nats, scored tokens) of each continuation of each comparison, a
    batch at a time, the shortest first; batches whose places are all ``done`` are not asked.

    A log-probability is the sum over the tokens of the continuation, at temperature 1, without
    normalisation by length. Raises ``ValueError`` where a continuation fills the window.
    """
    found = [_branches(who.tokenizer, each, who.prompt_tokens) for each in comparisons]
    sizes = [_size(each) for each in found]
    for (context, group, new), places in _alike(sizes, batch_ways(who.trained.learner.mesh)):
        if done.issuperset(places):
            continue
        sums = _sums(who, [found[place] for place in places], context, group, new)
        yield [
            Asked(
                place,
                tuple(
                    (float(total), len(ids))
                    for total, ids in zip(row, found[place].continuations, strict=False)
                ),
                found[place].cut,
            )
            for place, row in zip(places, sums, strict=False)
        ]


def _branches(tokenizer: Tokenizer, comparison: Comparison, most: int) -> _Branches:
    """Ids as the tokenizer makes them of context and continuation together. Where a token reaches
    across the seam it belongs to the continuation, of all of them: what is compared begins after
    the ids that all texts share with the context alone.
    """
    longest = max(comparison.continuations, key=lambda text: len(tokenizer.encode(text)))

    def encode(text: str) -> list[int]:
        return tokenizer.encode_beginning(text + longest)

    context, cut = cut_to_fit(encode, comparison.context, most)
    alone = tokenizer.encode_beginning(context)
    whole = [tokenizer.encode_beginning(context + text) for text in comparison.continuations]
    shared = min(_in_common(alone, ids) for ids in whole)
    if shared == 0:  # a token predicts the next one, so there has to be one: what ends other texts
        return _Branches([tokenizer.stop_ids[0]], tuple(whole), cut)
    return _Branches(alone[:shared], tuple(ids[shared:] for ids in whole), cut)


def _in_common(first: Sequence[int], second: Sequence[int]) -> int:
    pairs = zip(first, second, strict=False)
    return next(
        (i for i, (one, other) in enumerate(pairs) if one != other), min(len(first), len(second))
    )


Size = tuple[int, int, int]
"""Tokens of the context, continuations, and tokens of each, as a compiled program has them."""


def _size(branches: _Branches) -> Size:
    longest = max(map(len, branches.continuations))
    new = 1 << (max(1, longest) - 1).bit_length()
    return rounded(len(branches.context)), len(branches.continuations), new


def _alike(sizes: Sequence[Size], ways: int) -> Iterator[tuple[Size, list[int]]]:
    """Places in batches of one size, as many as ``TOKENS_AT_ONCE`` hold."""
    for size in sorted(set(sizes)):
        context, group, new = size
        together = max(1, TOKENS_AT_ONCE // (context + group * new) // ways) * ways
        places = [place for place, other in enumerate(sizes) if other == size]
        for start in range(0, len(places), together):
            yield size, places[start : start + together]


def _sums(
    who: Respondent, branches: Sequence[_Branches], context: int, group: int, new: int
) -> NDArray[np.float64]:
    """Float64 ``[batch, group]``: what each continuation adds up to."""
    learner = who.trained.learner
    ways = batch_ways(learner.mesh)
    rows = -(-len(branches) // ways) * ways
    prompt, length = np.zeros((rows, context), np.int32), np.ones(rows, np.int32)
    completion = np.zeros((rows, group, new), np.int32)
    lengths = np.zeros((rows, group), np.int32)
    for row, each in enumerate(branches):
        prompt[row, : len(each.context)], length[row] = each.context, len(each.context)
        for column, ids in enumerate(each.continuations):
            completion[row, column, : len(ids)], lengths[row, column] = ids, len(ids)
    weight = np.ones((rows, group), np.float32)
    batch: Any = GroupBatch(
        prompt,
        length,
        completion,
        lengths,
        weight,
        np.zeros(completion.shape, np.float32),
        np.zeros(weight.shape, bool),
    )
    with on(learner.mesh):
        scores = batch_logprobs(learner.spec, who.params, place_batch(learner.mesh, batch))
    logprobs = np.asarray(jax.device_get(readable(learner.mesh, scores)), np.float64)
    there = np.arange(new) < lengths[..., None]
    sums: NDArray[np.float64] = np.where(there, logprobs, 0.0).sum(axis=-1)
    return sums
