"""``audit.html``: the tables, and every disputed proof to read with the edit marked in it."""

from collections.abc import Sequence
from itertools import groupby

from sandbox.records import VERDICTS
from sinq_jax.audit.judging import Audit, Judged
from sinq_jax.audit.reasons import Finding
from sinq_jax.audit.table import by_difficulty, by_file, reasons, remarks, summary
from sinq_jax.report.cards import LONGEST_TEXT, chip, outcomes
from sinq_jax.report.diff import diff_listing
from sinq_jax.report.frame import document, table_element
from sinq_jax.report.html import Child, Markup, element, shortened

MOST_CARDS = 200
MOST_PLACES = 4
INTRODUCTION = (
    "A proof is an input on which a published variant Q is said to differ from its original P. "
    "Shown are those that do not hold, and those that hold only because two exceptions of one "
    "type carry different messages. In a listing, - marks lines of P alone, + lines of Q alone."
)


def audit_page(audit: Audit) -> str:
    """Return the whole page as HTML, self-contained; the same audit gives the same page."""
    order = sorted(
        (each for each in audit.judged if each.finding.disputed),
        key=lambda each: (VERDICTS.index(each.finding.verdict), each.finding.reason),
    )
    groups = [(found, list(group)) for found, group in groupby(order, lambda each: each.finding)]
    return document(
        "Audit of published games",
        element(
            "header",
            element("p", "Semantic Inequivalence Game", class_="kicker"),
            element("h1", "Audit of published games"),
            element("p", summary(audit)),
        ),
        _section("By difficulty", table_element(by_difficulty(audit))),
        _section("By file", table_element(by_file(audit))),
        _section("Reasons", table_element(reasons(audit))),
        _section("How to read this", _bullets([INTRODUCTION, *remarks(audit), _conditions(audit)])),
        [_group(found, group) for found, group in groups],
    )


def _group(found: Finding, group: Sequence[Judged]) -> Markup:
    rest = len(group) - MOST_CARDS
    return _section(
        f"{found.verdict}: {found.reason} ({len(group):,})",
        [_card(judged) for judged in group[:MOST_CARDS]],
        element("p", f"and {rest:,} more in receipts.jsonl") if rest > 0 else None,
    )


def _card(judged: Judged) -> Markup:
    proof, judgement = judged.proof, judged.judgement
    receipt = {
        "original": judgement.original and judgement.original.to_json(),
        "variant": judgement.variant and judgement.variant.to_json(),
    }
    return element(
        "article",
        element(
            "header",
            element("h3", chip(judged.finding.verdict), " ", judged.finding.reason),
            element("p", _where(judged), class_="facts"),
        ),
        diff_listing(*map(_tidy, (proof.original, proof.variant))),
        element("p", "Input", class_="proof"),
        element("pre", element("code", shortened(proof.input.strip(), LONGEST_TEXT))),
        element("p", "Outcomes", outcomes(receipt) or ": not run", class_="proof"),
        class_="game",
    )


def _where(judged: Judged) -> str:
    levels = ", ".join(map(str, judged.levels)) or "unknown"
    places = [row.place for row in judged.rows]
    more = f" and {len(places) - MOST_PLACES} more" if len(places) > MOST_PLACES else ""
    return (
        f"{judged.proof.entry_point} · difficulty {levels} · proof {judged.proof.id} · "
        f"{', '.join(places[:MOST_PLACES])}{more}"
    )


def _tidy(source: str) -> str:
    """The program without blanks at its line ends, and with CRLF as the LF that Python reads it
    as: neither is an edit. Texts over several lines may own their blanks, so these keep them.
    """
    source = source.replace("\r\n", "\n")
    if any(quotes in source for quotes in ('"""', "'''")):
        return source
    return "\n".join(line.rstrip() for line in source.split("\n"))


def _conditions(audit: Audit) -> str:
    told = ", ".join(f"{key} {value}" for key, value in audit.conditions.items())
    return f"Judged under: {told}. Each receipt can be given to python -m sandbox check again."


def _section(title: str, *content: Child) -> Markup:
    return element("section", element("h2", title), *content)


def _bullets(sentences: Sequence[str]) -> Markup:
    return element("ul", [element("li", sentence) for sentence in sentences])
