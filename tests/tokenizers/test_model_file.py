"""Claims about SentencePiece models: the config beside one may rename, add and declare."""

from pathlib import Path

import pytest
import sentencepiece

from sinq_jax.tokenizers import load_tokenizer, proto
from tests.tokenizers.cases import CODE, TEXTS, said
from tests.tokenizers.families import GOLDENS, copied, tokenizer

MODEL = (GOLDENS / "llama2" / "tokenizer.model").read_bytes()


def loaded(model: bytes) -> sentencepiece.SentencePieceProcessor:
    processor = sentencepiece.SentencePieceProcessor()
    processor.LoadFromSerializedProto(model)
    return processor


def test_changes_of_nothing_leave_a_model_as_it_is() -> None:
    assert proto.with_fields(MODEL, {}) == MODEL


def test_a_field_changes_its_piece_and_no_other() -> None:
    name = "x" * 300
    before = loaded(MODEL)
    after = loaded(proto.with_fields(MODEL, {300: proto.named(name), 301: proto.CONTROL}))
    assert after.IdToPiece(300) == name
    assert after.IsControl(301)
    for token in {*range(before.GetPieceSize())} - {300, 301}:
        assert after.IdToPiece(token) == before.IdToPiece(token)
        assert after.IsControl(token) == before.IsControl(token)


@pytest.mark.parametrize("prefix", [True, False])
def test_a_model_puts_a_space_before_a_text_or_does_not(prefix: bool) -> None:
    pieces = loaded(proto.with_prefix(MODEL, prefix)).EncodeAsPieces("def")
    assert pieces[0].startswith("\u2581") == prefix


@pytest.mark.parametrize("data", [b"\x0a\x05ab", b"\x08\x01"])
def test_bytes_that_are_no_model_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"bytes of tag"):
        proto.with_fields(data, {})


def test_a_piece_gets_the_name_that_the_config_has_for_its_id(tmp_path: Path) -> None:
    entry = {"content": "<tool>", "special": True}
    folder = copied(tmp_path, "gemma", added_tokens_decoder={"300": entry}, chat_template="x<tool>")
    chosen = load_tokenizer(folder)
    assert chosen.encode_chat(said("hi"))[-1] == 300
    assert 300 not in chosen.encode("<tool>")
    assert chosen.decode([300]) == ""


def test_tokens_that_are_added_to_a_model_are_control_tokens(tmp_path: Path) -> None:
    size = tokenizer("llama2").vocab_size
    entry = {"content": "[PAD]", "special": True}
    folder = copied(tmp_path, "llama2", added_tokens_decoder={size: entry}, pad_token="[PAD]")
    chosen = load_tokenizer(folder)
    assert (chosen.pad_id, chosen.vocab_size) == (size, size + 1)
    assert chosen.encode("[PAD]") == tokenizer("llama2").encode("[PAD]")
    assert chosen.decode([size]) == ""


def test_a_config_may_take_back_the_space_before_a_text(tmp_path: Path) -> None:
    bare = load_tokenizer(copied(tmp_path, "llama2", add_prefix_space=False))
    assert bare.encode("def") != tokenizer("llama2").encode("def")
    assert bare.decode(bare.encode(" def")) == " def"


@pytest.mark.parametrize("family", ["llama2", "llama2_json", "gemma", "gemma_json"])
def test_white_space_comes_back_from_a_model(family: str) -> None:
    """At the beginning, too, where the reference loses a space of Llama 2."""
    for text in (CODE, *TEXTS):
        if "\u2581" not in text:  # reads as a space
            assert tokenizer(family).decode(tokenizer(family).encode(text)) == text


def test_both_files_of_one_model_give_the_same_ids() -> None:
    for pair in (("llama2", "llama2_json"), ("gemma", "gemma_json")):
        of_model, of_json = map(tokenizer, pair)
        for text in (CODE, *TEXTS):
            assert of_model.encode(text) == of_json.encode(text)
