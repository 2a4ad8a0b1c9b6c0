"""What a program may ask of the interpreter: an audit hook and a guarded import.

This is the layer that names a broken rule (status `refused`). It stops what asks the interpreter;
the kernel's limits stop the rest. Imports outside the allowed modules are refused, because results
that depend on time, randomness or the machine would decide verdicts by luck.

The hook holds all it uses in its closure, and nothing a program can reach leads to it. Turning off
what else belongs to this package therefore turns off a program's own report, never the hook.
"""

import _imp
import builtins
import posix
import sys
from _json import encode_basestring_ascii

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

ALLOWED_EVENTS = frozenset(
    (
        "array.__new__",
        "builtins.id",
        "builtins.input",
        "builtins.input/result",
        "compile",
        "exec",
        "function.__new__",
        "object.__delattr__",
        "object.__setattr__",
        "sys._getframe",
        "sys._getframemodulename",
        "sys.unraisablehook",
    )
)
FRAMES = frozenset(("tb_frame", "gi_frame", "cr_frame", "ag_frame"))
LATE_MODULES = frozenset(("encodings", "warnings", "_strptime", "locale", "calendar"))
C_IMPORTS = frozenset(("time", "_strptime", "warnings", "copyreg"))
REFUSED = "sandbox.refused"
WARM_UP_EVENTS = (("compile", ""), ("exec", None), ("object.__getattr__", "__code__"))
WARM_UP_ROUNDS = 20


def private_builtins() -> "Any":
    """Return a copy of the builtins module and make it the one that programs import.

    What a program does to it then reaches neither this package nor the standard library.
    """
    copy = type(sys)("builtins")
    copy.__dict__.update(builtins.__dict__)
    sys.modules["builtins"] = copy
    return copy


def refusal(nonce: bytes, what: str) -> bytes:
    """Return the frame that reports a broken rule."""
    said = f'{{"status":"refused","value":null,"error":{encode_basestring_ascii(what)},'
    body = nonce + said.encode("ascii") + b'"encoding":null}'
    return len(body).to_bytes(4, "little") + body


def prepare(prefix: str) -> "Callable[[Callable[[bytes], object], bytes], None]":
    """Return a function that makes this process refuse every event outside the lists, for good.

    It takes what writes to the job's channel, and the job's nonce. prefix: the folder of the
    standard library, the one place that may be read, and only to import from it. Whoever holds
    the function must drop it after the call: its closure leads to the hook.
    """
    allowed, broken, frame, leave = ALLOWED_EVENTS, _rules(prefix), refusal, posix._exit
    job: list[Any] = []

    def hook(event: str, args: "tuple[Any, ...]") -> None:
        if event not in allowed:
            what = broken(event, args)
            if what:
                send, nonce = job
                send(frame(nonce, what))
                leave(0)

    def arm(send: "Callable[[bytes], object]", nonce: bytes) -> None:
        job.extend((send, nonce))
        sys.addaudithook(hook)

    for event, argument in WARM_UP_EVENTS * WARM_UP_ROUNDS:
        hook(event, (argument, argument))
    return arm


def _rules(prefix: str) -> "Callable[[str, tuple[Any, ...]], str]":
    """Return a function that names the rule which an event breaks, or gives an empty text."""
    frames, late, refused = FRAMES, LATE_MODULES, REFUSED
    kind_of, text, starts, split = type, str, str.startswith, str.partition

    def broken(event: str, args: "tuple[Any, ...]") -> str:
        if event == "object.__getattr__":
            return args[1] if args[1] in frames else ""
        if event == "import":
            return "" if split(args[0], ".")[0] in late else f"import of {args[0]}"
        if event == refused:
            found: str = args[0]
            return found
        below = args and kind_of(args[0]) is text and starts(args[0], prefix)
        if below and event == "open" and args[1] in ("r", "rb", None):
            return ""
        return "" if below and event in ("os.listdir", "os.scandir") else event

    return broken


def close_loaders() -> None:
    """Make loading another C module a broken rule, whichever loader is asked for it.

    Some of them start threads or reach memory without an event that the hook would see.
    """
    report, refused = sys.audit, REFUSED

    def create(*_: object) -> "Any":
        report(refused, "loading a C module")

    _imp.create_builtin = create
    _imp.create_dynamic = create


def guarded_import(modules: frozenset[str]) -> "Callable[..., Any]":
    """Return the `__import__` of programs, which reports modules that they may not have.

    Imports that the interpreter's own C code makes while a program runs (strftime asks for `time`)
    come here too; they are known by their list of names.
    """
    real, report, name_list, refused, from_c = __import__, sys.audit, list, REFUSED, C_IMPORTS
    kind_of, split = type, str.partition

    def import_(
        name: str,
        globals: "dict[str, Any] | None" = None,  # noqa: A002 - the names that __import__ has
        locals: "dict[str, Any] | None" = None,  # noqa: A002
        fromlist: "tuple[str, ...] | list[str]" = (),
        level: int = 0,
    ) -> "Any":
        known = split(name, ".")[0] in modules
        if not (known or level or (kind_of(fromlist) is name_list and name in from_c)):
            report(refused, f"import of {name}")
        return real(name, globals, locals, fromlist, level)

    return import_
