"""Claims about decoding while a model writes: nothing that was handed out changes later."""

from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinq_jax.tokenizers import IncrementalDecoder, Tokenizer
from tests.tokenizers.families import FAMILIES, tokenizer
from tests.tokenizers.own import LEXICAL, SENTENCEPIECE

TOKENIZERS: dict[str, Tokenizer] = {"lexical": LEXICAL, "sentencepiece": SENTENCEPIECE}
TOKENIZERS |= {family: tokenizer(family) for family in FAMILIES}
each_tokenizer = pytest.mark.parametrize("name", TOKENIZERS)

WRITTEN = [
    "def f",
    "\U0001f600",
    "\u4e2d\u6587 ",
    "\ufffd",
    "  ",
    "\n\nUser:",
    "END",
    "EEND",
    "e\u0301",
]


def ids_of(tokenizer: Tokenizer) -> st.SearchStrategy[list[int]]:
    """Any ids, more often bytes, bits of text, and ids that the vocabulary lacks."""
    texts = st.sampled_from(WRITTEN).map(tokenizer.encode)
    any_id = st.integers(0, tokenizer.vocab_size + 3).map(lambda token: [token])
    low = st.integers(0, 270).map(lambda token: [token])
    return st.lists(texts | any_id | low, max_size=12).map(lambda parts: [*chain(*parts)])


def stops_of(text: str) -> st.SearchStrategy[list[str]]:
    """Pieces of the text itself, and strings that may not come."""
    if not text:
        return st.just(["END"])
    places = st.tuples(st.integers(0, len(text) - 1), st.integers(1, 5))
    pieces = places.map(lambda place: text[place[0] : sum(place)])
    return st.lists(pieces | st.sampled_from(["END", "EEND", "\n\nUser:"]), max_size=3)


def cut(text: str, stops: list[str]) -> tuple[str, str | None]:
    """The text before the stop string that is complete first, and that string."""
    ends = [(text.find(stop) + len(stop), -len(stop), stop) for stop in stops if stop in text]
    if not ends:
        return text, None
    end, _, stop = min(ends)
    return text[: end - len(stop)], stop


@each_tokenizer
@settings(max_examples=50)
@given(data=st.data())
def test_the_pieces_are_the_text_up_to_the_first_stop_string(
    name: str, data: st.DataObject
) -> None:
    tokenizer = TOKENIZERS[name]
    ids = data.draw(ids_of(tokenizer))
    text = tokenizer.decode(ids)
    stops = data.draw(stops_of(text))
    decoder = IncrementalDecoder(tokenizer, stops)
    pieces = [decoder.push(token) for token in ids]
    assert "".join([*pieces, decoder.finish()]) == cut(text, stops)[0]
    assert decoder.stopped == cut(text, stops)[1]
    assert decoder.push(ids[0] if ids else 5) == "" or decoder.stopped is None


@each_tokenizer
@settings(max_examples=50)
@given(data=st.data())
def test_what_was_handed_out_is_the_beginning_whatever_comes(
    name: str, data: st.DataObject
) -> None:
    tokenizer = TOKENIZERS[name]
    ids, more = data.draw(ids_of(tokenizer)), data.draw(ids_of(tokenizer))
    decoder = IncrementalDecoder(tokenizer)
    told = "".join(map(decoder.push, ids))
    assert tokenizer.decode(ids).startswith(told)
    assert tokenizer.decode([*ids, *more]).startswith(told)
    assert tokenizer.settled(ids) == told


@pytest.mark.parametrize("name", ["llama2", "llama2_json"])
def test_a_space_that_is_a_raw_byte_waits_for_the_bytes_after_it(name: str) -> None:
    """Llama 2 drops a space at the beginning, so it has no text yet, and would have none later."""
    space, no_character, letter = 35, 131, TOKENIZERS[name].encode("a")[0]
    decoder = IncrementalDecoder(TOKENIZERS[name])
    pieces = [decoder.push(token) for token in (space, no_character, letter)]
    assert "".join(pieces) == TOKENIZERS[name].decode([space, no_character, letter])
    assert pieces[:2] == ["", ""]


@each_tokenizer
def test_plain_text_is_handed_out_at_once(name: str) -> None:
    tokenizer = TOKENIZERS[name]
    ids = tokenizer.encode("return x")
    decoder = IncrementalDecoder(tokenizer, ["END"])
    pieces = [decoder.push(token) for token in ids]
    assert "".join(pieces) == "return x"
    assert pieces[-1]


@each_tokenizer
def test_half_a_character_is_held_back(name: str) -> None:
    tokenizer = TOKENIZERS[name]
    smile = "x = '\U0001f600'"
    decoder = IncrementalDecoder(tokenizer)
    pieces = [decoder.push(token) for token in tokenizer.encode(smile)]
    assert "\ufffd" not in "".join(pieces)
    assert "".join([*pieces, decoder.finish()]) == smile


def test_the_beginning_of_a_stop_string_is_held_back_until_it_is_none() -> None:
    decoder = IncrementalDecoder(LEXICAL, ["\n\nUser:"])
    assert [decoder.push(token) for token in LEXICAL.encode("a\n\nU")] == ["a", "", "", ""]
    assert decoder.push(LEXICAL.encode("x")[0]) == "\n\nUx"
    assert decoder.stopped is None


def test_after_a_stop_string_there_is_no_more_text() -> None:
    decoder = IncrementalDecoder(LEXICAL, ["b"])
    assert [decoder.push(token) for token in LEXICAL.encode("abc")] == ["a", "", ""]
    assert (decoder.stopped, decoder.finish()) == ("b", "")


def test_an_empty_stop_string_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^stops: expected texts, got an empty one; "):
        IncrementalDecoder(LEXICAL, [""])


@each_tokenizer
def test_a_step_costs_the_same_however_long_the_text(name: str) -> None:
    tokenizer = TOKENIZERS[name]
    decoder = IncrementalDecoder(tokenizer)
    for token in tokenizer.encode("def f(x):\n    return x\n" * 20):
        decoder.push(token)
        assert len(decoder._window) < 20
