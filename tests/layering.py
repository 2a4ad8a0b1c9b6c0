"""Reads the table of rooms from ARCHITECTURE.md and finds imports in the code that break it."""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One row of the table: rooms are paths such as ``sinq_jax/game/`` or ``run.py``."""

    layer: str
    rooms: tuple[str, ...]
    allowed: tuple[str, ...]

    @property
    def level(self) -> int:
        """The number that the layer's name begins with."""
        return int(self.layer.split()[0])


@dataclass(frozen=True)
class Import:
    """One imported name: ``names`` are its readings, from the most to the least specific.

    ``runs`` is False under ``if TYPE_CHECKING``: read by type checkers only.
    """

    line: int
    names: tuple[str, ...]
    runs: bool


def read_table(text: str) -> tuple[Row, ...]:
    """Return the rows of the table ``| layer | rooms | may import |`` in ``text``."""
    rows = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3 and cells[0][:1].isdigit():
            rooms, allowed = (tuple(re.findall(r"`([^`]+)`", cell)) for cell in cells[1:])
            rows.append(Row(cells[0], rooms, allowed))
    return tuple(_spelt_out(row, rows) for row in rows)


def _spelt_out(row: Row, rows: list[Row]) -> Row:
    """Return ``row`` with ``layer 1`` in its last column replaced by the rooms of layer 1."""
    allowed: list[str] = []
    for name in row.allowed:
        level = name.removeprefix("layer ")
        named = [room for other in rows if str(other.level) == level for room in other.rooms]
        allowed += named or [name]
    return replace(row, allowed=tuple(allowed))


def imports_of(source: str, module: str) -> Iterator[Import]:
    """Yield everything that the text of ``module`` (dotted) imports, also inside functions."""
    tree = ast.parse(source)
    unread = {id(node) for branch in ast.walk(tree) for node in _for_types_only(branch)}
    for node in ast.walk(tree):
        for names in _imported(node, module):
            yield Import(node.lineno, names, runs=id(node) not in unread)  # type: ignore[attr-defined]


def _for_types_only(branch: ast.AST) -> Iterator[ast.AST]:
    if isinstance(branch, ast.If) and ast.unparse(branch.test).endswith("TYPE_CHECKING"):
        for statement in branch.body:
            yield from ast.walk(statement)


def _imported(node: ast.AST, module: str) -> Iterator[tuple[str, ...]]:
    if isinstance(node, ast.Import):
        yield from ((alias.name,) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = _base(node, module)
        yield from ((f"{base}.{alias.name}", base) for alias in node.names)
    elif isinstance(node, ast.Call) and _is_dynamic_import(node.func):
        argument = node.args[0] if node.args else None
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield (argument.value,)


def _base(node: ast.ImportFrom, module: str) -> str:
    package = module.split(".")[: -node.level] if node.level else []
    return ".".join([*package, *([node.module] if node.module else [])])


def _is_dynamic_import(function: ast.expr) -> bool:
    return (isinstance(function, ast.Name) and function.id in ("__import__", "import_module")) or (
        isinstance(function, ast.Attribute) and function.attr == "import_module"
    )


def room_of(path: str, rows: tuple[Row, ...]) -> tuple[str, Row] | None:
    """Return the innermost room that ``path`` (``sinq_jax/game/x``) lies in, with its row."""
    found = [
        (room, row)
        for row in rows
        for room in row.rooms
        if room in (f"{path}.py", f"{path}/__init__.py")
        or (room.endswith("/") and f"{path}/".startswith(room))
    ]
    return max(found, key=lambda pair: len(pair[0]), default=None)


def files(root: Path, rows: tuple[Row, ...]) -> list[str]:
    """Return every Python file in the folders that the table speaks of, as ``sinq_jax/mesh.py``."""
    tops = sorted({room.split("/")[0] for row in rows for room in row.rooms})
    found = [path for top in tops for path in (root / top).rglob("*.py")]
    found += [root / top for top in tops if top.endswith(".py") and (root / top).is_file()]
    return sorted(path.relative_to(root).as_posix() for path in found)


def violations(root: Path, rows: tuple[Row, ...]) -> list[str]:
    """Return a sentence for each import under ``root`` that the table forbids.

    Files without a room and rooms without a file are violations too.
    """
    sentences = []
    inhabited = set()
    for file in files(root, rows):
        home = room_of(file.removesuffix(".py").removesuffix("/__init__"), rows)
        if home is None:
            sentences.append(f"{file} belongs to no room; give it one in ARCHITECTURE.md")
            continue
        inhabited.add(home[0])
        module = file.removesuffix(".py").replace("/", ".")
        source = (root / file).read_text(encoding="utf-8")
        for each in imports_of(source, module):
            sentences += _judged(file, each, home[1], rows)
    rooms = {room for row in rows for room in row.rooms}
    sentences += [
        f"{room} is a room of ARCHITECTURE.md without a file; take it out of the table"
        for room in sorted(rooms - inhabited)
    ]
    return sentences


def _judged(file: str, each: Import, home: Row, rows: tuple[Row, ...]) -> list[str]:
    target = next(
        filter(None, (room_of(name.replace(".", "/"), rows) for name in each.names)), None
    )
    name = each.names[-1] if target is None else target[0]
    top = each.names[0].split(".")[0]
    if target is None and (top in sys.stdlib_module_names or top in home.allowed):
        return []
    if target is not None and (target[0] in home.allowed or target[1] == home):
        return []
    return [
        f"{file}:{each.line} imports {name}, but layer {home.layer} may not: the table in "
        "ARCHITECTURE.md lists what it may import; move the import, or change the table and say why"
    ]


def cycle(root: Path, rows: tuple[Row, ...]) -> list[str]:
    """Return the files of one import cycle, first and last the same; empty where there is none."""
    everything = set(files(root, rows))
    graph: dict[str, set[str]] = {}
    for file in everything:
        module = file.removesuffix(".py").replace("/", ".")
        source = (root / file).read_text(encoding="utf-8")
        graph[file] = {
            target
            for each in imports_of(source, module)
            if each.runs and (target := _file(each, everything)) is not None and target != file
        }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _file(each: Import, everything: set[str]) -> str | None:
    paths = [name.replace(".", "/") for name in each.names]
    candidates = [f"{path}{end}" for path in paths for end in (".py", "/__init__.py")]
    return next((path for path in candidates if path in everything), None)
