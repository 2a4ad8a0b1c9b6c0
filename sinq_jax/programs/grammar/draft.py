"""A program of the family on its way: typed parameters and the lines of its body."""

from collections.abc import Sequence
from dataclasses import dataclass

from sinq_jax.programs.program import Parameter, Program

ENTRY_POINT = "f"
INDENT = "    "


@dataclass(frozen=True)
class Draft:
    """Parameters and body of a function that has no name of its own yet."""

    parameters: tuple[Parameter, ...]
    lines: tuple[str, ...]

    @classmethod
    def of(cls, name: str, kind: str, lines: Sequence[str]) -> "Draft":
        """A body over one parameter."""
        return cls((Parameter(name, kind),), tuple(lines))

    @classmethod
    def ints(cls, names: Sequence[str], lines: Sequence[str]) -> "Draft":
        """A body over whole numbers."""
        return cls(tuple(Parameter(name, "int") for name in names), tuple(lines))

    def program(self, name: str) -> Program:
        """The finished program; its text ends with a line end."""
        header = f"def {ENTRY_POINT}({', '.join(p.name for p in self.parameters)}):"
        source = "\n".join([header, *indented(*self.lines)]) + "\n"
        return Program(name, source, ENTRY_POINT, self.parameters)


def indented(*lines: str, depth: int = 1) -> list[str]:
    """The lines, ``depth`` levels deeper."""
    return [INDENT * depth + line for line in lines]
