"""Encodings of numbers, texts and the other values without parts.

Every function returns text without unbalanced brackets or a bare comma, so that the encodings of
containers stay unambiguous: numbers are hexadecimal, texts carry their length.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from hashlib import blake2b
    from typing import Any
else:  # the C module itself: hashlib would load OpenSSL into every child
    from _blake2 import blake2b

INLINE = 240
MAX_EXPONENT = 400


def digest(encoded: str) -> str:
    """Return an encoding itself when it is short, else its checksum behind a `#`."""
    if len(encoded) <= INLINE:
        return encoded
    return "#" + checksum(encoded.encode())


def checksum(whole: bytes) -> str:
    """Return the BLAKE2b of 32 bytes in hexadecimal: nobody can find two alike, and it takes a
    third of the time of SHA-256 where the processor has no instructions for that.
    """
    return blake2b(whole, digest_size=32).hexdigest()


def integer(value: int) -> str:
    """Encode an int or a bool by its value; hexadecimal has no limit on digits."""
    encoded = f"n{value:x}"
    return encoded if len(encoded) <= INLINE else digest(encoded)


def real(value: float) -> str:
    """Encode a float by its value: integral ones like the int they equal, NaN as one value."""
    if value.is_integer():
        return integer(int(value))
    if value != value:
        return "nan"
    if value in (INFINITY, -INFINITY):
        return "inf" if value > 0 else "-inf"
    return "f" + value.hex()


INFINITY = float("inf")


def number(encoded: str) -> int | float | None:
    """Return the number of which this is the encoding under policy `python`; None of all else."""
    try:
        if encoded[:1] == "n":
            whole = int(encoded[1:], 16)
            return whole if integer(whole) == encoded else None
        value = float.fromhex(encoded.removeprefix("f"))
    except (ValueError, OverflowError):
        return None
    return value if real(value) == encoded else None


def complex_number(value: complex) -> str:
    """Encode a complex number; without an imaginary part it is the real number it equals."""
    if value.imag == 0:
        return real(value.real)
    return f"c({real(value.real)},{real(value.imag)})"


def ratio(numerator: int, denominator: int) -> str:
    """Encode a fraction in lowest terms, like the int or float that it equals, if any."""
    if denominator == 1:
        return integer(numerator)
    try:
        nearest = numerator / denominator
    except OverflowError:
        nearest = INFINITY
    if abs(nearest) != INFINITY and nearest.as_integer_ratio() == (numerator, denominator):
        return "f" + nearest.hex()
    return digest(f"q{numerator:x}/{denominator:x}")


def decimal(sign: int, digits: tuple[int, ...], exponent: int | str) -> str:
    """Encode what Decimal.as_tuple() gave, by the exact value of the number."""
    if type(exponent) is not int:
        return {"F": "-inf" if sign else "inf"}.get(str(exponent), "nan")
    text = "".join(map(str, digits)).lstrip("0")
    stripped = text.rstrip("0")
    if not stripped:
        return integer(0)
    exponent += len(text) - len(stripped)
    if abs(exponent) > MAX_EXPONENT or len(stripped) > MAX_EXPONENT:
        return digest(f"d{'-' if sign else ''}{stripped}e{exponent}")
    number = -int(stripped) if sign else int(stripped)
    if exponent >= 0:
        return integer(number * 10**exponent)
    return ratio(*_lowest(number, 10**-exponent))


def _lowest(numerator: int, denominator: int) -> tuple[int, int]:
    a, b = abs(numerator), denominator
    while b:
        a, b = b, a % b
    return numerator // a, denominator // a


def text(value: str) -> str:
    """Encode a str by its length and content; lone surrogates, which UTF-8 lacks, as bytes."""
    try:
        content = value.encode()
    except UnicodeEncodeError:
        return digest("u" + value.encode("utf-8", "surrogatepass").hex())
    length = f"s{len(value)}:"
    if len(length) + len(value) <= INLINE:
        return length + value
    return "#" + checksum(length.encode() + content)


def data(value: bytes | bytearray) -> str:
    """Encode bytes or a bytearray by its content."""
    return digest("b" + value.hex())


def strict_real(value: float) -> str:
    """Encode a float apart from the int that it equals, and -0.0 apart from 0.0."""
    return "f" + value.hex() if value == value else "nan"


def strict_complex(value: complex) -> str:
    """Encode a complex number apart from the float that it equals."""
    return f"c({strict_real(value.real)},{strict_real(value.imag)})"


def _strict_bool(value: bool) -> str:
    return f"B{int(value)}"


def _strict_bytearray(value: bytearray) -> str:
    return "y" + data(value)


def _constant(name: str) -> "Callable[[object], str]":
    def encode(_: object) -> str:
        return name

    return encode


_SHARED: "dict[type, Callable[[Any], str]]" = {
    int: integer,
    str: text,
    bytes: data,
    type(None): _constant("N"),
    type(...): _constant("..."),
    type(NotImplemented): _constant("NI"),
}
PYTHON: "dict[type, Callable[[Any], str]]" = {
    **_SHARED,
    bool: integer,
    float: real,
    complex: complex_number,
    bytearray: data,
}
STRICT: "dict[type, Callable[[Any], str]]" = {
    **_SHARED,
    bool: _strict_bool,
    float: strict_real,
    complex: strict_complex,
    bytearray: _strict_bytearray,
}
