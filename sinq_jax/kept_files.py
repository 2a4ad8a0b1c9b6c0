"""Files of a run's data: each there as a whole, or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sinq_jax.config import ConfigError


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """The path of a draft, which becomes ``path`` when it is on the disk as a whole.

    Raises ``ConfigError`` where the disk refuses.
    """
    draft = path.with_suffix(path.suffix + ".part")
    try:
        path.parent.mkdir(exist_ok=True)
        yield draft
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise ConfigError(
            f"{path}: expected to write it, got {error.strerror}; make room or choose another "
            "--workdir"
        ) from None
