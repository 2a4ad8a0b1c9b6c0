"""Claims about control tokens: only a template writes them, whatever texts and messages say."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer as Backend

from sinq_jax.tokenizers import load_tokenizer
from tests.tokenizers.cases import CODE, HOSTILE, VARIABLES, said
from tests.tokenizers.families import (
    FAMILIES,
    GOLDENS,
    control_ids,
    copied,
    each_family,
    has_json,
    tokenizer,
)

NAMES = ["<|im_end|>", "<|im_start|>", "<|eot_id|>", "<s>", "</s>", "<bos>", "<eos>", "<pad>"]
NAMES += ["<end_of_turn>", "<start_of_turn>", "<|fim_middle|>", "<|begin_of_text|>", "<|end"]
PARTS = [*NAMES, *"<|>s/", "im_end|>", "_of_turn>", " ", "\n", "x", "\U000f0000", "\U00100000"]
hostile = st.lists(st.sampled_from(PARTS), max_size=8).map("".join)


def controls_in(family: str, ids: list[int]) -> list[int]:
    return [token for token in ids if token in control_ids(family)]


@each_family
@settings(max_examples=50)
@given(text=hostile)
def test_no_text_becomes_a_control_token(family: str, text: str) -> None:
    ids = tokenizer(family).encode(text)
    assert not controls_in(family, ids)
    assert tokenizer(family).decode(ids) == text


@each_family
@settings(max_examples=50)
@given(contents=st.lists(hostile, min_size=1, max_size=4))
def test_a_chat_has_the_control_tokens_of_its_template_and_no_other(
    family: str, contents: list[str]
) -> None:
    """Neither whole ones nor halves that meet where one message ends and another begins."""
    ids = tokenizer(family).encode_chat(said(*contents), **VARIABLES)
    harmless = tokenizer(family).encode_chat(said(*("x" for _ in contents)), **VARIABLES)
    assert controls_in(family, ids) == controls_in(family, harmless)


@each_family
@pytest.mark.parametrize("text", HOSTILE)
def test_a_message_arrives_word_for_word(family: str, text: str) -> None:
    """Also when it has the characters that stand in for others on the way."""
    text += "\U000f0000\U00100000"
    ids = tokenizer(family).encode_chat(said(f"({text})", "yes", f"[{text}]"), **VARIABLES)
    read = tokenizer(family).decode(ids)
    assert f"({text})" in read
    assert f"[{text}]" in read


@pytest.mark.parametrize("family", ["qwen25", "qwen3"])
def test_a_token_that_looks_like_a_control_token_is_one(family: str) -> None:
    """Qwen does not declare these special. What a model writes of them is still read."""
    added = json.loads((GOLDENS / family / "tokenizer.json").read_text())["added_tokens"]
    known = {token["content"]: token["id"] for token in added}
    assert known["<|fim_middle|>"] not in tokenizer(family).encode("<|fim_middle|>")
    assert tokenizer(family).decode([known["<|fim_middle|>"]]) == "<|fim_middle|>"
    assert tokenizer(family).encode("<tool_call>") == [known["<tool_call>"]]


def test_a_token_that_the_config_gives_a_name_is_one(tmp_path: Path) -> None:
    """As CodeLlama's config does for those that fill in the middle of code."""
    assert len(tokenizer("gemma").encode("<table>")) == 1
    chosen = load_tokenizer(copied(tmp_path, "gemma", prefix_token="<table>"))
    assert len(chosen.encode("<table>")) > 1
    assert chosen.decode(chosen.encode("<table>")) == "<table>"


@pytest.mark.parametrize(
    "template",
    [
        "{% for message in messages %}{{ message.content | trim }}{% endfor %}",
        "{{ '<|im_' + messages[1].content }}",
        "{{ messages[0].content + 'end|>' }}",
    ],
)
def test_no_control_token_is_put_together_from_halves(template: str, tmp_path: Path) -> None:
    """Of two messages, or of one and of what the template puts beside it."""
    chosen = load_tokenizer(copied(tmp_path, "qwen25", chat_template=template))
    ids = chosen.encode_chat(said("a<|im_", "end|>b"))
    assert not controls_in("qwen25", ids)
    assert "<|im_end|>" in chosen.decode(ids)


@pytest.mark.parametrize("family", ["llama2", "llama2_json"])
def test_a_variable_of_a_template_writes_no_control_token(family: str, tmp_path: Path) -> None:
    template = "{{ bos_token }}{{ note }}{{ messages[0].content }}"
    chosen = load_tokenizer(copied(tmp_path, family, chat_template=template))
    ids = chosen.encode_chat(said("x</s>"), note="</s>y<s>")
    assert controls_in(family, ids) == chosen.encode_prompt("")
    assert chosen.decode(ids).strip() == "</s>y<s>x</s>"


def test_a_vocabulary_that_could_spell_a_control_token_does_not(tmp_path: Path) -> None:
    """Merges of plain characters that end in a control token are as good as its name."""
    folder = copied(tmp_path, "qwen25")
    written = json.loads((folder / "tokenizer.json").read_text())
    vocabulary, merges = written["model"]["vocab"], written["model"]["merges"]
    for token, (left, right) in enumerate([("<||", ">"), ("<|", "|"), ("<", "|")], start=1000):
        vocabulary.setdefault(left + right, token)
        merges.insert(0, [left, right])
    stop = {"id": vocabulary["<||>"], "content": "<||>", "special": True, "normalized": False}
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip"), False)
    written["added_tokens"].append({**stop, **flags})
    (folder / "tokenizer.json").write_text(json.dumps(written))
    chosen = load_tokenizer(folder)
    for text in ("<||>", "a <||><||> b", "<||>\n"):
        assert vocabulary["<||>"] not in chosen.encode(text)
        assert chosen.decode(chosen.encode(text)) == text
    chat = chosen.encode_chat(said("<||>"))
    assert controls_in("qwen25", chat) == controls_in("qwen25", chosen.encode_chat(said("x")))
    assert vocabulary["<||>"] not in chat


@pytest.mark.parametrize("strips", [{"lstrip": True}, {"rstrip": True}], ids=str)
@pytest.mark.parametrize("family", [name for name in FAMILIES if has_json(name)])
def test_white_space_beside_control_tokens_is_kept_or_dropped_as_they_say(
    family: str, strips: dict[str, bool], tmp_path: Path
) -> None:
    """Some publishers declare that a token takes the space beside it along."""
    folder = copied(tmp_path, family)
    written = json.loads((folder / "tokenizer.json").read_text())
    written["added_tokens"] = [{**token, **strips} for token in written["added_tokens"]]
    (folder / "tokenizer.json").write_text(json.dumps(written))
    chosen, library = load_tokenizer(folder), Backend.from_str(json.dumps(written))
    for chat in (said("  spaces  ", " b ", "<"), said("\n", CODE)):
        text = chosen.render(chat, **VARIABLES)
        ids = library.encode(text, add_special_tokens=False).ids
        assert chosen.encode_chat(chat, **VARIABLES) == ids


def test_code_is_no_attack() -> None:
    """Hiding and revealing changes nothing where there is nothing to hide."""
    chat = said(CODE, CODE)
    assert CODE in tokenizer("qwen25").render(chat)
