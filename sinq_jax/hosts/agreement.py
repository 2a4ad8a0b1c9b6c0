"""Whether hosts can go in step at all: the same command, code and data, and one workdir."""

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sinq_jax.config import Config, ConfigError
from sinq_jax.config.schema import flatten
from sinq_jax.config.workdir import surroundings
from sinq_jax.hosts.face import Hosts

OWN = frozenset({"model.path", "sandbox.workers", "sandbox.require"})
"""Settings that may differ from host to host: the weights are known by their fingerprint, and each
sandbox is as its machine allows."""
APPEARS_S = 30.0
"""Seconds until a file that one machine wrote has to be seen by the others."""


def expect_same_command(hosts: Hosts, config: Config) -> None:
    """Raises ``ConfigError`` on all hosts, naming what one of them has otherwise."""
    first, *others = hosts.exchange_json("the command", _told(config))
    for number, other in enumerate(others, start=1):
        differing = [
            f"{name} {value!r} -> {other.get(name)!r}"
            for name, value in first.items()
            if other.get(name) != value
        ]
        if differing:
            raise ConfigError(
                f"host {number}: expected the command and the code of host 0, got "
                f"{'; '.join(differing)}; start all hosts alike"
            )


def _told(config: Config) -> Mapping[str, Any]:
    here = surroundings([])
    settings = {name: value for name, value in flatten(config).items() if name not in OWN}
    return {**settings, **here["packages"], "git": here["git"], "python": here["python"]}


def expect_same_workdir(hosts: Hosts, workdir: Path) -> None:
    """Raises ``ConfigError`` where a host does not see what the first one wrote there."""
    file = workdir / "config.json"
    wanted = hosts.of_first("the workdir", lambda: _digest(file))
    until = time.monotonic() + APPEARS_S
    while _digest(file) != wanted:
        if time.monotonic() > until:
            raise ConfigError(
                f"--workdir: expected the directory that host 0 writes to, got {str(workdir)!r} "
                f"without its config.json; host {hosts.number} needs one that all hosts share"
            )
        time.sleep(0.2)


def expect_same_data(hosts: Hosts, checksums: Mapping[str, str]) -> None:
    """Raises ``ConfigError`` on all hosts where ``checksums``, those of the data of each benchmark,
    differ from host to host.
    """
    first, *others = hosts.exchange_json("data of benchmarks", dict(checksums))
    for number, other in enumerate(others, start=1):
        names = sorted(first.keys() | other.keys())
        differing = [name for name in names if first.get(name) != other.get(name)]
        if differing:
            raise ConfigError(
                f"--config.suites.data: expected host {number} to have the data of host 0, got "
                f"other data, or none, of {', '.join(differing)}; give all hosts the same files"
            )


def _digest(file: Path) -> str | None:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return None
