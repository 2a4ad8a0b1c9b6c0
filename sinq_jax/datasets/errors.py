"""What can go wrong here."""

from sinq_jax.programs.program import ProgramSourceError


class DatasetError(ProgramSourceError):
    """One line: ``where: expected X, got Y; what to do``."""
