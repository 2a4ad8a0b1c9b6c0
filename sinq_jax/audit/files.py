"""Files of results (``receipts.jsonl``, ``audit.html``): each there whole or not at all."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sinq_jax.audit.judging import Audit
from sinq_jax.audit.page import audit_page
from sinq_jax.audit.proofs import AuditError
from sinq_jax.audit.receipts import receipts

RECEIPTS, PAGE = "receipts.jsonl", "audit.html"


def prepare_folder(path: str | Path, names: Sequence[str] = (RECEIPTS, PAGE)) -> Path:
    """Return the folder for these files, made if it was missing; AuditError, before any work, if it
    is no use.
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(folder / names[0], [], keep=True)
    except OSError as error:
        raise _unwritable(folder, names, error) from error
    return folder


def write_audit(folder: Path, audit: Audit) -> list[Path]:
    """Write both files and return their paths; AuditError when the disk refuses.

    The same games give the same files, to the byte.
    """
    return write_parts(folder, {RECEIPTS: receipts(audit), PAGE: [audit_page(audit)]})


def write_parts(folder: Path, contents: Mapping[str, Iterable[str]]) -> list[Path]:
    """Write each file, which is given in parts; return the paths. AuditError when the disk
    refuses.
    """
    try:
        return [_replace(folder / name, parts) for name, parts in contents.items()]
    except OSError as error:
        raise _unwritable(folder, [*contents], error) from error


def _replace(path: Path, parts: Iterable[str], *, keep: bool = False) -> Path:
    """Write beside the file and then move over it, or (``keep``) only see that this works."""
    half = path.with_name(f"{path.name}.new")
    try:
        with half.open("w", encoding="utf-8") as file:
            file.writelines(parts)
        if not keep:
            os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)
    return path


def _unwritable(folder: Path, names: Sequence[str], error: OSError) -> AuditError:
    return AuditError(
        f"{folder}: expected to write {' and '.join(names)} there, got {error.strerror}; "
        "make room, mend permissions or give another --out"
    )
