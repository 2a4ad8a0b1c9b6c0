"""``report.html``: one self-contained page, from nothing but the files of a workdir."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from sinq_jax.game.store import GameStore, StoreError
from sinq_jax.report.alarms import alarm_lines
from sinq_jax.report.cards import game_card, refusal_card
from sinq_jax.report.choice import games_to_read, refusals_to_read
from sinq_jax.report.closing import closing_table
from sinq_jax.report.crossplay import crossplay_sections
from sinq_jax.report.curves import benchmark_charts, play_charts
from sinq_jax.report.difficulty import solved_by_round, target_against_measured, target_in_words
from sinq_jax.report.findings import caveats, findings, tiles
from sinq_jax.report.frame import document, table_element
from sinq_jax.report.html import Child, Markup, element, joined
from sinq_jax.report.learning import learning_charts
from sinq_jax.report.published import benchmark_sections, read_results
from sinq_jax.report.published_charts import benchmark_curves
from sinq_jax.report.run_files import ReportError, RunFiles, load_run
from sinq_jax.report.variety import archive_charts, equivalent_charts
from sinq_jax.report.wording import share_of
from sinq_jax.report.written import write_text

FILE_NAME = "report.html"
MOST_REASONS = 24
NOTHING_YET = "Nothing has been measured on held-out pairs yet."
VERDICTS = ("diverges", "same", "unstable", "invalid")


def write_report(workdir: str | Path, control: str | Path | None = None) -> Path:
    """Write ``report.html`` into a workdir and return its path.

    ``control`` is the workdir of a control arm to show beside it. The same files give the same
    page. Raises ReportError when a workdir cannot be read or the page cannot be written.
    """
    run = load_run(workdir)
    page = report_page(run, load_run(control) if control else None)
    path = run.path / FILE_NAME
    write_text(path, page)
    return path


def report_page(run: RunFiles, control: RunFiles | None = None) -> str:
    """Return the whole page as HTML; StoreError turns into ReportError."""
    name = str(run.config.get("name", run.path.name))
    sections = [*_figures(run, control), *_games(run), _method(run, control)]
    return document(f"{name}: report", _masthead(run, name), sections)


def _masthead(run: RunFiles, name: str) -> Markup:
    last = run.rows[-1] if run.rows else {"round": 0, "step": 0, "wall_s": 0}
    git = str(run.record.get("git") or "unknown")[:12]
    facts = [
        "self-play" if run.played else "control arm",
        f"seed {run.config.get('seed', 'unknown')}",
        f"round {last['round']:,}",
        f"step {last['step']:,}",
        f"{last['wall_s'] / 60:.1f} minutes",
        f"revision {git}",
    ]
    return element(
        "header",
        element("p", "Semantic Inequivalence Game", class_="kicker"),
        element("h1", name),
        element("p", " · ".join(facts), class_="facts"),
    )


def _figures(run: RunFiles, control: RunFiles | None) -> list[Markup]:
    table = closing_table(run.rows, played=run.played, control=control.rows if control else None)
    difficulty = [solved_by_round(run.entries), target_against_measured(run.entries)]
    words, alarms = target_in_words(run.entries), alarm_lines(run.rows)
    variants = Counter((entry.verdict, entry.reason) for entry in run.entries)
    return [
        section
        for section in (
            _section("In short", _tiles(run), _bullets(findings(run, control) or [NOTHING_YET])),
            _section("Alarms", _bullets(alarms)) if alarms else None,
            _section("Closing table", table_element(table)) if table.lines else None,
            _grid("Held-out measurements", benchmark_charts(run, control)),
            _grid("Games of play", play_charts(run.entries)),
            _grid("Difficulty", [one for one in difficulty if one], words),
            _grid("Variety", archive_charts(run)),
            _grid("Equivalent pairs", equivalent_charts(run, control)),
            *crossplay_sections(run.path),
            *benchmark_sections(run.path),
            _grid("Curves of published benchmarks", benchmark_curves(read_results(run.path))),
            _rulings("What the referee said of the variants", variants),
            _rulings("What the referee said of the answers", run.answer_rulings),
            _grid("Learning and speed", learning_charts(run)),
        )
        if section
    ]


def _tiles(run: RunFiles) -> Markup | None:
    shown = [
        element("div", element("span", title), element("strong", value), element("small", note))
        for title, value, note in tiles(run)
    ]
    return element("div", shown, class_="tiles") if shown else None


def _rulings(title: str, counts: Mapping[tuple[str, str], int]) -> Markup | None:
    """A table of reasons, with the rare ones of a long list summed up in its last row."""
    if not counts:
        return None
    total, most = sum(counts.values()), max(counts.values())
    ordered = sorted(counts, key=lambda key: (VERDICTS.index(key[0]), -counts[key], key))
    rows = [_ruling_row(*key, counts[key], total, most) for key in ordered[:MOST_REASONS]]
    if rare := ordered[MOST_REASONS:]:
        told = f"{len(rare):,} other reasons, {share_of(sum(counts[key] for key in rare), total)}"
        rows.append(element("tr", element("td"), element("td", told, colspan=3)))
    return _section(title, element("table", rows))


def _ruling_row(verdict: str, reason: str, count: int, total: int, most: int) -> Markup:
    return element(
        "tr",
        element("td", element("span", verdict, class_=f"chip {verdict}"), class_="verdict"),
        element("td", reason),
        element("td", share_of(count, total), class_="number"),
        element("td", element("meter", value=count / most, min=0, max=1), class_="meter"),
    )


def _games(run: RunFiles) -> list[Markup]:
    """Games to read; their texts are fetched one by one, so any number of games fits in memory."""
    if not run.entries:
        return []
    shown, refused = games_to_read(run.entries), refusals_to_read(run.entries)
    try:
        with GameStore(run.path / "games.sqlite", readonly=True) as store:
            cards = [game_card(store.game(entry.round, entry.position)) for entry in shown]
            refusals = [refusal_card(store.game(e.round, e.position)) for e in refused]
    except StoreError as error:
        raise ReportError(str(error)) from error
    sections = []
    if cards:
        how = "Chosen by rule, spread over difficulty and rounds; the hardest come first."
        sections.append(_section("Games to read", element("p", how), cards))
    if refusals:
        how = "The latest variant for each of the commonest reasons."
        sections.append(_section("Refused variants", element("p", how), refusals))
    return sections


def _method(run: RunFiles, control: RunFiles | None) -> Markup:
    settings = [
        element("tr", element("td", name), element("td", element("code", value)))
        for name, value in _flat(run.config)
    ]
    where = [
        element("tr", element("td", key), element("td", _told(run.record[key])))
        for key in ("python", "system", "devices", "packages", "git")
        if key in run.record
    ]
    details = element(
        "details",
        element("summary", "Config and surroundings"),
        element("table", where),
        element("table", settings),
    )
    return _section("How to read this", _bullets(caveats(control is not None)), details)


def _flat(config: object, prefix: str = "") -> list[tuple[str, str]]:
    if isinstance(config, dict):
        return [pair for key in config for pair in _flat(config[key], f"{prefix}{key}.")]
    return [(prefix.rstrip("."), _told(config))]


def _told(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_told(part)}" for key, part in value.items())
    if isinstance(value, list):
        return ", ".join(map(_told, value))
    return "none" if value in (None, "") else str(value)


def _grid(title: str, figures: Sequence[Markup], words: str | None = None) -> Markup | None:
    if not figures:
        return None
    return _section(title, words and element("p", words), element("div", figures, class_="grid"))


def _section(title: str, *content: Child) -> Markup:
    return element("section", element("h2", title), joined(*content))


def _bullets(lines: Sequence[str]) -> Markup | None:
    return element("ul", [element("li", line) for line in lines]) if lines else None
