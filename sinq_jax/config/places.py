"""Which of a run's processes this one is, as the command line says it."""

from dataclasses import dataclass
from typing import Literal

from sinq_jax.config.schema import ConfigError

AUTO: Literal["auto"] = "auto"


@dataclass(frozen=True)
class Place:
    """Process ``number`` of ``count``; the first one waits for the others at ``host:port``."""

    host: str
    port: int
    count: int
    number: int


Places = Place | Literal["auto"] | None
"""None: a run of one process. ``auto``: what the TPU pod or the Slurm job around it says."""


def read_place(coordinator: str | None, processes: str | None, process: str | None) -> Places:
    """Return what the three flags say together; ConfigError where they do not fit together."""
    if processes == AUTO:
        _expect_alone(coordinator, process)
        return AUTO
    given = {"--coordinator": coordinator, "--processes": processes, "--process": process}
    missing = [flag for flag, value in given.items() if value is None]
    if len(missing) == len(given):
        return None
    if missing:
        raise ConfigError(
            f"{missing[0]}: expected --coordinator, --processes and --process together, got none; "
            "add it, or use --processes=auto on a TPU pod or under Slurm"
        )
    host, port = _address(str(coordinator))
    count = _number("--processes", str(processes), 1, None)
    return Place(host, port, count, _number("--process", str(process), 0, count - 1))


def _expect_alone(coordinator: str | None, process: str | None) -> None:
    if coordinator is not None or process is not None:
        flag = "--coordinator" if coordinator is not None else "--process"
        raise ConfigError(
            f"{flag}: expected none beside --processes=auto, which finds them, got one; drop it"
        )


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 2**16:
        raise ConfigError(
            f"--coordinator: expected HOST:PORT of the first process, got {text!r}; write it as "
            "10.0.0.1:8476"
        )
    return host.strip("[]"), int(port)


def _number(flag: str, text: str, low: int, high: int | None) -> int:
    if text.isdecimal() and low <= int(text) and (high is None or int(text) <= high):
        return int(text)
    wanted = f"a number from {low}" + ("" if high is None else f" to {high}")
    raise ConfigError(f"{flag}: expected {wanted}, got {text!r}; number the processes from 0")
