"""The job ``sample``: opens a model, asks it, and shows what it says as it says it."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from sandbox import Sandbox
from sinq_jax.completion.drawing import Answer, batches, write
from sinq_jax.completion.questions import Question, QuestionError, read_questions
from sinq_jax.completion.verdicts import judged
from sinq_jax.config import Config, ConfigError
from sinq_jax.game.prompts import make_format
from sinq_jax.progress import loading_line
from sinq_jax.randomness import device_key
from sinq_jax.rollout import Decoding
from sinq_jax.trained import Trained, open_to_ask


def sample(config: Config, workdir: Path, sandbox: Sandbox) -> None:
    """Answers what the config asks, with the players of the run in ``workdir`` where there is one,
    else with the checkpoint that the config names.

    Completions go to standard output, everything else to standard error.
    """
    trained, where = open_to_ask(config, workdir, loading_line())
    print(f"model: {where}", file=sys.stderr)
    questions = _questions(trained.config)
    with _results(config.sample.out) as out:
        _answer(trained, questions, sandbox, out)


def _questions(config: Config) -> list[Question]:
    asked = config.sample
    if bool(asked.prompt) == bool(asked.file):
        raise QuestionError(
            f"--config.sample.prompt: expected either a prompt or --config.sample.file, got "
            f"{'both' if asked.file else 'neither'}; give one of them"
        )
    if asked.prompt:
        return [Question(asked.role, text=asked.prompt)]
    return read_questions(asked.file, make_format(config.prompts.style), asked.role)


def _answer(
    trained: Trained, questions: Sequence[Question], sandbox: Sandbox, out: TextIO | None
) -> None:
    """Shows every answer; writes it to ``out`` as a line of JSON as well."""
    config = trained.config
    asked, rollout = config.sample, config.rollout
    decoding = Decoding(rollout.temperature, rollout.top_p, rollout.top_k, asked.new_tokens)
    key = device_key(config.seed, "sample")
    form = make_format(config.prompts.style)
    alone = len(questions) * asked.samples == 1
    if any(question.messages for question in questions) and not trained.tokenizer.has_chat_template:
        print("no chat template: chats are written plainly", file=sys.stderr)
    began, tokens, first = time.monotonic(), 0, 0.0
    for batch in batches(trained, questions, rollout.prompts_per_batch):
        answers: dict[tuple[int, int], Answer] = {}
        for answer, text in write(trained, batch, asked.samples, decoding, asked.stop, key):
            first = first or time.monotonic() - began
            answers[answer.question, answer.sample] = answer
            if alone:
                print(text, end="", flush=True)
        for answer in answers.values():
            question = questions[answer.question]
            verdict = judged(question, answer.text, form, sandbox)
            _show(answer, verdict, alone)
            if out is not None:
                out.write(json.dumps(_record(question, answer, verdict)) + "\n")
            tokens += answer.tokens
    spent = time.monotonic() - began
    print(
        f"{tokens} tokens in {spent:.1f} s, {first:.1f} s to the first with compilation",
        file=sys.stderr,
    )


def _show(answer: Answer, verdict: dict[str, Any], alone: bool) -> None:
    if alone:
        print()
    else:
        print(f"--- question {answer.question + 1}, sample {answer.sample + 1}\n{answer.text}")
    if not answer.ended:
        print(f"--- not finished after {answer.tokens} tokens")
    if verdict:
        print(f"--- {verdict['verdict']}: {verdict['reason']}", flush=True)


def _record(question: Question, answer: Answer, verdict: dict[str, Any]) -> dict[str, Any]:
    asked = {"messages": [*question.messages]} if question.messages else {"prompt": question.text}
    return {**asked, "role": question.role, **asdict(answer), **verdict}


@contextmanager
def _results(path: str) -> Iterator[TextIO | None]:
    """A draft that becomes the file ``path`` when everything is answered; None without a path."""
    if not path:
        yield None
        return
    draft = Path(path + ".part")
    try:
        with draft.open("w", encoding="utf-8") as out:
            yield out
        draft.replace(path)
    except OSError as error:
        raise ConfigError(
            f"--config.sample.out: expected a file to write, got {path!r} ({error.strerror}); "
            "choose another one"
        ) from None
    finally:
        draft.unlink(missing_ok=True)
