"""All rewrites of a program by name, and the programs that they make."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sandbox.programs import RejectedError, prepare
from sandbox.records import Limits
from sinq_jax.programs.equivalents import arithmetic, branches, conditions, loops, statements
from sinq_jax.programs.equivalents.facts import Facts
from sinq_jax.programs.equivalents.source import Source
from sinq_jax.programs.program import Program

Rewrite = Callable[[Source, Facts], Iterator[str | None]]

REWRITES: dict[str, Rewrite] = {
    "mirrored comparison": conditions.mirrored,
    "negated comparison": conditions.negated,
    "moved bound": conditions.moved_bound,
    "de morgan": conditions.de_morgan,
    "chained comparison": conditions.chained,
    "one of": conditions.one_of,
    "inverted choice": conditions.inverted_choice,
    "commuted operands": arithmetic.commuted,
    "nothing added": arithmetic.nothing_added,
    "split constant": arithmetic.split_constant,
    "spelled range": arithmetic.spelled_range,
    "inverted if": branches.inverted_if,
    "guard to else": branches.guard_to_else,
    "else to guard": branches.else_to_guard,
    "swapped guard": branches.swapped_guard,
    "choice of returns": branches.choice_of_returns,
    "spread choice": branches.spread_choice,
    "choice assigned": branches.choice_assigned,
    "told truth": branches.told_truth,
    "nested condition": branches.nested_condition,
    "while true": loops.while_true,
    "counting while": loops.counting_while,
    "loop of comprehension": loops.loop_of_comprehension,
    "loop of any": loops.loop_of_any,
    "comprehension of loop": loops.comprehension_of_loop,
    "listed generator": loops.listed_generator,
    "named result": statements.named_result,
    "inlined result": statements.inlined_result,
    "named condition": statements.named_condition,
    "named iterable": statements.named_iterable,
    "unpacked": statements.unpacked,
    "one by one": statements.one_by_one,
    "reordered": statements.reordered,
    "augmented": statements.augmented,
    "gathered": statements.gathered,
    "dead code": statements.dead_code,
    "repeated assignment": statements.repeated_assignment,
    "renamed": statements.renamed,
}


@dataclass(frozen=True)
class Rewritten:
    """The text of a program after one rewrite, and the rewrite's name."""

    source: str
    rewrite: str


def rewrites(program: Program, names: Sequence[str] = tuple(REWRITES)) -> Iterator[Rewritten]:
    """Yield what the rewrites of these names make of a program, in their order, each text once.

    All of them parse and keep name and signature of the entry point. Nothing for a program that
    does not parse, or in which several statements share a line.
    """
    try:
        source = Source(program.source)
        ours = prepare(program.source, program.entry_point, Limits().program_bytes).signature
    except (SyntaxError, RejectedError):
        return
    seen = {program.source}
    facts = [Facts(source.tree, function) for function in source.functions if source.by_lines]
    for name in names:
        for of in (each for each in facts if each.clear):
            for text in REWRITES[name](source, of):
                if text is None or text in seen:
                    continue
                seen.add(text)
                try:
                    theirs = prepare(text, program.entry_point, Limits().program_bytes).signature
                except RejectedError:
                    continue
                if theirs == ours:
                    yield Rewritten(text, name)
