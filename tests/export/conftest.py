"""One workdir with games of two rounds, and what was exported from it."""

from pathlib import Path

import pytest

from sinq_jax.export.job import write_export
from tests.export.scene import CONFIG, write_workdir


@pytest.fixture(scope="session")
def workdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Exported once; not to be written to."""
    path = write_workdir(tmp_path_factory.mktemp("run"))
    write_export(CONFIG, path)
    return path
