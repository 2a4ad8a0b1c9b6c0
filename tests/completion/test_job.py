"""Claims: a model from disk answers texts, chats, originals and pairs; files appear whole or not at
all; mistakes cost one line.
"""

import json
import re
from dataclasses import replace
from pathlib import Path

import jax
import pytest

from sandbox import Sandbox
from sinq_jax.completion.drawing import Answer, batches, prompt_ids, write
from sinq_jax.completion.job import sample
from sinq_jax.completion.questions import Question
from sinq_jax.config import Config, Model, Players, Sample, Tokenizer
from sinq_jax.errors import SinqError
from sinq_jax.rollout import Decoding
from sinq_jax.trained import Trained, open_beginning
from tests.run.checkpoints import write_checkpoint

P = "def f(x):\n    return x\n"
QUESTIONS = (
    {"text": "def f(x):"},
    {"messages": [{"role": "user", "content": "hello"}]},
    {"original": P, "entry_point": "f", "target": 3},
    {"original": P, "variant": P.replace("return x", "return -x"), "entry_point": "f"},
)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("checkpoints") / "qwen2", "qwen2")


def config_of(checkpoint: Path, players: Players, asked: Sample) -> Config:
    return replace(
        Config(),
        model=Model(path=str(checkpoint)),
        tokenizer=Tokenizer(kind="checkpoint"),
        players=players,
        sample=asked,
    )


@pytest.fixture(scope="module")
def trained(checkpoint: Path) -> Trained:
    players = Players(shared=False, adapter_rank=2)
    return open_beginning(config_of(checkpoint, players, Sample()))


def all_of(
    trained: Trained, questions: list[Question], samples: int = 1, stops: tuple[str, ...] = ()
) -> list[Answer]:
    """Answers to one batch of all questions."""
    [batch] = batches(trained, questions, 8)
    decoding, key = Decoding(1.0, 1.0, 0, 24), jax.random.key(0)
    found = {
        (a.question, a.sample): a for a, _ in write(trained, batch, samples, decoding, stops, key)
    }
    return [*found.values()]


def test_questions_of_every_kind_are_answered_and_judged(
    checkpoint: Path, tmp_path: Path, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, out = tmp_path / "questions.jsonl", tmp_path / "answers.jsonl"
    asked.write_text("".join(json.dumps(each) + "\n" for each in QUESTIONS), encoding="utf-8")
    wanted = Sample(file=str(asked), samples=2, new_tokens=12, out=str(out))
    config = config_of(checkpoint, Players(), wanted)
    sample(config, tmp_path / "no-run", sandbox)
    answers = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [(each["question"], each["sample"]) for each in answers] == [
        (question, sample) for question in range(4) for sample in range(2)
    ]
    assert [each["role"] for each in answers[::2]] == ["evaluator"] * 2 + ["generator", "evaluator"]
    assert all("verdict" in each for each in answers[4:])
    assert all(each["tokens"] == 12 or each["ended"] for each in answers)
    assert not [*tmp_path.glob("*.part")]
    assert "--- question 4, sample 2" in capsys.readouterr().out


def test_players_that_are_adapters_answer_in_one_batch_as_they_would_alone(
    trained: Trained,
) -> None:
    questions = [Question("generator", text="one"), Question("evaluator", text="another")]
    together = all_of(trained, questions, samples=2)
    for place, question in enumerate(questions):
        fillers = [Question(question.role, text="other")] * place
        alone = all_of(trained, [*fillers, question], samples=2)[-2:]
        assert [each.text for each in alone] == [
            each.text for each in together if each.question == place
        ]


def test_a_completion_ends_before_its_stop_string_and_says_which(trained: Trained) -> None:
    question = Question("evaluator", text="def f(x):")
    [whole] = all_of(trained, [question])
    stop = whole.text[len(whole.text) // 2]
    [cut] = all_of(trained, [question], stops=(stop,))
    assert cut.text == whole.text[: whole.text.index(stop)]
    assert (cut.stopped, cut.ended) == (stop, True)
    assert cut.tokens <= whole.tokens
    assert cut.logprob >= whole.logprob


def test_a_chat_is_read_through_the_template(trained: Trained) -> None:
    turns = ({"role": "user", "content": "hello"},)
    ids = prompt_ids(Question("evaluator", messages=turns), trained.tokenizer)
    assert ids == trained.tokenizer.encode_chat(turns)
    assert ids != prompt_ids(Question("evaluator", text="hello"), trained.tokenizer)


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        (
            Sample(),
            "--config.sample.prompt: expected either a prompt or --config.sample.file, got n",
        ),
        (Sample(prompt="a", file="b"), "--config.sample.prompt: expected either a prompt or"),
        (
            Sample(file="none.jsonl"),
            "--config.sample.file: expected a JSONL file, got 'none.jsonl'",
        ),
        (Sample(prompt="a", out="no/where"), "--config.sample.out: expected a file to write, got"),
    ],
)
def test_a_mistake_costs_one_line(
    checkpoint: Path,
    tmp_path: Path,
    sandbox: Sandbox,
    asked: Sample,
    line: str,
) -> None:
    with pytest.raises(SinqError, match=f"^{re.escape(line)}") as told:
        sample(config_of(checkpoint, Players(), asked), tmp_path / "no-run", sandbox)
    assert "\n" not in str(told.value)
