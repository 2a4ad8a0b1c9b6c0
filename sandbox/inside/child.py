"""One execution in a fresh child: lock down, read the job, run the program, report, leave.

The report of one call is a frame: 4 bytes of length, the nonce of the job, a JSON object with the
keys `status`, `value`, `error`, `encoding`. Job: the same 4 bytes and a marshal of
(nonce, code, entry point, inputs, options), written by the trusted side.
"""

import gc
import marshal
import posix
import resource
import sys
from _json import encode_basestring_ascii as quoted

from sandbox.inside import guard
from sandbox.inside.encoding import encode, encode_raised
from sandbox.inside.show import show, show_raised
from sandbox.inside.slots import NoEncoding, TooLarge, derives

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from _socket import socket

DEEP = 1_000_000
STACK_BYTES = 64 << 20
OPEN_FILES = 16
HARNESS_FRAMES = 8
Module = type(sys)
leave = posix._exit


class Report:
    """The child's one way to speak: frames on the job's own socket."""

    def __init__(self, channel: "socket") -> None:
        self.channel = channel
        self.nonce = b""

    def send(self, **said: str | None) -> None:
        """Write one frame."""
        pairs = [f'"{k}":{"null" if v is None else quoted(v)}' for k, v in said.items()]
        body = self.nonce + ("{" + ",".join(pairs) + "}").encode("ascii")
        self.channel.sendall(len(body).to_bytes(4, "little") + body)

    def refuse(self, what: str) -> "NoReturn":
        """Report a broken rule and leave at once."""
        self.send(status="refused", value=None, error=what, encoding=None)
        leave(0)


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


def confine(options: "dict[str, Any]", base_bytes: int) -> None:
    """Give up the user, and set the limits that this process can never raise again."""
    space = base_bytes + (options["memory_mb"] << 20)
    cpu = options["hard_cpu_s"]
    posix.setsid()
    for what, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_AS, space),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_STACK, STACK_BYTES),
    ):
        resource.setrlimit(what, (limit, limit))
    uid = options["uid"]
    if uid is not None:
        posix.setgroups([])
        posix.setresgid(uid, uid, uid)
        posix.setresuid(uid, uid, uid)


def serve(
    channel: "socket", names: "Any", die_with_parent: "Callable[[], object]", base_bytes: int
) -> "NoReturn":
    """Run the one job of this child; never returns."""
    try:
        report = Report(channel)
        report.nonce, code, entry, inputs, options = read_job(channel)
        confine(options, base_bytes)
        die_with_parent()
        if options["guard"]:
            guard.install(report.refuse, names, options["modules"], options["prefix"])
        gc.enable()
        for values in inputs:
            _one(report, names, marshal.loads(code), entry, marshal.loads(values), options)
        leave(0)
    finally:
        leave(1)


def _one(
    report: Report,
    names: "Any",
    code: "Any",
    entry: str,
    values: "dict[str, Any]",
    options: "dict[str, Any]",
) -> None:
    module = Module("program")
    sys.modules["program"] = module
    namespace = module.__dict__
    namespace["__builtins__"] = names
    raise_limit = sys.setrecursionlimit
    raise_limit(options["recursion"] + HARNESS_FRAMES)
    error: BaseException | None = None
    result: object = None
    try:
        exec(code, namespace)
        result = namespace[entry](**values)
    except BaseException as caught:
        error = caught
    raise_limit(DEEP)
    said = _said(result, error, values, options)
    del result, error, namespace, module
    report.send(**said)


def _said(
    result: object, error: BaseException | None, values: object, options: "dict[str, Any]"
) -> "dict[str, str | None]":
    bounds = (options["strict"], options["items"], options["output_bytes"])
    encoding = None
    try:
        if error is not None:
            if derives(type(error), MemoryError):
                return {"status": "memory", "value": None, "error": "MemoryError", "encoding": None}
            encoding = encode_raised(error, *bounds)
            shown = show_raised(error)
            return {"status": "raised", "value": None, "error": shown, "encoding": encoding}
        shown = show(result)
        encoding = encode(result, *bounds)
        return {"status": "returned", "value": shown, "error": None, "encoding": encoding}
    except TooLarge:
        return {"status": "output", "value": None, "error": "the result is too large", "encoding": None}
    except NoEncoding as reason:
        return {"status": "returned", "value": f"no encoding: {reason}", "error": None, "encoding": None}
    except MemoryError:
        return {"status": "memory", "value": None, "error": "MemoryError", "encoding": None}
