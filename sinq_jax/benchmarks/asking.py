"""A model is asked: prompts to completions, in batches that are the same whenever the same items
are asked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import jax

from sinq_jax.benchmarks.suites.face import Prompt, Sampling
from sinq_jax.benchmarks.window import cut_to_fit
from sinq_jax.completion.drawing import Answer, Batch, write
from sinq_jax.game.records import Completion, Role
from sinq_jax.models.transformer import Params
from sinq_jax.rollout import Decoding
from sinq_jax.sampling.weights import laid_out
from sinq_jax.tokenizers import Tokenizer
from sinq_jax.trained import Trained

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
