"""From questions to completions: ids, batches, and the text of every row as it becomes certain."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from sinq_jax.axes import on
from sinq_jax.completion.questions import Question
from sinq_jax.game.records import Role
from sinq_jax.mesh import batch_ways, place_batch
from sinq_jax.models.transformer import Params
from sinq_jax.players import ROLES
from sinq_jax.rollout import Decoding, rounded, row_keys
from sinq_jax.sampling.sampler import SamplerSettings, Samples
from sinq_jax.sampling.streaming import stream
from sinq_jax.tokenizers import IncrementalDecoder, Tokenizer
from sinq_jax.trained import Trained

TOGETHER = 16
"""Tokens between two looks at the rows of a batch that nobody watches."""


@dataclass
class Answer:
    """One completion of question ``question`` (its place in the list), as far as it is written.

    ``text`` ends before the stop token, or before the string ``stopped``; ``tokens`` counts what
    was drawn for it, ``logprob`` (nats, temperature 1) sums over them; ``ended`` says whether the
    model stopped by itself, by token or string.
    """

    question: int
    sample: int
    text: str = ""
    tokens: int = 0
    logprob: float = 0.0
    ended: bool = False
    stopped: str | None = None


@dataclass(frozen=True)
class Batch:
    """Questions that are answered together: their places in the list, their ids, and what they are
    answered with (``rows``: the adapter of each; None: there is one for all).
    """

    places: list[int]
    ids: list[list[int]]
    params: Params
    rows: list[int] | None


def prompt_ids(question: Question, tokenizer: Tokenizer) -> list[int]:
    """What the model reads. Raises ``TokenizerError`` where a chat template refuses the chat."""
    if question.messages:
        return tokenizer.encode_chat(question.messages)
    return tokenizer.encode_prompt(question.text)


def batches(trained: Trained, questions: Sequence[Question], size: int) -> Iterator[Batch]:
    """The questions in order, at most ``size`` at a time. Players that are adapters of one model
    answer in one batch; others do not.
    """
    learner, players = trained.learner, trained.players
    both = not learner.shared and learner.origin.base is not None
    together: dict[Role, Role] = (
        dict.fromkeys(ROLES, "evaluator") if both else {r: r for r in ROLES}
    )
    numbered = enumerate(questions)
    for role, some in groupby(numbered, lambda each: together[each[1].role]):
        params = learner.params_of_both(players) if both else learner.params(players, role)
        group = list(some)
        for start in range(0, len(group), size):
            chunk = group[start : start + size]
            yield Batch(
                [place for place, _ in chunk],
                [prompt_ids(question, trained.tokenizer) for _, question in chunk],
                params,
                [ROLES.index(question.role) for _, question in chunk] if both else None,
            )


@dataclass
class Writing:
    """A batch while it is written: one answer and one decoder for each row and sample."""

    answers: list[list[Answer]]
    decoders: list[list[IncrementalDecoder]]
    written: int = field(default=0)

    def take(self, samples: Samples, drawn: int) -> Iterator[tuple[Answer, str]]:
        """Read the slots up to ``drawn``; yield what became certain, answer by answer."""
        for row, answers in enumerate(self.answers):
            for sample, answer in enumerate(answers):
                length, finished = samples.lengths[row, sample], samples.finished[row, sample]
                decoder, text = self.decoders[row][sample], ""
                for slot in range(self.written, min(drawn, int(length))):
                    if decoder.stopped is None:
                        answer.tokens += 1
                        answer.logprob += float(samples.logprobs[row, sample, slot])
                        if not (finished and slot == length - 1):
                            text += decoder.push(int(samples.tokens[row, sample, slot]))
                answer.stopped = decoder.stopped
                answer.ended = bool(finished) or answer.stopped is not None
                answer.text += text
                yield answer, text
        self.written = drawn

    def finish(self) -> Iterator[tuple[Answer, str]]:
        """The text that was held back, now that nothing more comes."""
        for answers, decoders in zip(self.answers, self.decoders, strict=True):
            for answer, decoder in zip(answers, decoders, strict=True):
                rest = decoder.finish()
                answer.text += rest
                yield answer, rest

    @property
    def done(self) -> bool:
        """Whether every answer has ended."""
        return all(answer.ended for answers in self.answers for answer in answers)


def write(
    trained: Trained,
    batch: Batch,
    samples: int,
    decoding: Decoding,
    stops: Sequence[str],
    key: jax.Array,
) -> Iterator[tuple[Answer, str]]:
    """Answers with the text that was just added to each, as the batch is drawn. Sample j of
    question i draws its noise from ``key`` folded with i and j, whatever else is asked.
    """
    tokenizer = trained.tokenizer
    writing = Writing(
        [[Answer(place, sample) for sample in range(samples)] for place in batch.places],
        [[IncrementalDecoder(tokenizer, stops) for _ in range(samples)] for _ in batch.places],
    )
    watched = len(batch.places) * samples == 1
    for drawn in _stream(trained, batch, samples, decoding, key, 1 if watched else TOGETHER):
        yield from writing.take(*drawn)
        if writing.done:
            break
    yield from writing.finish()


def _stream(
    trained: Trained, batch: Batch, samples: int, decoding: Decoding, key: jax.Array, every: int
) -> Iterator[tuple[Samples, int]]:
    """The batch, filled up to a bucket of tokens and to as many rows as the mesh asks for."""
    learner, tokenizer = trained.learner, trained.tokenizer
    ways = batch_ways(learner.mesh)
    rows = -(-len(batch.ids) // ways) * ways
    width = rounded(max(map(len, batch.ids)))
    prompts = np.full((rows, width), tokenizer.pad_id, np.int32)
    lengths, adapters = np.zeros(rows, np.int32), np.zeros(rows, np.int32)
    for row, ids in enumerate(batch.ids):
        prompts[row, : len(ids)], lengths[row] = ids, len(ids)
    adapters[: len(batch.ids)] = batch.rows or 0
    places = np.full(rows, batch.places[0], np.int32)
    places[: len(batch.ids)] = batch.places
    settings = SamplerSettings(
        jnp.float32(decoding.temperature), jnp.float32(decoding.top_p), jnp.int32(decoding.top_k)
    )
    placed: Any = place_batch(learner.mesh, (prompts, lengths, adapters))
    drawn = stream(
        learner.spec,
        batch.params,
        placed[0],
        placed[1],
        row_keys(key, jnp.asarray(places), samples),
        settings,
        jnp.array(tokenizer.stop_ids, jnp.int32),
        decoding.new_tokens,
        learner.mesh,
        placed[2] if batch.rows else None,
        every=every,
    )
    with on(learner.mesh):
        yield from drawn
