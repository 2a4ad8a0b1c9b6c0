"""Fixed mutation operators: small edits of a program that leave every other line as it was."""

from sinq_jax.programs.mutation.mutants import Mutant, mutants

__all__ = ["Mutant", "mutants"]
