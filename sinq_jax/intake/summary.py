"""What an intake kept and left out, for people to read."""

from sinq_jax.intake.keeping import Intake
from sinq_jax.report.closing import Line, Table, as_text

MOST_FAULTS = 10


def text_summary(intake: Intake) -> str:
    """Return all that the command prints, without a line end at its end."""
    rows = sum(len(source.rows) for source in intake.sources)
    files = len(intake.sources)
    told = [
        f"{len(intake.kept):,} of {intake.read:,} variants are kept, published in {rows:,} rows of "
        f"{files:,} {'file' if files == 1 else 'files'}."
    ]
    if intake.left_out:
        told += ["", as_text(left_out(intake))]
    return "\n".join([*told, *_remarks(intake)])


def left_out(intake: Intake) -> Table:
    """Return a line for each reason why variants were left out, the commonest first."""
    order = sorted(intake.left_out.items(), key=lambda item: (-item[1], item[0]))
    return Table(
        ("left out because", "variants"),
        tuple(Line(reason, (f"{count:,}",)) for reason, count in order),
    )


def _remarks(intake: Intake) -> list[str]:
    told = []
    if intake.disproved:
        told.append(
            f"{intake.disproved:,} more inputs that answers had found do not hold: the levels that "
            "rest on them are left out."
        )
    unclaimed = sum(source.unclaimed for source in intake.sources)
    if unclaimed:
        told.append(f"{unclaimed:,} games claimed no proof, so there is none to judge.")
    faults = [fault for source in intake.sources for fault in source.faults]
    if faults:
        told.append(f"{len(faults):,} lines could not be read:")
        told += [f"  {fault}" for fault in faults[:MOST_FAULTS]]
        told += [f"  and {len(faults) - MOST_FAULTS:,} more"] if len(faults) > MOST_FAULTS else []
    return ["", *told] if told else []
