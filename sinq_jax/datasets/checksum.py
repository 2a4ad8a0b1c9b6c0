"""Whether a file is the one that was published."""

import hashlib
from pathlib import Path

from sinq_jax.datasets.errors import DatasetError
from sinq_jax.datasets.published import Published


def checksum_line(path: Path, published: Published) -> str:
    """One line that says whether the bytes of ``path`` are the published ones."""
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise DatasetError(
            f"{path}: expected {published.name}'s file, got {error.strerror}; check --path"
        ) from error
    if digest == published.sha256:
        return f"{path}: the published bytes (sha256 {digest})"
    return f"{path}: not the published bytes: sha256 {digest}, published {published.sha256}"
