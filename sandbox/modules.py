"""Which modules a program may import, and which server has them ready.

A fork copies every page that its child touches, so a program runs under the smallest tier that
holds what it imports. Everything else is refused: results that depend on time, randomness, threads
or the machine would decide verdicts by luck.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tier:
    """A set of preloaded modules: `names` may be imported, `extra` is loaded along with them."""

    name: str
    names: frozenset[str]
    extra: tuple[str, ...] = ()


_BARE = frozenset(("__future__", "builtins", "itertools", "math", "sys"))
_COMMON = _BARE | frozenset(
    [
        "abc",
        "array",
        "bisect",
        "cmath",
        "collections",
        "copy",
        "enum",
        "functools",
        "heapq",
        "operator",
        "re",
        "string",
        "types",
        "typing",
    ]
)
_WIDE = _COMMON | frozenset(
    [
        "base64",
        "binascii",
        "calendar",
        "codecs",
        "contextlib",
        "dataclasses",
        "datetime",
        "decimal",
        "difflib",
        "fractions",
        "hashlib",
        "html",
        "io",
        "json",
        "keyword",
        "numbers",
        "pprint",
        "reprlib",
        "statistics",
        "struct",
        "textwrap",
        "unicodedata",
        "weakref",
        "zlib",
    ]
)
TIERS = (
    Tier("bare", _BARE),
    Tier("common", _COMMON, ("collections.abc", "copyreg")),
    Tier("wide", _WIDE, ("_strptime", "encodings.latin_1", "encodings.ascii", "json.tool")),
)
ALLOWED = _WIDE

UNSTEADY = {
    "datetime": frozenset(("now", "today", "utcnow")),
    "sys": frozenset(
        [
            "_clear_type_cache",
            "_current_frames",
            "_debugmallocstats",
            "_getframe",
            "addaudithook",
            "argv",
            "breakpointhook",
            "displayhook",
            "executable",
            "getallocatedblocks",
            "getrefcount",
            "gettrace",
            "getprofile",
            "meta_path",
            "modules",
            "path",
            "path_hooks",
            "setprofile",
            "settrace",
            "setswitchinterval",
            "set_int_max_str_digits",
            "unraisablehook",
        ]
    ),
}


def tier_for(imports: frozenset[str]) -> int:
    """Return the index of the smallest tier that has all of imports (which must be allowed)."""
    for index, tier in enumerate(TIERS):
        if imports <= tier.names:
            return index
    raise ValueError(f"imports: expected allowed modules, got {sorted(imports - ALLOWED)}")
