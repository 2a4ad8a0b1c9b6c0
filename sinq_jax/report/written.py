"""Pages and figures on the disk: there whole or not at all."""

from pathlib import Path

from sinq_jax.report.run_files import ReportError
from sinq_jax.whole_file import write_whole


def write_text(path: Path, text: str) -> None:
    """Write a file in one step; ReportError when the disk refuses."""
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise ReportError(
            f"{path}: expected to write it, got {error.strerror}; make room or mend permissions"
        ) from error
