"""Claims about folders that are not what they should be: each mistake is one line that names it."""

import json
from pathlib import Path
from typing import Any

import pytest

from sinq_jax.tokenizers import TokenizerError, check_fits, load_tokenizer
from tests.tokenizers.families import copied, each_family, tokenizer


def line(folder: Path) -> str:
    with pytest.raises(TokenizerError) as caught:
        load_tokenizer(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_without_a_tokenizer_is_named(tmp_path: Path) -> None:
    told = f"{tmp_path}: expected tokenizer.json or tokenizer.model, got neither; "
    assert line(tmp_path).startswith(told)
    assert "got neither" in line(tmp_path / "missing")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version": "1.0"}', b"\xff\xfe", None])
@pytest.mark.parametrize("name", ["tokenizer.json", "tokenizer.model"])
def test_a_corrupt_vocabulary_is_named(name: str, content: bytes | None, tmp_path: Path) -> None:
    folder = copied(tmp_path, "qwen25" if name == "tokenizer.json" else "gemma")
    path = folder / name
    if content is None:
        path.write_bytes(path.read_bytes()[:-100])
    else:
        path.write_bytes(content)
    assert line(folder).startswith(f"{path}: expected a ")
    assert line(folder).endswith("; copy the file again")


@pytest.mark.parametrize("content", ["{", "[]", "3"])
@pytest.mark.parametrize("name", ["tokenizer_config.json", "generation_config.json"])
def test_a_corrupt_config_is_named(name: str, content: str, tmp_path: Path) -> None:
    folder = copied(tmp_path, "qwen25")
    (folder / name).write_text(content)
    assert line(folder).startswith(f"{folder / name}: expected a JSON object, got ")


@pytest.mark.parametrize(
    "change",
    [{"chat_template": 3}, {"eos_token": {"text": "</s>"}}, {"added_tokens_decoder": {"5": "<s>"}}],
    ids=str,
)
def test_a_config_of_another_shape_is_named(change: dict[str, Any], tmp_path: Path) -> None:
    folder = copied(tmp_path, "qwen25", **change)
    assert line(folder).startswith(f"{folder / 'tokenizer_config.json'}: expected a config as ")


@pytest.mark.parametrize("value", ["</s>", [1, "</s>"], 1.5])
def test_ends_that_are_no_ids_are_named(value: Any, tmp_path: Path) -> None:
    folder = copied(tmp_path, "qwen25")
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": value}))
    assert "generation_config.json: expected eos_token_id to be an id or a list" in line(folder)


def test_a_tokenizer_that_no_token_ends_is_named(tmp_path: Path) -> None:
    folder = copied(tmp_path, "llama2_json", eos_token=None)
    assert line(folder).startswith(f"{folder}: expected a token that ends a text, got none; ")


def test_files_of_two_models_are_told_apart(tmp_path: Path) -> None:
    """The config lists tokens with their ids; those that the vocabulary lacks go on after it."""
    size = tokenizer("qwen25").vocab_size
    entry = {"content": "<|extra|>", "special": True}
    folder = copied(tmp_path, "qwen25", added_tokens_decoder={size: entry})
    assert load_tokenizer(folder)._pieces.controls["<|extra|>"] == size
    folder = copied(tmp_path, "qwen25", added_tokens_decoder={size + 7: entry})
    assert f"expected '<|extra|>' as token {size + 7}, " in line(folder)


@each_family
def test_a_tokenizer_larger_than_the_embedding_is_one_line(family: str) -> None:
    size = tokenizer(family).vocab_size
    check_fits(tokenizer(family), size)
    check_fits(tokenizer(family), size + 100)
    message = rf"^tokenizer: expected ids below {size - 1}, .* got ids up to {size - 1}; "
    with pytest.raises(TokenizerError, match=message):
        check_fits(tokenizer(family), size - 1)


def test_a_control_token_that_nothing_writes_needs_no_row(tmp_path: Path) -> None:
    """Gemma 3's tokenizer has one for images, beyond the embedding of its models for text."""
    size = tokenizer("gemma_json").vocab_size
    entry = {"content": "<image>", "special": True}
    folder = copied(tmp_path, "gemma_json", added_tokens_decoder={size: entry})
    check_fits(load_tokenizer(folder), size)
    (folder / "chat_template.jinja").write_text("{{ '<image>' }}")
    with pytest.raises(TokenizerError, match=rf"got ids up to {size}; "):
        check_fits(load_tokenizer(folder), size)


@each_family
def test_a_saved_tokenizer_is_the_same(family: str, tmp_path: Path) -> None:
    tokenizer(family).save(tmp_path / "deep" / "folder")
    again = load_tokenizer(tmp_path / "deep" / "folder")
    chat = [{"role": "user", "content": "x <s>"}]
    assert again.encode_chat(chat) == tokenizer(family).encode_chat(chat)
    assert again.stop_ids == tokenizer(family).stop_ids


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TokenizerError, match=r"expected to copy the tokenizer's files there, got "):
        tokenizer("llama2").save(tmp_path / "file")
