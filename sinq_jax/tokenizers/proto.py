"""Changes a SentencePiece model in its own format, protocol buffers.

The classes that SentencePiece generates for it run with few versions of protobuf; what is needed
here is little: of a field that a message has twice, the later one holds, and two messages that
stand for the same field are merged (protobuf.dev/programming-guides/encoding).
"""

from collections.abc import Iterator, Mapping

CONTROL = b"\x18\x03"
"""The field of a piece that makes it a control piece: its type, number 3, is 3."""

_PIECE = 0x0A
_PREFIX = (b"\x1a\x02\x18\x00", b"\x1a\x02\x18\x01")
"""A normalizer, number 3 of a model, that says only whether texts get a space before them."""


def named(text: str) -> bytes:
    """The field that names a piece."""
    data = text.encode()
    return b"\x0a" + _number(len(data)) + data


def with_fields(model: bytes, fields: Mapping[int, bytes]) -> bytes:
    """The model with more fields in some of its pieces, by id.

    Raises ``ValueError`` for bytes that are no model.
    """
    parts: list[bytes] = []
    token = 0
    for tag, payload in _messages(model):
        if tag == _PIECE:
            payload += fields.get(token, b"")
            token += 1
        parts += [_number(tag), _number(len(payload)), payload]
    return b"".join(parts)


def with_prefix(model: bytes, prefix: bool) -> bytes:
    """The model, which puts a space before a text or does not."""
    return model + _PREFIX[prefix]


def _messages(model: bytes) -> Iterator[tuple[int, bytes]]:
    """The messages that a model consists of, each with its tag."""
    place = 0
    while place < len(model):
        tag, place = _number_at(model, place)
        length, place = _number_at(model, place)
        if tag & 7 != 2 or place + length > len(model):
            raise ValueError(f"{length} bytes of tag {tag} at byte {place}")
        yield tag, model[place : place + length]
        place += length


def _number_at(data: bytes, place: int) -> tuple[int, int]:
    """Seven bits a byte, the lowest first; the eighth says that another byte follows."""
    value = shift = 0
    while True:
        value |= (data[place] & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if data[place - 1] < 0x80:
            return value, place


def _number(value: int) -> bytes:
    data = bytearray()
    while value > 0x7F:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*data, value])
