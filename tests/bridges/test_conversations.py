"""Claims about conversations as texts: trained on is what has weight, in the ids of play."""

from pathlib import Path

import numpy as np
import pytest

from sinq_jax.conversations import conversation_row, fits, preference_example
from sinq_jax.game.chats import Message
from sinq_jax.game.prompts import EditFormat, ProgramFormat
from sinq_jax.learning.packing import Row
from sinq_jax.paper.preferences import Preference
from sinq_jax.paper.rows import generator_row, prediction_row, preference_row
from sinq_jax.pretrained import open_pretrained
from sinq_jax.tokenizers import Tokenizer
from tests.bridges.scene import TOKENIZER
from tests.paper.scene import judged_variant
from tests.run.checkpoints import write_checkpoint

STOP = TOKENIZER.stop_ids[0]


def trained(tokenizer: Tokenizer, row: Row) -> str:
    return tokenizer.decode(row.tokens[row.weights > 0].tolist())


def test_an_answer_is_learned_with_its_stop_token_and_the_prompt_is_not() -> None:
    form, variant = EditFormat(), judged_variant(7)
    row = conversation_row(TOKENIZER, generator_row(form, variant), through_template=False)
    prompt = TOKENIZER.encode_prompt(form.generator_prompt(variant.program, 7))
    assert row.tokens.tolist() == [*prompt, *TOKENIZER.encode(variant.text), STOP]
    assert row.weights.tolist() == [0.0] * len(prompt) + [1.0] * (len(row.tokens) - len(prompt))
    assert (row.tokens.dtype, row.weights.dtype) == (np.int32, np.float32)


@pytest.mark.parametrize("form", [EditFormat(), ProgramFormat()], ids=["edit", "program"])
def test_of_a_prediction_row_the_level_is_all_that_is_learned(
    form: EditFormat | ProgramFormat,
) -> None:
    row = conversation_row(
        TOKENIZER, prediction_row(form, judged_variant(7)), through_template=False
    )
    assert trained(TOKENIZER, row) == form.difficulty_answer(7)
    assert row.tokens.tolist().count(STOP) == 2
    assert row.weights[row.tokens == STOP].tolist() == [0.0, 1.0]


def test_weights_of_answers_are_those_of_their_tokens() -> None:
    chat = (
        Message("user", "a"),
        Message("assistant", "b", weight=0.5),
        Message("user", "c"),
        Message("assistant", "d"),
    )
    row = conversation_row(TOKENIZER, chat, through_template=False)
    assert row.weights.tolist() == [0, 0.5, 0.5, 0, 1, 1]


def test_through_a_template_the_last_answer_follows_what_play_would_have_asked(
    tmp_path: Path,
) -> None:
    found = open_pretrained(write_checkpoint(tmp_path, "qwen2"))
    tokenizer = found.tokenizer.for_chat()
    form, variant = ProgramFormat(), judged_variant(7)
    row = conversation_row(tokenizer, generator_row(form, variant), through_template=True)
    prompt = tokenizer.encode_prompt(form.generator_prompt(variant.program, 7))
    assert row.tokens[: len(prompt)].tolist() == prompt
    assert trained(tokenizer, row) == variant.text
    told = conversation_row(tokenizer, prediction_row(form, variant), through_template=True)
    assert trained(tokenizer, told) == "Difficulty level: 7"
    asked = tokenizer.decode(told.tokens.tolist())
    assert variant.text in asked
    assert form.difficulty_question() in asked
    loud = (Message("user", "a"), Message("assistant", "b"), *prediction_row(form, variant)[2:])
    with pytest.raises(ValueError, match="weight 0 for all answers but the last"):
        conversation_row(tokenizer, loud, through_template=True)


def test_a_pair_is_one_question_with_the_hard_answer_first() -> None:
    form, hard, easy = EditFormat(), judged_variant(9, 1), judged_variant(2, 2)
    example = preference_example(preference_row(form, Preference(hard, easy)))
    assert example.completions == (hard.text, easy.text)
    assert example.prompt == form.generator_prompt(hard.program, 10)
    prompt = len(TOKENIZER.encode_prompt(example.prompt))
    longest = max(len(TOKENIZER.encode(text)) + 1 for text in example.completions)
    assert fits(TOKENIZER, example, prompt, longest)
    assert not fits(TOKENIZER, example, prompt - 1, longest)
    assert not fits(TOKENIZER, example, prompt, longest - 1)
