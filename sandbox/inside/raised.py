"""Encodings of exceptions: the type and the arguments, without addresses and line numbers."""

from sandbox.inside.slots import derives, exception_args, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sandbox.inside.encoding import Walk

MARKS = (("0x", "0123456789abcdefABCDEF"), ("line ", "0123456789"))


def raised(walk: "Walk", value: BaseException) -> str:
    """Encode an exception by its type and arguments.

    A RecursionError loses its message, which names whatever operation found the stack full.
    """
    kind = type(value)
    if derives(kind, RecursionError):
        return f"E{name_of(kind)}"
    parts = [masked(a) if type(a) is str else a for a in exception_args(value)]
    return f"E{name_of(kind)}({','.join([walk.value(part) for part in parts])})"


def masked(text: str) -> str:
    """Return a message with addresses and line numbers replaced by `?`."""
    for mark, digits in MARKS:
        if mark in text:
            first, *rest = text.split(mark)
            text = first + "".join([mark + _blurred(piece, digits) for piece in rest])
    return text


def _blurred(piece: str, digits: str) -> str:
    bare = piece.lstrip(digits)
    return "?" + bare if len(bare) < len(piece) else piece
