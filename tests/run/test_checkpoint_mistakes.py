"""What is wrong with a checkpoint costs one line and status 2, before anything is prepared."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.run.checkpoints import write_checkpoint, write_tokenizer
from tests.run.command import Command
from tests.run.test_mistakes import mistake


def nothing(path: Path) -> None:
    pass


def cut_short(path: Path) -> None:
    file = path / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1000])


def change(path: Path, **fields: object) -> None:
    file = path / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | fields))


def other_architecture(path: Path) -> None:
    change(path, model_type="mixtral")


def mixture_of_shapes(path: Path) -> None:
    change(path, intermediate_size=64)


def no_json(path: Path) -> None:
    (path / "config.json").write_text("{")


def large_tokenizer(path: Path) -> None:
    write_tokenizer(path, vocab_size=600)


def no_tokenizer(path: Path) -> None:
    (path / "tokenizer.json").unlink()


def no_template(path: Path) -> None:
    (path / "tokenizer_config.json").write_text('{"eos_token": "<|endoftext|>"}')


CHAT = "--config.prompts.chat=True"
MISTAKES: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "no such directory": (
        nothing,
        "--config.model.path=PATH/nowhere",
        "PATH/nowhere: expected a Hugging Face directory with config.json, got No such file",
    ),
    "config that is no JSON": (no_json, "", "PATH/config.json: expected JSON, got "),
    "another architecture": (
        other_architecture,
        "",
        "PATH/config.json: expected a model_type of llama, qwen2, ",
    ),
    "truncated weights": (cut_short, "", "PATH/model.safetensors"),
    "weights of another shape": (
        mixture_of_shapes,
        "",
        "gate_proj.weight in PATH/model.safetensors: expected shape [64, 32] by config.json",
    ),
    "a tokenizer larger than the embedding": (
        large_tokenizer,
        "",
        "expected ids below 512, the rows of the embedding, got ids up to 599",
    ),
    "no tokenizer": (no_tokenizer, "", "PATH: expected tokenizer.json or tokenizer.model"),
    "no chat template": (no_template, CHAT, "PATH: expected a chat template"),
    "a shape beside the checkpoint's": (
        nothing,
        "--config.model.width=64",
        "model.width: expected",
    ),
    "an adapter that is none": (
        nothing,
        "--config.players.generator_adapter=PATH",
        "PATH/adapter_config.json: expected the config of a LoRA adapter",
    ),
}


@pytest.mark.parametrize(("damage", "flag", "said"), MISTAKES.values(), ids=MISTAKES)
def test_what_is_wrong_with_a_checkpoint_is_one_line(
    command: Command, tmp_path: Path, damage: Callable[[Path], None], flag: str, said: str
) -> None:
    path = write_checkpoint(tmp_path / "model", "qwen2")
    damage(path)
    flags = [f"--config.model.path={path}", *([flag.replace("PATH", str(path))] if flag else [])]
    done = command(tmp_path / "run", *flags, config="tests/run/adapters.py")
    assert said.replace("PATH", str(path)) in mistake(done)
    assert not list(tmp_path.glob("run/data/*")) or "adapter" in flag
