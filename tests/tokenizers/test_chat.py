"""Claims about chats: templates are found, understood and kept to; without one it is said."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sinq_jax.tokenizers import TokenizerError, load_tokenizer
from tests.tokenizers.cases import VARIABLES, said
from tests.tokenizers.families import copied, each_family, tokenizer

ENDS = {
    "gemma": "<end_of_turn>",
    "gemma_json": "<end_of_turn>",
    "llama2": "</s>",
    "llama2_json": "</s>",
    "llama2_legacy": "</s>",
    "llama3": "<|eot_id|>",
    "qwen25": "<|im_end|>",
    "qwen3": "<|im_end|>",
}


@each_family
def test_a_prompt_for_chat_is_a_message_of_the_user(family: str) -> None:
    plain = tokenizer(family)
    chosen = plain.for_chat(**VARIABLES)
    assert chosen.encode_prompt("hi") == plain.encode_chat(said("hi"), **VARIABLES)
    assert chosen.encode("hi") == plain.encode("hi")
    assert plain.encode_prompt("hi") != chosen.encode_prompt("hi")


@each_family
def test_an_answer_ends_as_the_template_ends_the_assistants(family: str) -> None:
    chosen = tokenizer(family).for_chat()
    assert chosen.stop_ids[0] == chosen._pieces.controls[ENDS[family]]
    assert {*chosen.stop_ids} == {*tokenizer(family).stop_ids}


@each_family
def test_a_text_begins_once(family: str) -> None:
    """The template writes the token that begins a text, and it is not put before it again."""
    lead = tokenizer(family).encode_prompt("")
    ids = tokenizer(family).encode_chat(said("hi"))
    assert len(lead) == (0 if family.startswith("qwen") else 1)
    assert ids[: len(lead)] == lead
    assert ids[len(lead)] not in lead


def test_every_end_of_a_text_stops() -> None:
    """Of the tokenizer's config, then of the generation config, then ends of turns."""
    controls = tokenizer("qwen25")._pieces.controls
    ends = tuple(controls[name] for name in ("<|im_end|>", "<|endoftext|>"))
    assert tokenizer("qwen25").stop_ids == ends
    assert tokenizer("qwen25").pad_id == controls["<|endoftext|>"]
    assert tokenizer("gemma").stop_ids == (1, 6)  # nothing but its name says that 6 ends a turn
    assert (tokenizer("llama2").stop_ids, tokenizer("llama2").pad_id) == ((2,), 2)


def test_variables_reach_the_template() -> None:
    chat = said("hi")
    assert tokenizer("qwen3").render(chat).endswith("assistant\n")
    quick = tokenizer("qwen3").render(chat, enable_thinking=False)
    assert quick.endswith("assistant\n<think>\n\n</think>\n\n")
    prompt = tokenizer("qwen3").for_chat(enable_thinking=False).encode_prompt("hi")
    assert prompt == tokenizer("qwen3").encode_chat(chat, enable_thinking=False)
    tools = [{"name": "run", "said": "<b> & 'caf\u00e9'"}]
    assert json.dumps(tools[0], ensure_ascii=False) in tokenizer("qwen25").render(chat, tools=tools)


def test_a_field_without_a_value_is_left_out() -> None:
    chat = [{"role": "user", "content": "hi", "tool_calls": None}]
    assert tokenizer("qwen3").encode_chat(chat) == tokenizer("qwen3").encode_chat(said("hi"))


def test_a_template_knows_the_day_but_prompts_of_a_game_are_the_same_every_day() -> None:
    assert datetime.now().strftime("%d %b %Y") in tokenizer("llama3").render(said("hi"))
    assert "26 Jul 2024" in tokenizer("llama3").for_chat().render(said("hi"))


def test_without_a_template_a_chat_is_plain_and_a_caller_can_insist(tmp_path: Path) -> None:
    folder = copied(tmp_path, "llama2")
    (folder / "chat_template.jinja").unlink()
    plain = load_tokenizer(folder)
    assert not plain.has_chat_template
    assert tokenizer("llama2").has_chat_template
    assert plain.render(said("hi")) == "User: hi\n\nAssistant:"
    assert plain.encode_chat(said("hi")) == plain.encode_prompt("User: hi\n\nAssistant:")
    with pytest.raises(
        TokenizerError, match=rf"^{folder}: expected a chat template .*, got none; "
    ) as caught:
        plain.for_chat()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("template", "got"),
    [
        ("{% if %}", "TemplateSyntaxError: "),
        ("{{ raise_exception('no\nway') }}", "TemplateError: no way"),
        ("{{ 1 + messages }}", "TypeError: "),
        ("{{ messages[0].nothing.more }}", "UndefinedError: "),
        ("{{ ''.__class__.__mro__ }}", "SecurityError: "),
        ("{{ messages.append(1) }}", "SecurityError: "),
        ("{% for i in range(10**9) %}{% endfor %}", "OverflowError: "),
    ],
)
def test_a_template_that_fails_is_one_line(template: str, got: str, tmp_path: Path) -> None:
    folder = copied(tmp_path, "qwen25", chat_template=template)
    with pytest.raises(TokenizerError, match=f"^{folder}: expected .*, got {got}") as caught:
        load_tokenizer(folder).encode_chat(said("hi"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("named", "works"),
    [(["default", "rag"], True), (["tool_use"], False), ([], False)],
)
def test_of_several_templates_the_default_one_is_taken(
    named: list[str], works: bool, tmp_path: Path
) -> None:
    templates = [{"name": name, "template": f"{name}!"} for name in named]
    folder = copied(tmp_path, "qwen25", chat_template=templates)
    if works:
        assert load_tokenizer(folder).render(said("hi")) == "default!"
        return
    with pytest.raises(TokenizerError, match=r"expected a chat template named default, got "):
        load_tokenizer(folder)


def test_a_template_in_its_own_file_comes_before_one_in_the_config(tmp_path: Path) -> None:
    folder = copied(tmp_path, "qwen25")
    (folder / "chat_template.jinja").write_text("of the file")
    assert load_tokenizer(folder).render(said("hi")) == "of the file"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{% for i in [1, 2, 3] %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}", "1"),
        ("  {% if true %}\n  yes\n  {% endif %}\nend\n", "  yes\nend"),
        ("{% generation %}{% set x = 1 %}a{% endgeneration %}{{ x is defined }}", "aFalse"),
        (
            "{{ {'b': '<', 'a': 'é'} | tojson(indent=1, sort_keys=True) }}",
            '{\n "a": "é",\n "b": "<"\n}',
        ),
        ("{{ tools is none }} {{ documents is none }} {{ eos_token }} {{ none_such }}", None),
    ],
)
def test_a_template_finds_what_its_author_expects(template: str, text: Any, tmp_path: Path) -> None:
    folder = copied(tmp_path, "qwen25", chat_template=template)
    assert load_tokenizer(folder).render(said("hi")) == (text or "True True <|im_end|> ")
