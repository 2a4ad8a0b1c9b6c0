"""The mistake that an export can meet."""

from sinq_jax.errors import SinqError


class ExportError(SinqError, ValueError):
    """Nothing can be exported; one line that says where, what was expected, and what to do."""
