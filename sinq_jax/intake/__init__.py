"""Published games brought in: judged again, and kept as data for players to learn from."""

from sinq_jax.intake.keeping import Intake, take_in

__all__ = ["Intake", "take_in"]
