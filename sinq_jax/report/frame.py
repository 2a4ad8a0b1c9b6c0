"""What every page has in common: the document around it, and how a table looks in it."""

from importlib import resources

from sinq_jax.report.closing import Table
from sinq_jax.report.html import Child, Markup, element


def document(title: str, *main: Child) -> str:
    """Return a whole, self-contained HTML document: nothing is loaded and nothing runs."""
    style = (resources.files("sinq_jax.report") / "style.css").read_text(encoding="utf-8")
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("style", Markup(style)),
    )
    body = element("body", element("main", *main))
    return "<!doctype html>\n" + element("html", head, body, lang="en") + "\n"


def table_element(table: Table) -> Markup:
    """Return a table that scrolls sideways where the page is too narrow for it."""
    head = element("tr", [element("th", name, scope="col") for name in table.head])
    lines = []
    for line in table.lines:
        if not line.cells:
            lines.append(element("tr", element("th", line.measure, colspan=len(table.head))))
            continue
        look = "inner" if line.measure.startswith("  ") else None
        cells = [element("td", text, class_="number") for text in line.cells]
        lines.append(element("tr", element("td", line.measure.strip(), class_=look), cells))
    shown = element("table", element("thead", head), element("tbody", lines), class_="closing")
    return element("div", shown, class_="wide")
