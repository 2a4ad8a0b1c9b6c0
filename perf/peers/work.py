"""What all arms are asked to do, in a file that each reads: one model, one job, the same tokens."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

FILE = "work.json"


@dataclass(frozen=True)
class Work:
    """``tokens`` has one row a prompt, or a text to learn, all of the same length. To each prompt
    ``new`` tokens are sampled for ``group`` completions; a round of training makes ``updates``.

    ``model`` is a Hugging Face directory with the weights, and ``config`` what its ``config.json``
    says. ``adapter_rank`` above 0: only adapters learn, on frozen weights.
    """

    job: Literal["sampling", "training"]
    model: str
    config: dict[str, Any]
    dtype: str
    tokens: list[list[int]]
    group: int = 1
    new: int = 0
    updates: int = 2
    adapter_rank: int = 0
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    beta1: float = 0.9
    beta2: float = 0.999

    def write(self, folder: Path) -> None:
        """Leave it in ``folder`` for the arms."""
        (folder / FILE).write_text(json.dumps(asdict(self)), encoding="utf-8")


def read(folder: Path) -> Work:
    """What ``Work.write`` left in ``folder``."""
    return Work(**json.loads((folder / FILE).read_text(encoding="utf-8")))
