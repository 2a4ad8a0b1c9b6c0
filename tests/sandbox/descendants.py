"""The processes below one, read from /proc."""

from dataclasses import dataclass
from pathlib import Path

ZOMBIE = "Z"


@dataclass(frozen=True)
class Process:
    """One process: its id, its parent's, its state as a letter, and what it was started with."""

    pid: int
    parent: int
    state: str
    command: str

    @property
    def is_server(self) -> bool:
        """Whether it is a server, or a child of one that was not replaced by another program."""
        return "sandbox.inside.server" in self.command


def below(pid: int) -> list[Process]:
    """Return all descendants of a process, zombies too."""
    everyone = [each for each in map(_read, Path("/proc").glob("[0-9]*")) if each]
    found = [each for each in everyone if each.parent == pid]
    for parent in found:  # grows while it is walked
        found += [each for each in everyone if each.parent == parent.pid]
    return found


def _read(folder: Path) -> Process | None:
    try:
        state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
        command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return None  # it has ended meanwhile
    return Process(int(folder.name), int(parent), state, command)
