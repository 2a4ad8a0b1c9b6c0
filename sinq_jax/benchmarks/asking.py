"""A model is asked: prompts to completions, comparisons to log-probabilities, in batches that are
the same whenever the same items are asked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import jax
import numpy as np
from numpy.typing import NDArray

from sinq_jax.axes import on
from sinq_jax.benchmarks.suites.face import Comparison, Prompt, Sampling
from sinq_jax.benchmarks.window import cut_to_fit
from sinq_jax.completion.drawing import Answer, Batch, write
from sinq_jax.game.records import Completion, Role
from sinq_jax.learning.layout import GroupBatch
from sinq_jax.learning.reference import batch_logprobs
from sinq_jax.mesh import batch_ways, place_batch, readable
from sinq_jax.models.transformer import Params
from sinq_jax.rollout import Decoding, rounded
from sinq_jax.sampling.weights import laid_out
from sinq_jax.tokenizers import Tokenizer
from sinq_jax.trained import Trained

TOKENS_AT_ONCE = 2**14
"""Tokens of one batch whose log-probabilities are computed together."""

T = TypeVar("T")


@dataclass(frozen=True)
class Asked(Generic[T]):
    """What came back for the item at ``place`` of the list, and how many tokens of its prompt had
    to be cut off.
    """

    place: int
    found: T
    cut: int


@dataclass(frozen=True)
class Respondent:
    """Who is asked: a model with the weights of one player, ready to sample, at most
    ``prompts_per_batch`` prompts of ``prompt_tokens`` tokens at a time.
    """

    trained: Trained
    params: Params
    prompt_tokens: int
    prompts_per_batch: int

    @property
    def tokenizer(self) -> Tokenizer:
        """How it reads."""
        return self.trained.tokenizer


def respondent(trained: Trained, role: Role) -> Respondent:
    """The player ``role`` with its weights laid out once for all questions."""
    learner, config = trained.learner, trained.config
    params = laid_out(learner.spec, learner.params(trained.players, role), learner.mesh)
    return Respondent(
        trained, params, config.suites.prompt_tokens, config.rollout.prompts_per_batch
    )


def completions(
    who: Respondent,
    prompts: Sequence[Prompt],
    sampling: Sampling,
    key: jax.Array,
    done: frozenset[int] = frozenset(),
) -> Iterator[list[Asked[tuple[Completion, ...]]]]:
    """Yield the completions of each prompt, a batch at a time, the shortest prompts first; batches
    whose places are all ``done`` are not asked.

    Sample j of prompt i draws its noise from ``key`` folded with i and j. Raises ``ValueError``
    where what stands before every prompt fills the window.
    """
    encode = who.tokenizer.encode_prompt
    cut = [cut_to_fit(encode, prompt.text, who.prompt_tokens) for prompt in prompts]
    ids = [encode(text) for text, _ in cut]
    decoding = Decoding(sampling.temperature, sampling.top_p, 0, sampling.new_tokens)
    for places in _batches([*map(len, ids)], who.prompts_per_batch):
        if done.issuperset(places):
            continue
        # Batches may hold prompts with other stops; the fewest of them stop all.
        stops = sorted(set.intersection(*(set(prompts[place].stops) for place in places)))
        batch = Batch(places, [ids[place] for place in places], who.params, None)
        answers: dict[tuple[int, int], Answer] = {}
        for answer, _ in write(who.trained, batch, sampling.samples, decoding, stops, key):
            answers[answer.question, answer.sample] = answer
        yield [
            Asked(place, _completions(answers, place, sampling.samples), cut[place][1])
            for place in places
        ]


def _completions(
    answers: dict[tuple[int, int], Answer], place: int, samples: int
) -> tuple[Completion, ...]:
    drawn = [answers[place, sample] for sample in range(samples)]
    return tuple(Completion(each.text, each.tokens, each.ended) for each in drawn)


def _batches(lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    """Places in batches of ``size``, by length, so that little is padding."""
    order = sorted(range(len(lengths)), key=lambda place: (lengths[place], place))
    for start in range(0, len(order), size):
        yield order[start : start + size]


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
