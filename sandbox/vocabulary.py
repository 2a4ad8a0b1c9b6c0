"""The words that a closed program may use: names, methods, and members of modules.

All lists are of what is allowed. Left out is what shows an address (`id`, `hash`, `object`), reads
or sets attributes by name, runs text, makes classes, adds to sets, or keeps state in a module.
"""

from __future__ import annotations

import builtins


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


EXCEPTIONS = frozenset(
    name
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, BaseException)
)
# Not these: a shortage of memory or of stack is an outcome, and none of a closed program's own.
CATCHABLE = EXCEPTIONS - {"BaseException", "BaseExceptionGroup", "Exception", "ExceptionGroup"}
CATCHABLE -= {"MemoryError", "RuntimeError", "RecursionError", "GeneratorExit"}
LAZY = _words("enumerate filter iter map reversed zip")
FIRST_CONSUMED = _words(
    "Counter OrderedDict all any bytes deque dict frozenset len list next set sorted sum tuple"
)
ALONE_CONSUMED = _words("max min")
KEYED = _words("max min sort sorted")
BUILTINS = (EXCEPTIONS | LAZY | FIRST_CONSUMED | KEYED) & {*dir(builtins)} | _words(
    "Ellipsis False None NotImplemented True abs ascii bin bool bytearray callable chr complex "
    "divmod float format frozenset hex int isinstance issubclass oct ord pow print range repr "
    "round set slice str type"
)
UNSAFE = {*dir(builtins)} - BUILTINS

METHODS = _words(
    "append appendleft as_integer_ratio bit_count bit_length capitalize casefold center clear "
    "conjugate copy count decode encode end endswith expandtabs extend find findall format "
    "fromkeys fullmatch get group groupdict groups hex index insert is_integer isalnum isalpha "
    "isascii isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper "
    "items join keys ljust lower lstrip maketrans match most_common partition pop popitem popleft "
    "remove removeprefix removesuffix replace reverse rfind rindex rjust rotate rpartition rsplit "
    "rstrip search setdefault sort span split splitlines start startswith strip sub subn subtract "
    "swapcase title to_bytes translate upper values zfill"
)
CONSUMING_METHODS = _words("extend fromkeys join")
SETS = _words("frozenset set")
LAZY_MEMBERS = _words(
    "accumulate chain combinations combinations_with_replacement compress dropwhile filterfalse "
    "islice pairwise permutations product starmap takewhile zip_longest"
)
FUNCTIONS: dict[str, frozenset[str]] = {
    "bisect": _words("bisect bisect_left bisect_right insort insort_left insort_right"),
    "cmath": _words("exp log phase polar rect sqrt"),
    "collections": frozenset(),
    "functools": _words("reduce"),
    "heapq": _words("heapify heappop heappush heappushpop heapreplace"),
    "itertools": LAZY_MEMBERS,
    "math": _words(
        "acos acosh asin asinh atan atan2 atanh ceil comb copysign cos cosh degrees dist erf erfc "
        "exp expm1 fabs factorial floor fmod frexp fsum gamma gcd hypot isclose isfinite isinf "
        "isnan isqrt lcm ldexp lgamma log log10 log1p log2 modf perm pow prod radians remainder "
        "sin sinh sqrt tan tanh trunc"
    ),
    "re": _words("compile escape findall fullmatch match search split sub subn"),
    "string": frozenset(),
    "typing": frozenset(),
}
VALUES: dict[str, frozenset[str]] = {
    "cmath": _words("pi"),
    "collections": _words("Counter OrderedDict defaultdict deque"),
    "math": _words("e inf nan pi tau"),
    "re": _words("I IGNORECASE M MULTILINE S DOTALL"),
    "string": _words(
        "ascii_letters ascii_lowercase ascii_uppercase digits hexdigits octdigits printable "
        "punctuation whitespace"
    ),
    "typing": _words("Any Callable Dict FrozenSet Iterable List Optional Sequence Set Tuple Union"),
}
DECORATORS = _words("cache lru_cache")
