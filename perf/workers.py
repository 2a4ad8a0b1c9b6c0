"""Arms as processes: each keeps its model loaded in its own interpreter, and works when asked."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from array import array
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


class ArmError(ValueError):
    """An arm that cannot work, or works on something else; the message is one line."""


class Worker:
    """An arm's process, which ends with this context manager; ``about`` is what it says of itself
    once its model is loaded.
    """

    def __init__(
        self, name: str, module: str, python: str, folder: Path, more: Mapping[str, str]
    ) -> None:
        self.name = name
        self.about: dict[str, Any] = {}
        self._log = folder / f"{name}.log"
        # Several arms share an accelerator, so none may take all of its memory.
        env = {**os.environ, "XLA_PYTHON_CLIENT_PREALLOCATE": "false", **more}
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [python, "-m", module, str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=ROOT,
                env=env,
            )

    def ask(self, do: str, **more: Any) -> dict[str, Any]:
        """What the arm answers. Raises ArmError where it has ended instead."""
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps({"do": do, **more}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None
        return self._answer()

    def logits(self) -> array[float]:
        """float32 logits of the first row's last tokens, one after the other."""
        return array("f", b64decode(self.ask("logits")["logits"]))

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise self._ended()
        told: dict[str, Any] = json.loads(line)
        return told

    def _ended(self) -> ArmError:
        status = self._process.wait()
        said = self._log.read_text(errors="replace").strip().splitlines() or ["nothing"]
        return ArmError(f"{self.name}: expected an answer, got exit status {status}: {said[-1]}")

    def __enter__(self) -> Worker:
        try:
            self.about = self._answer()
        except BaseException:
            self._end(at_once=True)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._end(at_once=kind is not None)

    def _end(self, at_once: bool) -> None:
        """Close its input, at which it ends; kill it if that takes long."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(timeout=0.1 if at_once else 30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def interpreter(package: str, asked: str | None) -> str | None:
    """The Python that has ``package``: the one asked for, or else this one; None: there is none.

    Raises ArmError where the one that was asked for cannot import it.
    """
    if asked is None:
        return sys.executable if importlib.util.find_spec(package) else None
    test = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
    try:
        found = subprocess.run([asked, "-c", test], capture_output=True, check=False).returncode
    except OSError as error:
        raise ArmError(f"{asked}: expected a Python, got: {error.strerror}") from error
    if found:
        raise ArmError(
            f"{asked}: expected a Python that has {package}, got one without it; install "
            f"perf/requirements-{package}.txt there"
        )
    return asked
