"""One audit of every case of the scene, made once."""

import pytest

from sinq_jax.audit.judging import Audit, audit
from sinq_jax.audit.reading import read_files
from tests.audit.scene import CASES, LIMITS, write_all


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    paths = write_all(tmp_path_factory.mktemp("audit"), *CASES)
    return audit(read_files(paths), workers=2, limits=LIMITS)
