"""HTML and SVG elements that escape by construction: only `Markup` goes in as it is."""

import unicodedata
from collections.abc import Iterable
from html import escape


class Markup(str):
    """Text that is HTML already. Only `element` and `joined` make it, from escaped parts."""

    __slots__ = ()


Child = str | Iterable[str | None] | None
_VOID = frozenset({"meta", "br", "col"})


def element(tag: str, /, *children: Child, **attributes: str | float | None) -> Markup:
    """Return an element. Plain text is escaped, `Markup` is kept, None is left out.

    Attribute names lose a last underscore (``class_``) and turn others into hyphens
    (``stroke_width``); an attribute of value None is left out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if tag in _VOID:
        return Markup(f"<{tag}{written}>")
    return Markup(f"<{tag}{written}>{joined(*children)}</{tag}>")


def joined(*children: Child) -> Markup:
    """Return children one after another, plain text escaped."""
    return Markup("".join(map(_text, children)))


def visible(text: str) -> str:
    """Return text with every character that hides or reorders others written as an escape.

    Programs under test are hostile: control characters, bidirectional overrides and lone
    surrogates would make a reader see another program than the one that ran, or break the page.
    Line ends and tabs stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char
        if char in "\n\t" or unicodedata.category(char)[0] != "C"
        else char.encode("unicode_escape", "surrogatepass").decode()
        for char in text
    )


def shortened(text: str, limit: int) -> str:
    """Return at most ``limit`` characters of a text, saying how many were left out."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text) - limit:,} more characters)"


def _text(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, str):
        return escape(visible(child), quote=False)
    return joined(*child)


def _attribute(value: str | float) -> str:
    return f"{value:.6g}" if isinstance(value, float) else escape(visible(str(value)))
