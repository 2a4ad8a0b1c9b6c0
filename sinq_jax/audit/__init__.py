"""Re-judge published games: how many of their proofs hold, and why the others do not."""

from sinq_jax.audit.judging import Audit, audit
from sinq_jax.audit.proofs import AuditError
from sinq_jax.audit.reading import read_files

__all__ = ["Audit", "AuditError", "audit", "read_files"]
