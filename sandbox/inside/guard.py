"""What a program may ask of the interpreter: an audit hook and a guarded import.

This is the layer that names a broken rule (status `refused`). It stops what asks the interpreter;
the kernel's limits stop the rest. Imports outside the allowed modules are refused, because results
that depend on time, randomness or the machine would decide verdicts by luck.
"""

import builtins
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Refuse = Callable[[str], None]

ALLOWED_EVENTS = frozenset(
    (
        "array.__new__",
        "builtins.id",
        "builtins.input",
        "builtins.input/result",
        "code.__new__",
        "compile",
        "cpython._PySys_ClearAuditHooks",
        "exec",
        "function.__new__",
        "marshal.loads",
        "object.__delattr__",
        "object.__getattr__",
        "object.__setattr__",
        "sys._getframe",
        "sys._getframemodulename",
        "sys.unraisablehook",
    )
)
C_IMPORTS = (
    "time",
    "_strptime",
    "warnings",
    "copyreg",
)  # by name, with a list: strftime and the like
LAZY = ("encodings", "_strptime", "locale", "calendar")


def private_builtins() -> "Any":
    """Return a copy of the builtins module and make it the one that programs import.

    What a program does to it then reaches neither this package nor the standard library.
    """
    copy = type(sys)("builtins")
    copy.__dict__.update(builtins.__dict__)
    sys.modules["builtins"] = copy
    return copy


def install(refuse: "Refuse", names: "Any", modules: frozenset[str], prefix: str) -> None:
    """Refuse every event and import outside the lists for the rest of this process.

    refuse must not return. names: the builtins module that the program sees. modules: the
    top-level modules that it may import. prefix: the folder of the standard library, the one place
    that may be read, and only to import from it.
    """
    allowed_events, lazy, real = ALLOWED_EVENTS, LAZY, builtins.__import__

    def hook(event: str, args: "tuple[Any, ...]") -> None:
        if event in allowed_events:
            return
        if event == "import":
            if args[0].partition(".")[0] not in lazy:
                refuse(f"import of {args[0]}")
        elif event in ("os.listdir", "os.scandir"):
            if not str(args[0]).startswith(prefix):
                refuse(event)
        elif event != "open" or not _reads(args[0], args[1], prefix):
            refuse(event)

    def guarded_import(
        name: str,
        globals: "dict[str, Any] | None" = None,  # noqa: A002 - the names that __import__ has
        locals: "dict[str, Any] | None" = None,  # noqa: A002
        fromlist: "tuple[str, ...] | list[str]" = (),
        level: int = 0,
    ) -> "Any":
        from_c = type(fromlist) is list and name in C_IMPORTS
        if level == 0 and name.partition(".")[0] not in modules and not from_c:
            refuse(f"import of {name}")
        return real(name, globals, locals, fromlist, level)

    names.__import__ = guarded_import
    sys.addaudithook(hook)


def _reads(path: object, mode: object, prefix: str) -> bool:
    return type(path) is str and path.startswith(prefix) and mode in ("r", "rb", None)
