"""One execution in a fresh child: lock down, read the job, run the program, report, leave.

A job is 4 bytes of length and a marshal of (nonce, calls, limits), written by the trusted side; a
call is (code, entry point, input). The report of one call is a frame: 4 bytes of length, the nonce,
a JSON object with the keys `status`, `value`, `error`, `encoding`.
"""

import gc
import marshal
import posix
import sys
from _io import StringIO
from _json import encode_basestring_ascii as quoted
from _socket import socket, socketpair

from sandbox.inside import guard
from sandbox.inside.encoding import encode_outcome
from sandbox.inside.show import show, show_raised
from sandbox.inside.slots import NoEncodingError, TooLargeError, derives

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    Said = dict[str, str | None]

DEEP = 1_000_000
HARNESS_FRAMES = 8
WARM_UP = """
def f(x):
    total = 0
    for i in range(3):
        total += i
    if isinstance(x, str):
        raise ValueError(x)
    return [total, x, str(x), sorted({1: 2}.items()), len([j for j in (1, 2) if j])]
"""
WARM_UP_INPUTS: "tuple[object, ...]" = (1, 2.5, [1, (2, 3)], {"a": {1, 2}}, None, True, "t", b"b")
WARM_UP_ROUNDS = 4
Module = type(sys)
leave = posix._exit


class Setting:
    """What stays the same for all children of a server."""

    def __init__(self, config: "dict[str, Any]", names: "Any") -> None:
        """config: as the trusted side wrote it. names: the builtins module of programs."""
        self.bounds = (config["strict"], config["items"], config["output_bytes"])
        self.sees_arguments: bool = "arguments" in config["observe"]
        self.sees_output: bool = "output" in config["observe"]
        self.names = names
        self.confine: Callable[[int, int], None] = _nothing
        self.arm: Any = _nothing
        if "guard" in config["layers"]:
            names.__import__ = guard.guarded_import(config["modules"])
            self.arm = guard.prepare(config["prefix"])
        self.base_bytes = 0


class Report:
    """The child's one way to speak: frames on the job's own socket."""

    def __init__(self, channel: "socket") -> None:
        self.channel = channel
        self.nonce = b""

    def send(self, said: "Said") -> None:
        """Write one frame."""
        pairs = [f'"{k}":{"null" if v is None else quoted(v)}' for k, v in said.items()]
        body = self.nonce + ("{" + ",".join(pairs) + "}").encode("ascii")
        self.channel.sendall(len(body).to_bytes(4, "little") + body)


def read_job(channel: "socket") -> "Any":
    """Return the job that the trusted side wrote."""
    size = int.from_bytes(_read(channel, 4), "little")
    return marshal.loads(_read(channel, size))


def _read(channel: "socket", size: int) -> bytes:
    parts = []
    while size:
        part = channel.recv(min(size, 1 << 20))
        if not part:
            leave(1)
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def serve(channel: "socket", setting: Setting) -> "NoReturn":
    """Run the one job of this child; never returns."""
    try:
        _answer(channel, setting)
        leave(0)
    finally:
        leave(1)


def _answer(channel: "socket", setting: Setting) -> None:
    report = Report(channel)
    report.nonce, asked, (memory, recursion, cpu_s) = read_job(channel)
    confine, setting.confine = setting.confine, _nothing
    confine(setting.base_bytes + memory, cpu_s)
    del confine  # its closure leads to calls of the kernel, and a program can walk up to this frame
    calls = [(marshal.loads(c), entry, marshal.loads(v), recursion) for c, entry, v in asked]
    arm, setting.arm = setting.arm, _nothing
    arm(channel.sendall, report.nonce)
    del arm  # its closure leads to the hook, and a program can walk up to this frame
    gc.freeze()  # starts the collector's count anew, so that it does not walk the server's heap
    gc.enable()
    for call in calls:
        report.send(_one(setting, *call))


def _one(
    setting: Setting, code: "Any", entry: str, values: "dict[str, Any]", recursion: int
) -> "Said":
    """Run the program in a fresh namespace; return what there is to say about it."""
    module = Module("program")
    sys.modules["program"] = module
    namespace = module.__dict__
    namespace["__builtins__"] = setting.names
    written = StringIO() if setting.sees_output else None
    if written is not None:
        sys.stdout = written
    set_limit = sys.setrecursionlimit  # before the program can put something in its place
    set_limit(recursion + HARNESS_FRAMES)
    error: BaseException | None = None
    result: object = None
    try:
        exec(code, namespace)
        result = namespace[entry](**values)
    except BaseException as caught:  # noqa: BLE001 - whatever a program raises is its outcome
        error = caught
    set_limit(DEEP)
    extras: tuple[object, ...] = (values,) if setting.sees_arguments else ()
    if written is not None:
        extras += (written.getvalue(),)
    return _said(result, error, extras, setting.bounds)


def _said(
    result: object,
    error: BaseException | None,
    extras: "tuple[object, ...]",
    bounds: "tuple[bool, int, int]",
) -> "Said":
    status = "returned" if error is None else "raised"
    shown = encoding = None
    try:
        if error is not None and derives(type(error), MemoryError):
            status, shown = "memory", "MemoryError"
        else:
            shown = show(result) if error is None else show_raised(error)
            encoding = encode_outcome(result, error, extras, bounds)
    except MemoryError:
        status, shown = "memory", "no memory left to describe the result"
    except TooLargeError:
        status, shown = "output", "the result is too large"
    except NoEncodingError:
        encoding = None
    key, other = ("value", "error") if status == "returned" else ("error", "value")
    return {"status": status, key: shown, other: None, "encoding": encoding}


def warm_up(setting: Setting) -> None:
    """Do in the server what every child will do, before it has a way to give up its rights.

    What is bound, cached and specialised here is shared by all children; doing it itself would
    cost each of them the copy of a page.
    """
    code = marshal.dumps(compile(WARM_UP, "program", "exec"))
    ours, theirs = socketpair()
    limit = sys.getrecursionlimit()
    arm = setting.arm
    for x in WARM_UP_INPUTS * WARM_UP_ROUNDS:
        setting.arm = _nothing
        job = marshal.dumps((b"", [(code, "f", marshal.dumps({"x": x}))], (0, limit, 1)))
        ours.sendall(len(job).to_bytes(4, "little") + job)
        _answer(theirs, setting)
        ours.recv(1 << 16)
    ours.close()
    theirs.close()
    gc.unfreeze()
    setting.arm = arm
    sys.setrecursionlimit(limit)
    del sys.modules["program"]


def _nothing(*_: object) -> None: ...
