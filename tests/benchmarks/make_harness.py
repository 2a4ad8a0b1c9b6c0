"""Write the goldens of `test_harness` anew: ``python -m tests.benchmarks.make_harness``.

lm-evaluation-harness 0.4.13 and EvalPlus 0.3.1 have read them: run the test with
``SINQ_LM_EVAL_PYTHON`` and ``SINQ_EVALPLUS_PYTHON`` afterwards.
"""

import shutil
import tempfile
from pathlib import Path

from tests.benchmarks.test_harness import GOLDENS, written


def main() -> None:
    """Replace the files in the folder of goldens."""
    shutil.rmtree(GOLDENS, ignore_errors=True)
    GOLDENS.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        for name, path in written(Path(folder)).items():
            shutil.copy(path, GOLDENS / name)


if __name__ == "__main__":
    main()
