"""The workdir of a run: taken by one process at a time, and bound to one config.

``config.json`` is the first file of a workdir. It holds the resolved config and where it ran:
versions of the packages that matter, devices, git revision. A run resumes only under the config it
began with, apart from settings that cannot change results (``free`` in their sections).
"""

import fcntl
import json
import os
import platform
import subprocess
from collections.abc import Collection, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, Self, TextIO

from sinq_jax.config.config import Config
from sinq_jax.config.files import REPOSITORY
from sinq_jax.config.schema import ConfigError, flatten, nest, settings, unnest

PACKAGES = ("jax", "jaxlib", "flax", "optax", "orbax-checkpoint", "numpy", "sentencepiece")
LAYOUT = (
    *("mesh.data", "mesh.fsdp", "mesh.tensor", "mesh.replica"),
    *("rollout.fsdp", "rollout.tensor"),
)
"""Settings that move results in their last bits, like other devices."""
RESULTS = ("checkpoints", "metrics.jsonl", "games.sqlite")


class Workdir:
    """A directory that this process holds; ``notes`` are lines that people should be shown.

    Held until the end of the ``with`` block or of the process, however it ends. Of several
    processes that are one run, the first holds it for all.
    """

    def __init__(self, path: Path, *, hold: bool = True) -> None:
        """Create the directory where there is none and take it; ConfigError when that fails.

        Without ``hold`` nothing is done: another process of this run does it.
        """
        self.path = path
        self._lock = self._taken() if hold else None

    def _taken(self) -> TextIO:
        """The lock; as long as it is open, no other run gets it."""
        path = self.path
        try:
            path.mkdir(parents=True, exist_ok=True)
            lock = open(path / ".lock", "a")  # noqa: SIM115 - held as long as the object
        except OSError as error:
            raise ConfigError(
                f"--workdir: expected a directory to write to, got {str(path)!r} "
                f"({error.strerror}); choose another one"
            ) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise ConfigError(
                f"--workdir: expected a directory that no run is using, got {str(path)!r}, which "
                "another run holds; wait for it or choose another one"
            ) from None
        return lock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock:
            self._lock.close()

    def bind(self, config: Config, devices: Sequence[str]) -> tuple[str, ...]:
        """Write ``config.json``, or hold a resumed run to the one that is there.

        Returns notes for people: one line for each thing that is not as it was when the run began
        and may change results. Raises ConfigError naming every differing setting with both values.
        """
        now = surroundings(devices)
        before = self.read()
        if before is None:
            self._write({"config": nest(flatten(config)), **now, "resumed": []})
            return ()
        settings_before = unnest(before["config"])
        differences = compare(settings_before, config)
        if differences:
            raise ConfigError(
                f"{self.path}: expected the config this run began with, got "
                f"{'; '.join(differences)}; give the old values or choose another --workdir"
            )
        last = before["resumed"][-1] if before["resumed"] else {key: before[key] for key in now}
        resumed = before["resumed"] + ([now] if now != last else [])
        self._write({**before, "config": nest(flatten(config)), "resumed": resumed})
        changed = [
            f"under another {key}: {now[key]}, before: {last[key]}"
            for key in now
            if now[key] != last[key]
        ]
        changed += [f"with {each}" for each in compare(settings_before, config, LAYOUT)]
        return tuple(f"resumed {each}; results may differ in the last bits" for each in changed)

    def read(self) -> dict[str, Any] | None:
        """Return what ``config.json`` holds, None in a fresh directory; ConfigError if broken."""
        file = self.path / "config.json"
        if not file.exists():
            self._expect_no_results()
            return None
        try:
            record: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            if not record.keys() >= {"config", "resumed", *surroundings([])}:
                raise ValueError("keys are missing")
        except (OSError, ValueError, AttributeError) as error:
            raise ConfigError(
                f"{file}: expected what a run writes there, got something else ({error}); "
                "restore it or choose another --workdir"
            ) from None
        return record

    def _expect_no_results(self) -> None:
        left = [name for name in RESULTS if (self.path / name).exists()]
        if left:
            raise ConfigError(
                f"--workdir: expected config.json beside {left[0]} in {str(self.path)!r}, got "
                "none; restore it or choose another one"
            )

    def _write(self, record: dict[str, Any]) -> None:
        """Replace ``config.json`` in one step, so that no moment shows half of it."""
        file = self.path / "config.json"
        half = self.path / "config.json.new"
        try:
            with half.open("w", encoding="utf-8") as stream:
                json.dump(record, stream, indent=2)
                stream.write("\n")
                stream.flush()
                os.fsync(stream.fileno())
            half.replace(file)
        except OSError as error:
            raise ConfigError(
                f"{file}: expected to write it, got {error.strerror}; make room or choose "
                "another --workdir"
            ) from None


def compare(
    before: dict[str, object], config: Config, names: Collection[str] | None = None
) -> list[str]:
    """Return ``name old -> new`` for every setting of these names that differs; None stands for
    those that can change results. A setting that ``before`` does not have is younger than it, and
    counts as its default: there a run is what it was.
    """
    now, before = flatten(config), {**flatten(Config()), **before}
    if names is None:
        free = {each.name for each in settings(Config) if each.free}
        names = [name for name in dict.fromkeys([*now, *before]) if name not in free]
    return [
        f"{name} {before[name]!r} -> {now.get(name, 'unset')!r}"
        for name in names
        if before[name] != now.get(name)
    ]


def surroundings(devices: Sequence[str]) -> dict[str, Any]:
    """Return what surrounds a run: Python, system, versions of packages, devices, git revision."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "packages": {name: _version(name) for name in PACKAGES},
        "devices": list(devices),
        "git": _revision(),
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _revision() -> str | None:
    """Return the commit of this code, ending in -dirty where files differ; None without git."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
