"""The trusted side of one server process: start it and hand it jobs.

A job travels over a socket pair made for it alone. The child's frames come back on the same pair,
so neither the server nor any other child ever holds them.
"""

from __future__ import annotations

import marshal
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from sandbox.children import STOP_S, Bounds, Child, Run, patience

PACKAGE = Path(__file__).parent
BOOT = (
    "import sys; package = type(sys)('sandbox'); package.__path__ = [sys.argv.pop(1)]; "
    "sys.modules['sandbox'] = package; from sandbox.{module} import main; main()"
)
END_S = 0.25
KEPT_VARIABLES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


class ServerLostError(Exception):
    """The server process died or stopped to answer; its job has no outcome."""


def command(module: str, *arguments: str) -> list[str]:
    """Return the command of a clean interpreter that runs `sandbox.<module>.main`."""
    start = [sys.executable, "-s", "-S", "-P", "-c", BOOT.format(module=module)]
    return [*start, str(PACKAGE), *arguments]


def environment(**more: str) -> dict[str, str]:
    """Return the almost empty environment of the sandbox's own processes."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    return {**kept, **more}


class Server:
    """One warm server process for one tier of modules and one hash seed."""

    def __init__(self, config: dict[str, Any], hash_seed: int) -> None:
        """Start the process; config is what `sandbox.inside.server` reads."""
        ours, theirs = socket.socketpair()
        arguments = (str(theirs.fileno()), marshal.dumps(config).hex())
        self._process = subprocess.Popen(
            command("inside.server", *arguments),
            env=environment(PYTHONHASHSEED=str(hash_seed), LD_BIND_NOW="1"),
            pass_fds=(theirs.fileno(), *([config["ruleset"]] if config["ruleset"] else [])),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        theirs.close()
        patience(ours, socket.SO_RCVTIMEO, STOP_S)
        patience(ours, socket.SO_SNDTIMEO, STOP_S)
        self._control = ours

    def close(self) -> None:
        """End the process: by itself, which buries its last child, or by force if it is busy."""
        self._control.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def run(self, job: bytes, bounds: Bounds) -> Run:
        """Run one job in a fresh child; raise ServerLostError when the server itself fails."""
        ours, theirs = socket.socketpair()
        started = time.monotonic()
        try:
            with ours:
                with theirs:
                    socket.send_fds(self._control, [b"j"], [theirs.fileno()])
                child = Child(self._control, ours, bounds)
                run = child.watch(job)
        except OSError as error:
            raise ServerLostError(str(error)) from error
        run.wall_s = time.monotonic() - started
        return run
