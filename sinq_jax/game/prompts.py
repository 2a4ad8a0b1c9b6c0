"""What the players read and how their right answers are written. Two styles, one face.

``edit`` is compact: the generator writes one replaced block of lines, the evaluator reads both
programs merged into one listing. ``program`` is the paper's (arXiv 2505.03818, appendix A, in our
words): whole programs under headings.
"""

import re
from dataclasses import dataclass
from typing import Literal, Protocol

from sinq_jax.game.edits import Edit, apply_edit, edit_between, merged_listing, numbered
from sinq_jax.game.headings import block_under, fenced, section
from sinq_jax.game.records import Proposal, Unparsed
from sinq_jax.programs.program import Program

Style = Literal["edit", "program"]

EQUIVALENT = "equivalent"
"""What an evaluator writes when it holds the two programs for equivalent."""


@dataclass(frozen=True)
class Reply:
    """A parsed evaluator answer: an input's text, or None for the claim of equivalence."""

    input: str | None


class Format(Protocol):
    """How one style writes prompts and completions, and reads completions back.

    A ``target`` of None asks for any difficulty. An ``analysis`` is what was thought before the
    variant was written; a compact style has no place for it. Parsing never raises on a model's
    text: what does not follow the format comes back as ``Unparsed``.
    """

    def generator_prompt(self, program: Program, target: int | None) -> str: ...

    def generator_completion(
        self, program: Program, proposal: Proposal, analysis: str = ""
    ) -> str: ...

    def parse_proposal(self, program: Program, text: str) -> Proposal | Unparsed: ...

    def evaluator_prompt(self, original: str, variant: str, entry_point: str) -> str: ...

    def evaluator_completion(self, reply: Reply) -> str: ...

    def parse_reply(self, text: str) -> Reply | Unparsed: ...

    def difficulty_question(self) -> str:
        """What asks the writer of a variant how hard it proved to be."""

    def difficulty_answer(self, level: int) -> str: ...


_PLACE = re.compile(r"([0-9]{1,4})(?:-([0-9]{1,4}))?", re.ASCII)


def make_format(style: Style) -> Format:
    """The format of that name."""
    return EditFormat() if style == "edit" else ProgramFormat()


def _told(target: int | None) -> str:
    return "any" if target is None else str(target)


def _parse_input(text: str) -> Reply | Unparsed:
    """The text of an input, judged by its shape alone; whether it is a literal and binds is the
    referee's word.
    """
    stripped = text.strip()
    if stripped == EQUIVALENT:
        return Reply(None)
    if not (stripped.startswith("{") and stripped.endswith("}")):
        return Unparsed("no input")
    return Reply(stripped)


class EditFormat:
    """Short prompts and short answers, for models of any size that need not write whole programs.

    Generator: the number of a line (or ``first-last``) of P, ``+`` lines that replace it, then the
    input. Naming lines instead of quoting them spares a model the exact copy, in which small ones
    fail most.
    """

    def generator_prompt(self, program: Program, target: int | None) -> str:
        return f"generator {_told(target)}\n{numbered(program.source)}\n"

    def generator_completion(self, program: Program, proposal: Proposal, analysis: str = "") -> str:
        edit = edit_between(program.source, proposal.variant)
        place = f"{edit.first}" if edit.first == edit.last else f"{edit.first}-{edit.last}"
        return "\n".join([place, *("+" + line for line in edit.lines), proposal.input])

    def parse_proposal(self, program: Program, text: str) -> Proposal | Unparsed:
        place, *lines = text.split("\n")
        plus = next((i for i, line in enumerate(lines) if line[:1] != "+"), len(lines))
        reply = _parse_input("\n".join(lines[plus:]))
        match = _PLACE.fullmatch(place)
        if match is None:
            return Unparsed("no edit")
        if isinstance(reply, Unparsed) or reply.input is None:
            return Unparsed("no input")
        first = int(match[1])
        edit = Edit(first, int(match[2] or first), tuple(line[1:] for line in lines[:plus]))
        variant = apply_edit(program.source, edit)
        if variant is None:
            return Unparsed("no such line")
        return Proposal(variant, reply.input)

    def evaluator_prompt(self, original: str, variant: str, entry_point: str) -> str:
        return f"evaluator\n{merged_listing(original, variant)}\n"

    def evaluator_completion(self, reply: Reply) -> str:
        return EQUIVALENT if reply.input is None else reply.input

    def parse_reply(self, text: str) -> Reply | Unparsed:
        return _parse_input(text)

    def difficulty_question(self) -> str:
        return "level?\n"

    def difficulty_answer(self, level: int) -> str:
        return str(level)


_GENERATOR_TASK = """\
Write a variant of the Python program below that looks alike but is not semantically equivalent:
there must be an input on which the two return different values, raise different exceptions, or
one does not halt. Keep the name and the parameters of `{entry_point}`. Use no randomness, clock,
files or network.
Target difficulty for the reader who has to find such an input, from 0 (easy) to 10 (hard): {target}
Answer with three headings: `# Analysis`, `# Program` followed by one ```python block with the
whole variant, and `# Diverging input` followed by one ```python block with the keyword arguments
of the call as a dict literal.

# Original
{source}
"""

_EVALUATOR_TASK = """\
Two Python programs define `{entry_point}`. Find an input on which they behave differently: another
returned value, another exception, or one does not halt.
Answer with three headings: `# Analysis`, `# Equivalent?` followed by yes or no, and, if no,
`# Diverging input` followed by one ```python block with the keyword arguments of the call as a dict
literal.

# Program P
{original}

# Program Q
{variant}
"""


def _block(program: str) -> str:
    return fenced(program.rstrip("\n"))


class ProgramFormat:
    """Whole programs under headings, for models that were trained on text."""

    def generator_prompt(self, program: Program, target: int | None) -> str:
        return _GENERATOR_TASK.format(
            entry_point=program.entry_point, target=_told(target), source=_block(program.source)
        )

    def generator_completion(self, program: Program, proposal: Proposal, analysis: str = "") -> str:
        thought = f"{analysis}\n" if analysis else ""
        return (
            f"# Analysis\n{thought}\n# Program\n{_block(proposal.variant)}\n\n"
            f"# Diverging input\n{fenced(proposal.input)}"
        )

    def parse_proposal(self, program: Program, text: str) -> Proposal | Unparsed:
        variant = block_under(text, "Program")
        if variant is None:
            return Unparsed("no program")
        given = block_under(text, "Diverging input")
        if given is None:
            return Unparsed("no input")
        return Proposal(variant + "\n", given.strip())

    def evaluator_prompt(self, original: str, variant: str, entry_point: str) -> str:
        return _EVALUATOR_TASK.format(
            entry_point=entry_point, original=_block(original), variant=_block(variant)
        )

    def evaluator_completion(self, reply: Reply) -> str:
        if reply.input is None:
            return "# Analysis\n\n# Equivalent?\nyes"
        return f"# Analysis\n\n# Equivalent?\nno\n\n# Diverging input\n{fenced(reply.input)}"

    def parse_reply(self, text: str) -> Reply | Unparsed:
        given = block_under(text, "Diverging input")
        if given is not None:
            return Reply(given.strip())
        verdict = section(text, "Equivalent?")
        if verdict is not None and verdict.strip().lower().startswith("yes"):
            return Reply(None)
        return Unparsed("no input")

    def difficulty_question(self) -> str:
        return (
            "Which difficulty was measured for this variant? Answer with `Difficulty level: ` and "
            "a number from 0 to 10."
        )

    def difficulty_answer(self, level: int) -> str:
        return f"Difficulty level: {level}"
