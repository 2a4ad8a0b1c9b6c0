"""Questions about vulnerabilities: CodeXGLUE defect detection and PySecDB.

Sources: S. Lu et al., "CodeXGLUE" (2021), section 3.2, on the data of Y. Zhou et al., "Devign"
(NeurIPS 2019); S. Sun et al., "Exploring Security Commits in Python" (ICSME 2023).
"""

from sinq_jax.benchmarks.suites.data_file import DataFile, Row
from sinq_jax.benchmarks.suites.yes_no import Labelled, Question

PATCH_KEYS = ("diff_code", "diff", "patch", "code", "func")
LABEL_KEYS = ("label", "target", "category")
LABELS = {
    "1": True,
    "0": False,
    "true": True,
    "false": False,
    "security": True,
    "non-security": False,
    "nonsecurity": False,
}


def read_defects(file: DataFile) -> list[Labelled]:
    """The functions of a split as CodeXGLUE's preprocessing writes them."""

    def make(row: Row) -> Labelled:
        if row["target"] not in (0, 1):
            raise ValueError(f"the target {row['target']!r}")
        return Labelled(str(row["idx"]), _text(row, "func"), bool(row["target"]))

    return file.read(make, "func, target 0 or 1, and idx")


def read_pysecdb(file: DataFile) -> list[Labelled]:
    """The commits of the user's own file: a patch under one of `PATCH_KEYS` and a label, 0 or 1 or
    (non-)security, under one of `LABEL_KEYS`; PySecDB may not be passed on, so none is shipped.
    """
    numbers = iter(range(len(file.rows)))

    def make(row: Row) -> Labelled:
        number = next(numbers)
        patch = next((key for key in PATCH_KEYS if key in row), PATCH_KEYS[0])
        label = row[next((key for key in LABEL_KEYS if key in row), LABEL_KEYS[0])]
        said = LABELS.get(str(label).strip().lower())
        if said is None:
            raise ValueError(f"the label {label!r}")
        return Labelled(str(row.get("commit_id", number)), _text(row, patch), said)

    listed = f"a patch ({', '.join(PATCH_KEYS)}) and a label ({', '.join(LABEL_KEYS)})"
    return file.read(make, listed)


def _text(row: Row, key: str) -> str:
    if not isinstance(row[key], str) or not row[key].strip():
        raise ValueError(f"{key} that is no text")
    return str(row[key])


DEFECT = Question(
    "A C function from an open-source project:",
    "Does it have a security vulnerability?",
    read_defects,
    "Published: accuracy of trained classifiers on the 2,732 functions of the test split; ours "
    "asks the model without training it for the task.",
)
PYSECDB = Question(
    "A commit to a Python project:",
    "Does it fix a security vulnerability?",
    read_pysecdb,
    "Published: trained classifiers of commits; ours asks the model without training it for the "
    "task.",
)
