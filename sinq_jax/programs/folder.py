"""A folder of .py files: every self-contained module-level function is a program."""

from collections.abc import Iterator
from pathlib import Path

from sandbox.syntax import parse
from sinq_jax.programs.functions import parameters_of, top_level_functions, with_what_it_needs
from sinq_jax.programs.program import Program, ProgramSourceError, Skipped, UnsuitableProgram


def read_folder(path: Path) -> tuple[tuple[Program, ...], tuple[Skipped, ...]]:
    """The programs below ``path``, in the order of file names and lines, and what was left out.

    Hidden files and folders are passed over. A program is named ``folder/file/function`` by its
    path below ``path``. It carries the imports
    and literal constants of its module that it uses; a function that needs more, that no dict of
    keyword arguments can call, or whose file does not parse is skipped with the reason. Raises
    ``ProgramSourceError`` where ``path`` is no folder.
    """
    if not path.is_dir():
        raise ProgramSourceError(f"{path}: expected a folder of .py files; check the path")
    programs: list[Program] = []
    skipped: list[Skipped] = []
    for file in sorted(path.rglob("*.py")):
        place = file.relative_to(path)
        if any(part.startswith(".") for part in place.parts):
            continue
        name = place.with_suffix("").as_posix()
        for found in _programs_of(file, f"{path.resolve().name}/{name}"):
            if isinstance(found, Program):
                programs.append(found)
            else:
                skipped.append(found)
    return tuple(programs), tuple(skipped)


def _programs_of(file: Path, prefix: str) -> Iterator[Program | Skipped]:
    try:
        source = file.read_text(encoding="utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        tree = parse(source)
    except (OSError, UnicodeDecodeError, SyntaxError) as error:
        yield Skipped(str(file), f"not readable as Python: {_one_line(error)}")
        return
    for name, function in top_level_functions(tree).items():
        try:
            text = with_what_it_needs(tree, function, source)
            yield Program(f"{prefix}/{name}", text, name, parameters_of(function))
        except UnsuitableProgram as error:
            yield Skipped(f"{file}:{function.lineno}", str(error))


def _one_line(error: Exception) -> str:
    if isinstance(error, SyntaxError) and error.lineno is not None:
        return f"line {error.lineno}: {error.msg}"
    return str(error).splitlines()[0] if str(error) else type(error).__name__
