"""Claims about rollouts: what comes back belongs to its prompt, however prompts are batched."""

from collections.abc import Sequence
from dataclasses import replace

import jax
import numpy as np
import pytest

from sinq_jax.models.transformer import init_params
from sinq_jax.rollout import Decoding, Group, Roller
from sinq_jax.tokenizers import LexicalTokenizer
from tests.arrays.compilations import no_compilation
from tests.bridges.scene import DECODING, GROUP, SPEC, TOKENIZER, players, roller
from tests.tokenizers.families import tokenizer

PROMPTS = ["f", "def f(x):", "    return 1", "x" * 16, "y", "zz"]


def roll(
    prompts: Sequence[str] = PROMPTS,
    *,
    by: Roller | None = None,
    decoding: Decoding = DECODING,
    seed: int = 0,
) -> list[Group]:
    chosen = by or roller()
    params = players()["shared"].params
    return list(chosen(params, prompts, GROUP, decoding, jax.random.key(seed)))


def assert_same(actual: list[Group], expected: list[Group]) -> None:
    """Log-probabilities up to the order of summation, everything else exactly."""
    assert len(actual) == len(expected)
    for ours, theirs in zip(actual, expected, strict=True):
        assert ours.completions == theirs.completions
        np.testing.assert_array_equal(ours.tokens, theirs.tokens)
        np.testing.assert_array_equal(ours.lengths, theirs.lengths)
        np.testing.assert_allclose(ours.logprobs, theirs.logprobs, atol=1e-5)


def test_each_prompt_gets_its_group_in_order() -> None:
    groups = roll()
    assert [TOKENIZER.decode(group.prompt.tolist()) for group in groups] == PROMPTS
    for group in groups:
        assert group.tokens.shape == (GROUP, DECODING.new_tokens)
        for row, completion in enumerate(group.completions):
            ids = group.tokens[row, : group.lengths[row]].tolist()
            assert completion.text == TOKENIZER.decode(ids)
            assert completion.tokens == len(ids)
            assert completion.finished == (1 in ids)
    assert {(g.tokens.dtype, g.logprobs.dtype, g.lengths.dtype) for g in groups} == {
        (np.dtype("int32"), np.dtype("float32"), np.dtype("int32"))
    }


@pytest.mark.parametrize("prompts_per_batch", [1, 6])
def test_the_size_of_a_batch_changes_no_completion(prompts_per_batch: int) -> None:
    assert_same(roll(by=roller(prompts_per_batch)), roll())


def test_a_completion_depends_on_its_key_and_place_and_on_no_other_prompt() -> None:
    groups = roll()
    assert_same(roll([*PROMPTS[:2], "other", "prompts", *PROMPTS[4:]])[:2], groups[:2])
    same_prompt = roll(["x"] * 6)
    texts = [completion.text for group in same_prompt for completion in group.completions]
    assert len(set(texts)) == len(texts)
    assert [g.completions for g in roll(seed=1)] != [g.completions for g in groups]


def test_other_ways_to_decode_compile_nothing() -> None:
    roll()
    with no_compilation():
        roll(decoding=replace(DECODING, temperature=0.5, top_p=0.9, top_k=3), seed=2)
        roll(["another", "number"])


def test_temperature_0_repeats_itself() -> None:
    for group in roll(decoding=replace(DECODING, temperature=0.0)):
        assert len({completion.text for completion in group.completions}) == 1


class ManyStops(LexicalTokenizer):
    """Ends at every other letter, so that a model that knows nothing writes one soon."""

    stop_ids = (1, *range(4, TOKENIZER.vocab_size, 2))


def test_any_of_several_stop_tokens_ends_a_completion_and_is_no_part_of_its_text() -> None:
    stopping = ManyStops([" return", "    ", "def f"])
    ended = set()
    for group in roll(by=replace(roller(), tokenizer=stopping)):
        for tokens, length, completion in zip(
            group.tokens.tolist(), group.lengths, group.completions, strict=True
        ):
            *before, last = tokens[:length]
            assert not {*before} & {*stopping.stop_ids}
            assert completion.finished == (last in stopping.stop_ids)
            text = before if completion.finished else tokens[:length]
            assert completion.text == stopping.decode(text)
            ended |= {last} if completion.finished else set()
    assert len(ended) > 2


def test_prompts_may_be_messages_of_a_chat() -> None:
    chatting = tokenizer("qwen25").for_chat()
    spec = replace(SPEC, vocab=chatting.vocab_size)
    by = replace(roller(prompt_tokens=64), spec=spec, tokenizer=chatting)
    assert by.fits("hi")
    params = init_params(spec, jax.random.key(0))
    (group,) = by(params, ["hi"], GROUP, DECODING, jax.random.key(0))
    assert group.prompt.tolist() == chatting.encode_chat([{"role": "user", "content": "hi"}])


def test_no_prompts_give_no_groups() -> None:
    assert roll([]) == []


@pytest.mark.parametrize(("prompt", "tokens"), [("x" * 17, 17), ("", 0)])
def test_a_prompt_that_does_not_fit_is_one_line(prompt: str, tokens: int) -> None:
    assert roller().fits("x" * 16)
    assert roller().fits(prompt) == (tokens < 17)
    with pytest.raises(ValueError, match=rf"^prompt 1: expected 1 to 16 tokens, got {tokens}; "):
        roll(["fine", prompt])


def test_the_next_batch_is_begun_before_a_group_is_handed_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = []
    begin = Roller._sample
    monkeypatch.setattr(
        Roller, "_sample", lambda self, *rest: begun.append(1) or begin(self, *rest)
    )
    groups = roller()(players()["shared"].params, PROMPTS, GROUP, DECODING, jax.random.key(0))
    next(groups)
    assert len(begun) == 2
    assert len(list(groups)) == len(PROMPTS) - 1
    assert len(begun) == 2
