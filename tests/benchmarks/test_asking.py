"""Claims: log-probabilities of continuations are those of the plain model, whatever tokens reach
across the seam; a completion does not depend on what else is asked; texts that are too long lose
their beginning, and it is counted.
"""

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sinq_jax.benchmarks.asking import Respondent, completions, respondent
from sinq_jax.benchmarks.likelihood import likelihoods
from sinq_jax.benchmarks.suites.face import Comparison, Prompt, Sampling
from sinq_jax.benchmarks.window import cut_to_fit
from sinq_jax.config import Config, Model, Rollout, Suites, Tokenizer
from sinq_jax.models.attention import tree_mask
from sinq_jax.models.spec import ModelSpec
from sinq_jax.models.transformer import Params, forward, unembed
from sinq_jax.trained import open_beginning
from tests.run.checkpoints import write_checkpoint

CLOSE = 1e-4
"""Sums of some ten log-probabilities in float32: what is seen is some 1e-6."""

LONGEST = 32

COMPARISONS = [
    Comparison("def f(x):\n    return", (" x + 1", " x - 1\n"), 0),
    Comparison("for i in range(1", ("0):\n", "00"), 1),  # digits that one token may hold
    Comparison("Answer:", (" no", " yes"), 0),
    Comparison("a", ("",), 0),
    Comparison("", ("def", "return"), 0),
]


@pytest.fixture(scope="module")
def who(tmp_path_factory: pytest.TempPathFactory) -> Respondent:
    path = write_checkpoint(tmp_path_factory.mktemp("checkpoint") / "qwen2", "qwen2")
    config = replace(
        Config(),
        model=Model(path=str(path)),
        tokenizer=Tokenizer(kind="checkpoint"),
        rollout=Rollout(prompts_per_batch=2),
        suites=Suites(prompt_tokens=64),
    )
    return respondent(open_beginning(config), "evaluator")


def plain_sum(who: Respondent, context: list[int], continuation: list[int]) -> float:
    """One text alone, as one sequence; behind it stands padding that it does not see."""
    ids = context + continuation
    tokens = jnp.array([ids + [0] * (LONGEST - len(ids))])
    logs = np.asarray(plain_logs(who.trained.learner.spec, who.params, tokens), np.float64)
    return float(sum(logs[at, ids[at + 1]] for at in range(len(context) - 1, len(ids) - 1)))


@partial(jax.jit, static_argnums=0)
def plain_logs(spec: ModelSpec, params: Params, tokens: jax.Array) -> jax.Array:
    positions = jnp.arange(LONGEST)[None]
    mask = tree_mask(jnp.zeros(tokens.shape, jnp.int32))
    hidden, _ = forward(spec, params, tokens, positions, mask)
    return jax.nn.log_softmax(unembed(spec, params, hidden)[0], axis=-1)


def test_a_likelihood_is_that_of_the_plain_model(who: Respondent) -> None:
    found = {each.place: each for batch in likelihoods(who, COMPARISONS) for each in batch}
    assert [*sorted(found)] == [*range(len(COMPARISONS))]
    encode = who.tokenizer.encode_beginning
    for place, comparison in enumerate(COMPARISONS):
        whole = [encode(comparison.context + text) for text in comparison.continuations]
        scores = found[place].found
        for ids, (logprob, tokens) in zip(whole, scores, strict=True):
            context = ids[: len(ids) - tokens] or [who.tokenizer.stop_ids[0]]
            assert logprob == pytest.approx(
                plain_sum(who, context, ids[len(ids) - tokens :]), abs=CLOSE
            )


def test_a_token_across_the_seam_is_scored_in_all_continuations(who: Respondent) -> None:
    [[asked]] = likelihoods(who, [Comparison("x = retu", ("rn", "ral"), 0)])
    encode = who.tokenizer.encode_beginning
    whole, alone = encode("x = return"), encode("x = retu")
    shared = next(i for i, ids in enumerate(zip(whole, alone, strict=False)) if len(set(ids)) > 1)
    assert shared < len(alone)  # else this text says nothing about seams
    lengths = [len(encode("x = retu" + text)) for text in ("rn", "ral")]
    assert [tokens for _, tokens in asked.found] == [length - shared for length in lengths]


def test_what_was_measured_is_not_asked_again(who: Respondent) -> None:
    batches = [*likelihoods(who, COMPARISONS)]
    first = frozenset(each.place for each in batches[0])
    assert [*likelihoods(who, COMPARISONS, first)] == batches[1:]


def test_a_completion_does_not_depend_on_what_else_is_asked(who: Respondent) -> None:
    prompts = [Prompt(text) for text in ("def f(x):", "a", "for i in range(10):\n    print(i)")]
    sampling, key = Sampling(2, 1.0, 1.0, 12), jax.random.key(0)
    together = {
        each.place: each for batch in completions(who, prompts, sampling, key) for each in batch
    }
    assert {len(each.found) for each in together.values()} == {2}
    alone = replace(who, prompts_per_batch=1)
    apart = {
        each.place: each for batch in completions(alone, prompts, sampling, key) for each in batch
    }
    assert apart == together
    done = frozenset({0, 1, 2} - {max(together)})
    later = [each for batch in completions(alone, prompts, sampling, key, done) for each in batch]
    assert later == [together[max(together)]]


def test_a_completion_ends_before_a_stop(who: Respondent) -> None:
    sampling, key = Sampling(1, 1.0, 1.0, 24), jax.random.key(0)
    [[free]] = completions(who, [Prompt("def f(x):")], sampling, key)
    [whole] = free.found
    stop = whole.text[4]
    [[cut]] = completions(who, [Prompt("def f(x):", (stop,))], sampling, key)
    [ended] = cut.found
    assert ended.text == whole.text[: whole.text.index(stop)]
    assert ended.finished
    assert ended.tokens <= whole.tokens


def test_a_long_prompt_loses_its_beginning_and_it_is_counted(who: Respondent) -> None:
    encode = who.tokenizer.encode_prompt
    long = "".join(f"line {number}\n" for number in range(60)) + "Answer:"
    kept, cut = cut_to_fit(encode, long, who.prompt_tokens)
    assert long.endswith(kept)
    assert kept.endswith("Answer:")
    assert len(encode(kept)) <= who.prompt_tokens < len(encode(long))
    assert cut == len(encode(long)) - len(encode(kept))
    [[asked]] = completions(who, [Prompt(long)], Sampling(1, 0.0, 1.0, 4), jax.random.key(0))
    [[same]] = completions(who, [Prompt(kept)], Sampling(1, 0.0, 1.0, 4), jax.random.key(0))
    assert (asked.cut, same.cut) == (cut, 0)
    assert asked.found == same.found
    [[scored]] = likelihoods(who, [Comparison(long, (" no", " yes"), 0)])
    assert scored.cut > 0


def test_a_short_prompt_stays_whole(who: Respondent) -> None:
    assert cut_to_fit(who.tokenizer.encode_prompt, "Answer:", who.prompt_tokens) == ("Answer:", 0)
