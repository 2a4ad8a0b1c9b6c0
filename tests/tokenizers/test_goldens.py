"""Claims about published tokenizers: ids and texts are those of the reference.

What the reference said is stored; ``make_goldens.py`` asks it.
"""

from tests.tokenizers import parity
from tests.tokenizers.cases import request
from tests.tokenizers.families import GOLDENS, each_family, expected, tokenizer


@each_family
def test_texts_get_the_ids_of_the_reference(family: str) -> None:
    told = expected(family)
    parity.assert_same_texts(tokenizer(family), request(GOLDENS / family, told["size"]), told)


@each_family
def test_ids_are_read_as_the_reference_reads_them(family: str) -> None:
    told = expected(family)
    parity.assert_same_decoding(tokenizer(family), request(GOLDENS / family, told["size"]), told)


@each_family
def test_what_a_text_says_of_special_tokens_is_encoded_as_text(family: str) -> None:
    told = expected(family)
    asked = request(GOLDENS / family, told["size"])
    parity.assert_hostile_texts_are_plain(tokenizer(family), asked, told)


@each_family
def test_chats_are_the_text_and_the_ids_of_the_reference(family: str) -> None:
    told = expected(family)
    parity.assert_same_chats(tokenizer(family), request(GOLDENS / family, told["size"]), told)
