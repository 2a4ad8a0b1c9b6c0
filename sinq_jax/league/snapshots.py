"""Past players on the disk: ``DIR/league/40/`` holds what the players of round 40 sampled with."""

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sinq_jax.checkpoint import CheckpointError, Checkpoints
from sinq_jax.checkpoint_record import Contents, Progress
from sinq_jax.hosts import ALONE, Hosts
from sinq_jax.players import Learner, Players, resting

FOLDER = "league"


@dataclass(frozen=True)
class Snapshots:
    """The kept players of a run, under ``workdir/league``: weights or adapters, no optimizers.

    Each is one checkpoint of its own, written whole or not at all and checked when it is read.
    Every method raises ``CheckpointError`` when the disk refuses or a snapshot is damaged. All
    hosts of a run call them together.
    """

    workdir: Path
    learner: Learner
    hosts: Hosts = ALONE

    def keep(self, number: int, players: Players) -> None:
        """Saves the players of round ``number``, in place of any that are there. What else a run
        carries beside the two of them is left out.
        """
        params: Any = {name: {"params": players[name].params} for name in self.learner.names}
        self._of(number).save(number, params, Progress(number, 0, number))

    def load(self, number: int) -> Players:
        """The players of round ``number``, to play and not to learn."""
        restored = self._of(number).restore(self.learner.template_to_play(), part=True)
        if restored is None:
            raise CheckpointError(
                f"{self._path(number)}: expected the players of round {number}, got none; put the "
                "folder back, or remove the workdir to start over"
            )
        parts: Any = restored.players
        return {name: resting(part["params"]) for name, part in parts.items()}

    def drop_all_but(self, needed: Collection[int]) -> None:
        """Removes the snapshots that are not needed, each in one step."""
        if not self.hosts.first:
            return
        for number in numbers(self.workdir):
            if number not in needed:
                gone = self._path(number).with_name(f"dropped-{number}")
                shutil.rmtree(gone, ignore_errors=True)
                self._path(number).rename(gone)
                shutil.rmtree(gone, ignore_errors=True)

    def _path(self, number: int) -> Path:
        return self.workdir / FOLDER / str(number)

    def _of(self, number: int) -> Checkpoints:
        return Checkpoints(self._path(number), 1, self.learner.origin.fingerprint, self.hosts)


def numbers(workdir: Path) -> list[int]:
    """The rounds whose players lie in a workdir, ascending."""
    folder = workdir / FOLDER
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return sorted(int(name) for name in names if name.isdecimal())


def contents(workdir: Path, number: int) -> Contents | None:
    """What a snapshot says it holds, its arrays unread; None where it was never finished."""
    return Checkpoints(workdir / FOLDER / str(number), 1).newest()
