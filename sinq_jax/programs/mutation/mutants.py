"""All mutants of a program, in a fixed order."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sandbox.syntax import parse
from sinq_jax.programs.mutation import constants, expressions, statements
from sinq_jax.programs.mutation.sites import Edit, Site, sites
from sinq_jax.programs.program import Program

Operator = Callable[[Site], Iterator[Edit]]

OPERATORS: dict[str, Operator] = {
    "comparison": expressions.comparison,
    "boundary": constants.boundary,
    "modulus": constants.modulus,
    "slice bound": constants.slice_bound,
    "constant": constants.constant,
    "text constant": constants.text_constant,
    "arithmetic": expressions.arithmetic,
    "swapped operands": expressions.swapped_operands,
    "boolean": expressions.boolean,
    "negation": expressions.negation,
    "call": expressions.call,
    "method": expressions.method,
    "dropped slice": expressions.dropped_slice,
    "range bound": expressions.range_bound,
    "other name": expressions.other_name,
    "shifted result": expressions.shifted_result,
    "augmented assignment": statements.augmented,
    "dropped else": statements.dropped_else,
    "dropped statement": statements.dropped_statement,
    "unguarded": statements.unguarded,
    "elif to if": statements.elif_to_if,
    "loop exit": statements.loop_exit,
    "skipping loop": statements.skipping_loop,
}


@dataclass(frozen=True)
class Mutant:
    """The text of a program after one edit, and the name of the operator that made the edit."""

    source: str
    operator: str


def mutants(program: Program) -> tuple[Mutant, ...]:
    """Every mutant of ``program``, in the order of the text, each one once.

    All of them parse, differ from the program in more than layout, and keep name and signature of
    each function; whether they behave differently is for the sandbox to find out. Empty for a
    program that does not parse.
    """
    kinds = {parameter.name: parameter.kind for parameter in program.parameters}
    try:
        seen = {_syntax(program.source)}
        places = list(sites(program.source, kinds))
    except SyntaxError:
        return ()
    found: list[Mutant] = []
    for site in places:
        for name, operator in OPERATORS.items():
            for edit in operator(site):
                mutant = Mutant(site.text.apply(edit), name)
                if _is_new(mutant.source, seen):
                    found.append(mutant)
    return tuple(found)


def _is_new(source: str, seen: set[str]) -> bool:
    try:
        syntax = _syntax(source)
    except SyntaxError:
        return False
    new = syntax not in seen
    seen.add(syntax)
    return new


def _syntax(source: str) -> str:
    return ast.dump(parse(source))
