"""The server: a warm, tiny process that forks one child for every job.

It is started by exec from a clean interpreter, preloads the modules of its tier, and then only
forwards the socket of each job to a fresh child. Programs, inputs and results never pass through
its memory, so no child can find those of another there.

Control socket: a byte with a file descriptor starts a job; 8 bytes with the child's pid come
back, and 8 bytes with how it ended (exit code, or minus the signal). The child stays a zombie
until the next job starts, so its pid cannot name another process while the trusted side may still
kill it.
"""

import _warnings
import gc
import marshal
import posix
import sys
from _socket import SCM_RIGHTS, SOL_SOCKET, socket

from sandbox.inside import child, guard
from sandbox.inside.confine import LINUX, address_space, lock_down

HIDDEN = [
    "_ctypes",
    "_imp",
    "_io",
    "_posixsubprocess",
    "_random",
    "_signal",
    "_socket",
    "_thread",
    "ctypes",
    "gc",
    "genericpath",
    "importlib",
    "marshal",
    "ntpath",
    "os",
    "os.path",
    "posix",
    "posixpath",
    "random",
    "resource",
    "signal",
    "stat",
    "zipimport",
]


def main() -> None:
    """Serve a control socket until it closes.

    Arguments: its descriptor; the configuration (see `child.Setting`), a marshal in hexadecimal.
    """
    control = socket(fileno=int(sys.argv[1]))
    config = marshal.loads(bytes.fromhex(sys.argv[2]))
    posix.chdir(config["room"])
    for name in config["preload"]:
        __import__(name)
    setting = child.Setting(config, guard.private_builtins())
    child.warm_up(setting)
    _hide("guard" in config["layers"])
    setting.base_bytes = address_space()
    setting.confine = lock_down(config)
    gc.collect()
    gc.freeze()
    gc.disable()
    _serve(control, setting)


def _hide(guarded: bool) -> None:
    """Take what leads elsewhere out of easy reach; silence warnings, which nobody reads."""
    if guarded:
        guard.close_loaders()
    _warnings.filters[:] = [("ignore", None, Warning, None, 0)]
    for name in (*HIDDEN, *[name for name in sys.modules if name.startswith("sandbox")]):
        sys.modules.pop(name, None)
    sys.argv[:] = [""]
    sys.path[:] = [each for each in sys.path if each.startswith(sys.base_prefix)]


def _serve(control: "socket", setting: child.Setting) -> None:
    previous = 0
    while True:
        message, attached, _, _ = control.recvmsg(1, 64)
        if previous and LINUX:
            posix.waitpid(previous, 0)
        if not message:
            return
        job = _descriptor(attached)
        previous = posix.fork()
        if previous == 0:
            control.close()
            child.serve(socket(fileno=job), setting)
        posix.close(job)
        control.send(previous.to_bytes(8, "little"))
        control.send(_end(previous).to_bytes(8, "little", signed=True))


def _descriptor(attached: "list[tuple[int, int, bytes]]") -> int:
    for level, kind, data in attached:
        if (level, kind) == (SOL_SOCKET, SCM_RIGHTS):
            return int.from_bytes(data[:4], sys.byteorder)
    raise OSError("a job without its socket")


def _end(pid: int) -> int:
    """Wait for a child's end; return its exit code or minus its signal.

    It is not buried yet, except on systems whose Python has no waitid.
    """
    if not LINUX:
        status = posix.waitpid(pid, 0)[1]
        return -posix.WTERMSIG(status) if posix.WIFSIGNALED(status) else posix.WEXITSTATUS(status)
    seen = posix.waitid(posix.P_PID, pid, posix.WEXITED | posix.WNOWAIT)
    if seen is None:
        raise OSError("no child to wait for")
    return seen.si_status if seen.si_code == posix.CLD_EXITED else -seen.si_status
