"""One game as a person reads it: Q's edit, the generator's proof, the evaluator's answers."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sinq_jax.game.difficulty import level
from sinq_jax.game.records import Answer, Game
from sinq_jax.report.diff import diff_listing
from sinq_jax.report.html import Markup, element, joined, shortened

LONGEST_TEXT = 600
LONGEST_OUTCOME = 200


def game_card(game: Game) -> Markup:
    """Return an admitted game as an article: edit, proof, answers with verdicts."""
    return element(
        "article",
        _head(game),
        diff_listing(game.program.source, game.proposal.variant) if game.proposal else None,
        _proof(game),
        _answers(game),
        class_="game",
    )


def refusal_card(game: Game) -> Markup:
    """Return a refused variant as an article: why, and the edit or, unparsed, what was written."""
    if game.proposal:
        body = joined(diff_listing(game.program.source, game.proposal.variant), _proof(game))
    else:
        text = shortened(game.completion.text, LONGEST_TEXT)
        body = joined(
            element("p", "The original, and what the generator wrote:"),
            element("pre", shortened(game.program.source, LONGEST_TEXT)),
            element("pre", text, class_="written"),
        )
    title = element("h3", chip(game.admission.verdict), " ", game.admission.reason)
    return element("article", element("header", title, _where(game)), body, class_="game")


def _head(game: Game) -> Markup:
    n, s = len(game.answers), game.solved
    title = f"Difficulty {level(s, n)}: {s} of {n} answers diverge" if n else "No answers"
    return element("header", element("h3", title), _where(game))


def _where(game: Game) -> Markup:
    facts = [game.program.name, f"round {game.round}", f"target {game.target}"]
    if game.density:
        diverging, tried = game.density
        facts.append(f"differs on {diverging} of {tried} inputs")
    return element("p", " · ".join(facts), class_="facts")


def _proof(game: Game) -> Markup | None:
    if game.proposal is None:
        return None
    given = element("code", shortened(game.proposal.input, LONGEST_TEXT))
    return element(
        "p", "Generator's input ", given, outcomes(game.admission.receipt), class_="proof"
    )


def _answers(game: Game) -> Markup | None:
    if not game.answers:
        return None
    counts = Counter(map(_shown, game.answers))
    first = {_shown(answer): answer for answer in reversed(game.answers)}
    order = sorted(counts, key=lambda shown: (shown[1] != "diverges", -counts[shown], shown))
    rows = [
        element(
            "tr",
            element("td", f"{counts[shown]} x", class_="number"),
            element("td", element("code", shortened(shown[0], LONGEST_TEXT))),
            element("td", chip(shown[1]), " ", shown[2] if shown[1] != "diverges" else None),
            element("td", outcomes(first[shown].ruling.receipt)),
        )
        for shown in order
    ]
    return element("table", element("tbody", rows), class_="answers")


def _shown(answer: Answer) -> tuple[str, str, str]:
    """What makes two answers the same line: the text, the verdict and its reason."""
    if answer.claims_equivalent:
        text = "equivalent"
    else:
        text = answer.completion.text if answer.input is None else answer.input
    return text, answer.ruling.verdict, answer.ruling.reason


def outcomes(receipt: Mapping[str, Any]) -> Markup | None:
    """Return what P and Q did, as far as a receipt holds it; None where it holds neither."""
    told = [
        (name, outcome)
        for name, key in (("P", "original"), ("Q", "variant"))
        if (outcome := _outcome(receipt.get(key)))
    ]
    if not told:
        return None
    return element(
        "span",
        [element("span", element("b", name), " ", element("code", text)) for name, text in told],
        class_="outcomes",
    )


def _outcome(outcome: Any) -> str | None:
    if not isinstance(outcome, Mapping) or "status" not in outcome:
        return None
    if outcome["status"] == "returned":
        return shortened(str(outcome.get("value")), LONGEST_OUTCOME)
    detail = outcome.get("error")
    text = f"{outcome['status']}: {detail}" if detail else str(outcome["status"])
    return shortened(text, LONGEST_OUTCOME)


def chip(verdict: str) -> Markup:
    """Return a verdict as a coloured label."""
    return element("span", verdict, class_=f"chip {verdict}")
