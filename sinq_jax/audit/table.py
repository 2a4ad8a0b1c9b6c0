"""The audit in figures: how many proofs hold, by difficulty and by file, and why the others do not.

Every proof counts once, however many rows publish it, at the difficulty of its first row. Intervals
resample whole originals: proofs about one original share its text and its traps, so they are no
independent trials, and Wilson's interval over proofs would claim too much.
"""

from collections import Counter
from collections.abc import Sequence

from sandbox.records import VERDICTS
from sinq_jax.audit.judging import Audit, Judged
from sinq_jax.audit.reasons import MESSAGE_ONLY
from sinq_jax.report.closing import Line, Table, as_text
from sinq_jax.statistics import Estimate, clustered_rate

BANDS = (("0-4", range(5)), ("5-9", range(5, 10)), ("10", range(10, 11)))
MOST_FAULTS = 10
_COUNTED = ("proofs", "hold", "95% interval", "by message only", *VERDICTS[1:])


def text_report(audit: Audit) -> str:
    """Return all that the command prints, without a line end at its end."""
    parts = [summary(audit), *map(as_text, (by_difficulty(audit), by_file(audit), reasons(audit)))]
    return "\n\n".join([*parts, "\n".join(remarks(audit))])


def summary(audit: Audit) -> str:
    """Return the result in one sentence."""
    judged = audit.judged
    rows = sum(len(source.rows) for source in audit.sources)
    holding = [each for each in judged if each.finding.holds]
    by_message = sum(each.finding.reason == MESSAGE_ONLY for each in holding)
    return (
        f"{len(holding):,} of {len(judged):,} proofs hold ({_percent(_holding(judged))}), "
        f"{by_message:,} of them only by the message of an exception. "
        f"Published in {_many(rows, 'row')} of {_many(len(audit.sources), 'file')}, "
        f"about {_many(len({_original(each) for each in judged}), 'original')}."
    )


def broken_line(count: int) -> str:
    """Return what to say of proofs that the sandbox failed at."""
    return f"sandbox: expected to judge every proof, failed at {count}; run the same command again"


def by_difficulty(audit: Audit) -> Table:
    """Return a line for each difficulty, for bands of them, and for all proofs."""
    levels = sorted({each.level for each in audit.judged if each.level is not None})
    groups = [(str(level), _at(audit, range(level, level + 1))) for level in levels]
    groups += [(name, _at(audit, band)) for name, band in BANDS if len(band) > 1]
    groups += [("unknown", [each for each in audit.judged if each.level is None])]
    lines = [Line(name, _cells(group)) for name, group in groups if group]
    return Table(("difficulty", *_COUNTED), (*lines, Line("all", _cells(audit.judged))))


def by_file(audit: Audit) -> Table:
    """Return a line for each file, with its rows and the different proofs in them, and for all."""
    of_proof = {each.proof: each for each in audit.judged}
    lines = []
    for source in audit.sources:
        group = [of_proof[proof] for proof in dict.fromkeys(row.proof for row in source.rows)]
        lines.append(Line(source.name, (f"{len(source.rows):,}", *_cells(group))))
    rows = sum(len(source.rows) for source in audit.sources)
    lines.append(Line("all, each proof once", (f"{rows:,}", *_cells(audit.judged))))
    return Table(("file", "rows", *_COUNTED), tuple(lines))


def reasons(audit: Audit) -> Table:
    """Return a line for each verdict and reason, counted in all and by bands of difficulty."""
    bands = [("all", audit.judged), *((name, _at(audit, band)) for name, band in BANDS)]
    bands += [("unknown", [each for each in audit.judged if each.level is None])]
    bands = [(name, group) for name, group in bands if group or name == "all"]
    counts = [Counter(map(_ruling, group)) for _, group in bands]
    order = sorted(counts[0], key=lambda key: (VERDICTS.index(key[0]), -counts[0][key], key))
    lines = [
        Line(f"{verdict}: {reason}", tuple(f"{count[verdict, reason]:,}" for count in counts))
        for verdict, reason in order
    ]
    return Table(("verdict: reason", *(name for name, _ in bands)), tuple(lines))


def remarks(audit: Audit) -> list[str]:
    """Return what a reader must know about the figures, and what could not be read."""
    several = sum(len(each.levels) > 1 for each in audit.judged)
    told = [
        "Each proof counts once, at the difficulty of its first row"
        + (f" ({several:,} were published with several)." if several else "."),
        "Intervals resample whole originals, whose proofs succeed and fail together.",
    ]
    unclaimed = sum(source.unclaimed for source in audit.sources)
    if unclaimed:
        told.append(f"{_many(unclaimed, 'game')} claimed no proof, so there is none to judge.")
    faults = [fault for source in audit.sources for fault in source.faults]
    if faults:
        told.append(f"{_many(len(faults), 'line')} could not be read:")
        told += [f"  {fault}" for fault in faults[:MOST_FAULTS]]
        told += [f"  and {len(faults) - MOST_FAULTS:,} more"] if len(faults) > MOST_FAULTS else []
    return told


def _at(audit: Audit, levels: range) -> list[Judged]:
    return [each for each in audit.judged if each.level is not None and each.level in levels]


def _ruling(judged: Judged) -> tuple[str, str]:
    return judged.finding.verdict, judged.finding.reason


def _original(judged: Judged) -> tuple[str, str]:
    return judged.proof.entry_point, judged.proof.original


def _holding(group: Sequence[Judged]) -> Estimate:
    holds = [float(each.finding.holds) for each in group]
    return clustered_rate(holds, [_original(each) for each in group])


def _cells(group: Sequence[Judged]) -> tuple[str, ...]:
    if not group:
        return ("0", *["-"] * (len(_COUNTED) - 1))
    verdicts = Counter(each.finding.verdict for each in group)
    by_message = sum(each.finding.reason == MESSAGE_ONLY for each in group)
    share, _, interval = _percent(_holding(group)).partition(" ")
    counts = (by_message, *(verdicts[verdict] for verdict in VERDICTS[1:]))
    return (f"{len(group):,}", share, interval, *(f"{count:,}" for count in counts))


def _percent(estimate: Estimate) -> str:
    """Return ``92.9% [91.2, 94.4]``, or a dash where nothing was counted."""
    if not estimate.n:
        return "-"
    return f"{100 * estimate.value:.1f}% [{100 * estimate.low:.1f}, {100 * estimate.high:.1f}]"


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
