"""The layers of protection: which there are, which work here, and which are used.

A layer is one kind of protection that holds by itself. All are used wherever the machine allows it;
a demanded one that is missing is an error, and every optional one can be switched off.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sandbox import filters
from sandbox.identity import child_uid, why_no_uid
from sandbox.records import SandboxError
from sandbox.servers import command, environment

TRIAL_S = 30.0
REQUIRED = ("limits",)
LAYERS = {
    "limits": "CPU time, memory, output, files and processes are bounded",
    "guard": "an audit hook and a guarded import refuse what asks the interpreter",
    "user": "programs run as a user of their own",
    "system-calls": "a filter ends whoever makes a system call that no program needs",
    "landlock": "files, TCP, and signals to other processes are denied",
    "network": "programs have a network of their own, with nothing in it",
    "mounts": "programs see a file system that holds the standard library alone",
}
OPTIONAL = tuple(name for name in LAYERS if name not in REQUIRED)


@dataclass(frozen=True)
class Finding:
    """Whether one layer works here, and how, or why not and what to do."""

    layer: str
    active: bool
    how: str


class Layers:
    """The layers of one sandbox, with what its servers need to put them in place."""

    def __init__(self, require: Sequence[str] = (), without: Sequence[str] = ()) -> None:
        """Find out what works here.

        require: layers that must be there. without: layers to leave out. Raises SandboxError,
        in one line, for an unknown name and for a demanded layer that is missing.
        """
        known(require, "require", tuple(LAYERS))
        known(without, "without", OPTIONAL)
        self.findings = tuple(_switched_off(each, without) for each in survey())
        for each in self.findings:
            if each.layer in require and not each.active:
                raise SandboxError(
                    f"require: expected the layer {each.layer}, got none here ({each.how}); "
                    "`python -m sandbox doctor` shows all layers"
                )
        self.names = tuple(each.layer for each in self.findings if each.active)
        self._ruleset = filters.landlock(library()) if "landlock" in self.names else None
        self.descriptors = () if self._ruleset is None else (int(self._ruleset.fileno()),)

    def settings(self) -> dict[str, Any]:
        """Return what a lane needs to know, as JSON."""
        filtered = "system-calls" in self.names
        by_limit = "user" in self.names or os.geteuid() != 0  # RLIMIT_NPROC does not bind root
        return {
            "layers": list(self.names),
            "filter": filters.system_calls().hex() if filtered else "",
            "child_filter": filters.no_processes().hex() if filtered and not by_limit else "",
            "ruleset": self.descriptors[0] if self.descriptors else None,
        }

    def close(self) -> None:
        """Close what descriptors there are."""
        if self._ruleset is not None:
            self._ruleset.close()


def library() -> str:
    """Return the folder of the standard library, the one place that programs may read."""
    return sysconfig.get_path("stdlib")


def known(names: Sequence[str], where: str, among: Sequence[str]) -> None:
    """Raise SandboxError when one of names is not among the layers that may stand there."""
    for name in names:
        if name not in among:
            raise SandboxError(f"{where}: expected layers among {', '.join(among)}, got {name!r}")


def _switched_off(finding: Finding, without: Sequence[str]) -> Finding:
    if finding.layer in without and finding.active:
        return Finding(finding.layer, False, "switched off")
    return finding


@cache
def survey() -> tuple[Finding, ...]:
    """Return what was found out about every layer; it is tried once in each process."""
    tried = _tried()
    uid = child_uid()
    own_user = why_no_uid() or f"uid {uid}"
    return (
        Finding("limits", True, "setrlimit" if sys.platform == "linux" else "as far as they bind"),
        Finding("guard", True, "in every child, before it runs a program"),
        Finding("user", uid is not None, own_user),
        *(_finding(name, tried[name]) for name in ("system-calls", "landlock")),
        *(_finding(name, tried[name]) for name in ("network", "mounts")),
    )


def _finding(name: str, fault: str) -> Finding:
    how = {
        "system-calls": "seccomp, killing, inherited from the server",
        "landlock": "inherited from the server",
        "network": "own network and IPC namespaces",
        "mounts": "own mount namespace, read-only",
    }
    through = " through a user namespace" if os.geteuid() and name in ("network", "mounts") else ""
    return Finding(name, not fault, fault or how[name] + through)


def _tried() -> dict[str, str]:
    """Return for each layer of the kernel's why it does not work here; empty where it does."""
    faults = dict.fromkeys(("system-calls", "landlock", "network", "mounts"), "")
    if sys.platform != "linux":
        return dict.fromkeys(faults, "Linux only")
    with contextlib.ExitStack() as stack:
        program = _made(faults, "system-calls", filters.system_calls)
        ruleset = _made(faults, "landlock", lambda: filters.landlock(library()))
        if ruleset is not None:
            stack.callback(ruleset.close)
        room = stack.enter_context(tempfile.TemporaryDirectory(prefix="sandbox-"))
        settings = {
            "filter": (program or b"").hex(),
            "ruleset": ruleset and ruleset.fileno(),
            "room": room,
            "prefix": library(),
        }
        return {**_try(settings), **{name: why for name, why in faults.items() if why}}


def _made(faults: dict[str, str], name: str, make: Callable[[], Any]) -> Any:
    try:
        return make()
    except filters.MissingError as reason:
        faults[name] = str(reason)
        return None


def _try(settings: dict[str, Any]) -> dict[str, str]:
    """Put each layer in place in a process of its own; return what each failed with."""
    kept = () if settings["ruleset"] is None else (settings["ruleset"],)
    try:
        done = subprocess.run(
            command("trial", json.dumps(settings)),
            env=environment(),
            pass_fds=kept,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TRIAL_S,
            check=True,
        )
        told: dict[str, str] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError, OSError) as error:
        why = f"the trial of the layers failed: {error}"
        return dict.fromkeys(("system-calls", "landlock", "network", "mounts"), why)
    return told
