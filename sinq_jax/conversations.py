"""Conversations as texts to learn from, in the ids that sampling would have read and written."""

import numpy as np

from sinq_jax.batching import Example
from sinq_jax.game.chats import Chat, Message
from sinq_jax.learning.packing import Row
from sinq_jax.paper.rows import PreferenceRow
from sinq_jax.tokenizers import Tokenizer


def conversation_row(tokenizer: Tokenizer, chat: Chat, *, through_template: bool) -> Row:
    """The conversation as one text. Each token of an answer has the weight of its message (1 where
    it has none), the stop token after it too; what the user says has weight 0.

    ``through_template``: a chat template writes what comes before the last answer, as it writes the
    prompts of play; earlier answers must then have weight 0, because a template does not say where
    they stand. Raises ``ValueError`` where one has another weight.
    """
    *before, answer = chat
    if through_template:
        if any(_weight(each) for each in before):
            raise ValueError("expected weight 0 for all answers but the last, got another one")
        plain = [{"role": each.role, "content": each.content} for each in before]
        parts = [(tokenizer.encode_chat(plain), 0.0)]
    else:
        first, *later = before
        parts = [(tokenizer.encode_prompt(first.content), 0.0)]
        parts += [_part(tokenizer, each) for each in later]
    parts.append(_part(tokenizer, answer))
    ids = [token for part, _ in parts for token in part]
    weights = [weight for part, weight in parts for _ in part]
    return Row(np.array(ids, np.int32), np.array(weights, np.float32))


def _part(tokenizer: Tokenizer, message: Message) -> tuple[list[int], float]:
    ids = tokenizer.encode(message.content)
    if message.role == "assistant":
        ids = [*ids, tokenizer.stop_ids[0]]
    return ids, _weight(message)


def _weight(message: Message) -> float:
    if message.role != "assistant":
        return 0.0
    return 1.0 if message.weight is None else message.weight


def preference_example(row: PreferenceRow) -> Example:
    """The prompt with both answers, the preferred one first."""
    return Example(row.prompt[0].content, (row.chosen[0].content, row.rejected[0].content))


def fits(tokenizer: Tokenizer, example: Example, prompt: int, new: int) -> bool:
    """Whether a prompt of at most ``prompt`` tokens and all answers of at most ``new``, with their
    stop tokens, hold the example.
    """
    longest = max(len(tokenizer.encode(text)) + 1 for text in example.completions)
    return len(tokenizer.encode_prompt(example.prompt)) <= prompt and longest <= new
