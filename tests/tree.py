"""The tree of the README: a line for each file of the code, taken from its docstring.

``python -m tests.tree`` writes it into README.md.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("sandbox", "sinq_jax", "configs", "perf")
BEGIN, END = "<!-- tree -->\n", "<!-- end of tree -->\n"


def tree() -> str:
    """Return the block between the marks of the README: one line a file, in order of path."""
    paths = [ROOT / "run.py"]
    paths += [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    told = [(path.relative_to(ROOT).as_posix(), _first_line(path)) for path in paths]
    width = max(len(name) for name, _ in told)
    lines = [f"{name:<{width}}  {text}".rstrip() for name, text in told if text]
    return "\n".join(["```text", *lines, "```", ""])


def _first_line(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n\n")[0].replace("\n", " ")


def replaced(readme: str) -> str:
    """Return the text of the README with its tree as the code is now."""
    head, _, rest = readme.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return head + BEGIN + tree() + END + tail


if __name__ == "__main__":
    README = ROOT / "README.md"
    README.write_text(replaced(README.read_text(encoding="utf-8")), encoding="utf-8")
