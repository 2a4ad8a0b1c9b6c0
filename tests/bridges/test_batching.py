"""Claims about batches: what is in them is what was given, and half an answer is never taught."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.batching import Example, Shape, Weighted, example_batch, rollout_batch
from sinq_jax.game.records import Completion
from sinq_jax.learning.layout import GroupBatch
from sinq_jax.rollout import Group
from tests.bridges.scene import TOKENIZER
from tests.tokenizers.families import tokenizer

SHAPE = Shape(rows=3, prompt=8, group=2, new=4)

short = st.text("abc ", max_size=10)
examples = st.builds(Example, short, st.lists(short, max_size=3).map(tuple))


def taught(batch: GroupBatch) -> list[tuple[str, str]]:
    """Prompt and text of all that the loss sees, each ended by the stop token."""
    found = []
    for row, member in np.ndindex(*batch.completion_length.shape):
        ids = batch.completion[row, member, : batch.completion_length[row, member]].tolist()
        if ids:
            assert ids[-1] == TOKENIZER.stop_ids[0]
            assert not {*TOKENIZER.stop_ids} & {*ids[:-1]}
            assert batch.weight[row, member] == 1
            prompt = batch.prompt[row, : batch.prompt_length[row]].tolist()
            found.append((TOKENIZER.decode(prompt), TOKENIZER.decode(ids)))
    return found


@given(st.lists(examples, max_size=5))
def test_a_batch_teaches_every_answer_that_fits_whole_and_no_other(given_: list[Example]) -> None:
    def length(text: str) -> int:
        return len(TOKENIZER.encode(text))

    wanted = []
    for example in given_[: SHAPE.rows]:
        if 0 < length(example.prompt) <= SHAPE.prompt:
            fitting = [text for text in example.completions if length(text) < SHAPE.new]
            wanted += [(example.prompt, text) for text in fitting[: SHAPE.group]]
    batch = example_batch(TOKENIZER, given_, SHAPE)
    assert taught(batch) == wanted
    assert batch.prompt.shape == (3, 8)
    assert batch.completion.shape == (3, 2, 4)
    assert (batch.prompt_length >= 1).all()
    assert not batch.sampled.any()


def test_a_chat_is_taught_from_the_users_message_to_the_end_of_the_answer() -> None:
    chatting = tokenizer("gemma").for_chat()
    batch = example_batch(chatting, [Example("hi", ("yes",))], Shape(1, 32, 1, 8))
    prompt = batch.prompt[0, : batch.prompt_length[0]].tolist()
    answer = batch.completion[0, 0, : batch.completion_length[0, 0]].tolist()
    said = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yes"}]
    whole = chatting.encode_chat(said, add_generation_prompt=False)
    assert [*prompt, *answer] == whole[: len(prompt) + len(answer)]
    assert chatting.decode(whole[len(prompt) + len(answer) :]) == "\n"


def group(seed: int, size: int = 2, new: int = 4) -> Group:
    rng = np.random.default_rng(seed)
    return Group(
        prompt=rng.integers(2, 50, 5).astype(np.int32),
        tokens=rng.integers(2, 50, (size, new)).astype(np.int32),
        logprobs=rng.normal(size=(size, new)).astype(np.float32),
        lengths=rng.integers(1, new + 1, size).astype(np.int32),
        completions=(Completion("", 0, True),) * size,
    )


def test_a_rollout_keeps_tokens_logprobs_and_weights() -> None:
    weighted = [Weighted(group(seed), np.array([0.5, -2.0], np.float32)) for seed in range(2)]
    batch = rollout_batch(weighted, SHAPE)
    for row, each in enumerate(weighted):
        assert batch.prompt[row, : batch.prompt_length[row]].tolist() == each.group.prompt.tolist()
        np.testing.assert_array_equal(batch.completion[row], each.group.tokens)
        np.testing.assert_array_equal(batch.behaviour[row], each.group.logprobs)
        np.testing.assert_array_equal(batch.completion_length[row], each.group.lengths)
        np.testing.assert_array_equal(batch.weight[row], each.weights)
    assert batch.sampled.tolist() == [[True, True], [True, True], [False, False]]
    assert batch.completion_length[2].tolist() == [0, 0]


def test_a_completion_of_weight_0_is_left_out_of_the_loss() -> None:
    batch = rollout_batch([Weighted(group(0), np.array([0.0, 1.0], np.float32))], SHAPE)
    assert batch.completion_length[0].tolist() == [0, int(group(0).lengths[1])]


def test_smaller_groups_fill_a_part_of_a_batch_and_more_rows_than_fit_are_left_out() -> None:
    small = Weighted(group(1, size=1, new=3), np.ones(1, np.float32))
    batch = rollout_batch([small] * 5, SHAPE)
    assert (batch.completion_length[:, 0] == small.group.lengths[0]).all()
    assert not batch.completion_length[:, 1].any()
    assert not batch.completion[:, :, 3].any()
