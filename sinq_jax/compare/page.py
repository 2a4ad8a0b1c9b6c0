"""``compare.html``: a comparison as one self-contained page."""

from collections.abc import Sequence

from sinq_jax.compare.arms import Arm
from sinq_jax.compare.contrasts import Contrast, sentence
from sinq_jax.compare.curves import arm_charts
from sinq_jax.compare.tables import arms_table, contrasts_table, seeds_table
from sinq_jax.report.crossplay import crossplay_sections
from sinq_jax.report.frame import document, table_element
from sinq_jax.report.html import Child, Markup, element, joined

CAVEATS = (
    "Arms are runs whose settings differ in the seed alone. Each arm is compared on the seeds that "
    "it shares with its reference, and these have the same held-out pairs.",
    "The test over seeds asks whether another seed would show the same; its n is the number of "
    "seeds. With few of them the t test leans on differences being normal; the test of signs does "
    "not, and with n seeds its p-value is never below 2 / 2^n.",
    "Tests over pairs ask whether other held-out pairs would show the same of these very players. "
    "They have many items and say nothing about other seeds.",
    "Brackets hold 95% intervals. Several contrasts are held to 0.05 together (Holm).",
)


def compare_page(arms: Sequence[Arm], found: Sequence[Contrast]) -> str:
    """The whole page as HTML."""
    runs = [run for arm in arms for run in arm.runs.values()]
    head = element(
        "header",
        element("p", "Semantic Inequivalence Game", class_="kicker"),
        element("h1", "Arms side by side"),
        element("p", f"{len(arms)} arms · {len(runs)} runs", class_="facts"),
    )
    sections = [
        _section("In short", _bullets([sentence(each, len(found)) for each in found])),
        _section("Arms", table_element(arms_table(arms))),
        _section("Contrasts", table_element(contrasts_table(found))) if found else None,
        _section("Seeds", table_element(seeds_table(arms))),
        _section("Curves", element("div", arm_charts(arms), class_="grid")),
        *[
            section
            for arm in arms
            for seed, run in arm.runs.items()
            for section in crossplay_sections(run.files.path, f"{arm.label}, seed {seed}")
        ],
        _section("What differs", table_element_of_settings(arms)) if len(arms) > 1 else None,
        _section("How to read this", _bullets(CAVEATS)),
    ]
    return document("Arms side by side", head, [each for each in sections if each])


def table_element_of_settings(arms: Sequence[Arm]) -> Markup:
    """The settings that are not the same in all arms, with their values."""
    names = [
        name
        for name in dict.fromkeys(name for arm in arms for name in arm.settings)
        if len({repr(arm.settings.get(name)) for arm in arms}) > 1
    ]
    head = element("tr", [element("th", text) for text in ("setting", *(a.label for a in arms))])
    rows = [
        element(
            "tr",
            element("td", name),
            [element("td", element("code", str(arm.settings.get(name)))) for arm in arms],
        )
        for name in names
    ]
    return element("div", element("table", head, rows), class_="wide")


def _section(title: str, *content: Child) -> Markup:
    return element("section", element("h2", title), joined(*content))


def _bullets(lines: Sequence[str]) -> Markup:
    return element("ul", [element("li", line) for line in lines])
