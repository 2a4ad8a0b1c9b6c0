"""Claims about tokenizers: texts come back exactly, and no text can write a control token."""

import json
from pathlib import Path

import pytest
import sentencepiece
from hypothesis import example, given
from hypothesis import strategies as st

from sinq_jax.programs.builtin import handwritten
from sinq_jax.programs.mutation import mutants
from sinq_jax.tokenizers import (
    LexicalTokenizer,
    SentencePieceTokenizer,
    Tokenizer,
    TokenizerError,
)
from tests.tokenizers.own import LEXICAL, SENTENCEPIECE, SOURCES

each_tokenizer = pytest.mark.parametrize(
    "tokenizer", [LEXICAL, SENTENCEPIECE], ids=lambda tokenizer: type(tokenizer).__name__
)

SPECIAL = ["<s>", "</s>", "<unk>", "<pad>", "<0x41>", "\u2581", "\0", "\r\n", "\t", "  ", "\ufffd"]
texts = st.text() | st.lists(st.sampled_from([*SPECIAL, *SOURCES[0].split()])).map("".join)


@each_tokenizer
@given(text=texts)
@example(text=" ".join(SPECIAL))
def test_any_text_comes_back_exactly(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text)) == text


@each_tokenizer
def test_programs_come_back_exactly(tokenizer: Tokenizer) -> None:
    for program in handwritten():
        for source in (program.source, *(mutant.source for mutant in mutants(program)[:3])):
            assert tokenizer.decode(tokenizer.encode(source)) == source


@each_tokenizer
@given(text=texts)
@example(text=" ".join(SPECIAL))
def test_no_text_writes_a_control_token(tokenizer: Tokenizer, text: str) -> None:
    ids = tokenizer.encode(text)
    assert not {0, 1} & set(ids)
    assert all(tokenizer.decode([token]) for token in ids)  # each of them stands for text
    assert all(0 < token < tokenizer.vocab_size for token in ids)


@each_tokenizer
@given(data=st.data())
def test_whatever_a_model_writes_can_be_read(tokenizer: Tokenizer, data: st.DataObject) -> None:
    """Also bytes that are no UTF-8, and the control tokens of the SentencePiece model."""
    ids = data.draw(st.lists(st.integers(0, tokenizer.vocab_size - 1), max_size=20))
    text = tokenizer.decode(ids)
    text.encode()
    without = [token for token in ids if token not in (0, 1)]
    assert tokenizer.decode(without) == text


@each_tokenizer
def test_a_text_that_utf_8_cannot_hold_is_no_accident(tokenizer: Tokenizer) -> None:
    text = tokenizer.decode(tokenizer.encode("a\ud800b"))
    assert text[0] + text[-1] == "ab"
    text.encode()


@each_tokenizer
def test_a_prompt_is_its_text_and_a_chat_is_written_plainly(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode_prompt(SOURCES[0]) == tokenizer.encode(SOURCES[0])
    chat = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
    text = "System: Be brief.\n\nUser: Hello\n\nAssistant:"
    assert not tokenizer.has_chat_template
    assert tokenizer.render(chat) == text
    assert tokenizer.decode(tokenizer.encode_chat(chat)) == text
    assert tokenizer.render(chat, add_generation_prompt=False) == text.removesuffix("Assistant:")
    with pytest.raises(TokenizerError, match=r"^this tokenizer: expected a chat template .*none; "):
        tokenizer.for_chat()


@each_tokenizer
def test_ids_that_the_vocabulary_lacks_have_no_text(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode("ab")
    assert tokenizer.decode([tokenizer.vocab_size, *ids, 10**6]) == "ab"


def test_control_tokens_of_the_sentencepiece_model_have_no_text() -> None:
    assert SENTENCEPIECE.decode([0, 1, 2, 3, 4]) == ""


@each_tokenizer
def test_a_saved_tokenizer_gives_the_same_ids(tokenizer: Tokenizer, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer"
    tokenizer.save(path)
    again = type(tokenizer).load(path)
    assert again.vocab_size == tokenizer.vocab_size
    for source in SOURCES[:5]:
        assert again.encode(source) == tokenizer.encode(source)


def test_learning_is_a_function_of_the_texts() -> None:
    assert LexicalTokenizer.learn(SOURCES).encode(SOURCES[0]) == LEXICAL.encode(SOURCES[0])
    again = SentencePieceTokenizer.learn(SOURCES, 500)
    assert again.encode(SOURCES[0]) == SENTENCEPIECE.encode(SOURCES[0])


def test_learned_pieces_shorten_what_they_were_learned_from() -> None:
    for tokenizer in (LEXICAL, SENTENCEPIECE):
        assert len(tokenizer.encode(SOURCES[0])) < len(SOURCES[0].encode()) / 2
    assert LexicalTokenizer.learn(SOURCES, at_most=5).vocab_size == 2 + 256 + 5
    assert LexicalTokenizer.learn(["abc def", "abc"], at_least=2).vocab_size == 2 + 256 + 1


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b'{"pieces": 3}', b'{"pieces": [1]}'])
@pytest.mark.parametrize("kind", [LexicalTokenizer, SentencePieceTokenizer])
def test_a_file_that_is_no_tokenizer_is_one_line_that_names_it(
    kind: type[LexicalTokenizer | SentencePieceTokenizer], content: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / "some.model"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TokenizerError, match=r"some.model: expected a .*, got .*; ") as caught:
        kind.load(path)
    assert "\n" not in str(caught.value)


def test_a_model_that_would_change_code_is_refused(tmp_path: Path) -> None:
    """The default settings of SentencePiece fold white space; programs would not come back."""
    prefix = tmp_path / "default"
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SOURCES),
        model_prefix=str(prefix),
        vocab_size=300,
        minloglevel=2,
        hard_vocab_limit=False,
    )
    with pytest.raises(TokenizerError, match=r"expected a model that keeps code as it is, got "):
        SentencePieceTokenizer.load(prefix.with_suffix(".model"))


def test_the_file_of_a_lexical_tokenizer_is_json_that_people_can_read(tmp_path: Path) -> None:
    LEXICAL.save(tmp_path / "tokenizer.json")
    read = json.loads((tmp_path / "tokenizer.json").read_text())
    assert read["kind"] == "lexical"
    assert LexicalTokenizer(read["pieces"]).encode(SOURCES[0]) == LEXICAL.encode(SOURCES[0])
