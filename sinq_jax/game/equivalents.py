"""Questions to which "they are equivalent" is the right answer: no games of any generator."""

from collections.abc import Sequence
from dataclasses import dataclass

from sinq_jax.game.jsonl import (
    Plain,
    answer_from_plain,
    answer_to_plain,
    program_from_plain,
    program_to_plain,
)
from sinq_jax.game.records import Answer
from sinq_jax.programs.program import Program


@dataclass(frozen=True)
class EquivalentQuestion:
    """A program, a rewrite of it that is equivalent by construction, and the evaluator's answers.

    ``rewrites`` names what was done to it; ``tried`` counts the inputs on which a search compared
    the two and found no difference. The rulings are the sound judge's, of every input answered.
    """

    round: int
    program: Program
    variant: str
    rewrites: tuple[str, ...]
    tried: int
    answers: tuple[Answer, ...] = ()

    @property
    def refuted(self) -> bool:
        """Whether an answer found a difference after all: nobody is paid for such a question."""
        return any(answer.solved for answer in self.answers)

    @property
    def recognised(self) -> int:
        """How many answers say that the two are equivalent."""
        return sum(answer.claims_equivalent for answer in self.answers)


def question_to_plain(question: EquivalentQuestion) -> Plain:
    """Return the question as JSON values."""
    return {
        "round": question.round,
        "program": program_to_plain(question.program),
        "variant": question.variant,
        "rewrites": [*question.rewrites],
        "tried": question.tried,
        "answers": [*map(answer_to_plain, question.answers)],
    }


def question_from_plain(plain: Plain) -> EquivalentQuestion:
    """Return the question that `question_to_plain` was given."""
    return EquivalentQuestion(
        round=plain["round"],
        program=program_from_plain(plain["program"]),
        variant=plain["variant"],
        rewrites=tuple(plain["rewrites"]),
        tried=plain["tried"],
        answers=tuple(map(answer_from_plain, plain["answers"])),
    )


def equivalent_reward(question: EquivalentQuestion, answer: Answer) -> float:
    """1 for the claim that the two are equivalent, else 0; 0 for all where that is refuted."""
    return float(answer.claims_equivalent and not question.refuted)


def equivalent_measures(questions: Sequence[EquivalentQuestion]) -> dict[str, float]:
    """The metrics ``equivalent/...`` of a round.

    The share of "equivalent" is over all answers to pairs that were not refuted; ``refuted`` counts
    pairs, and so does ``questions``.
    """
    standing = [question for question in questions if not question.refuted]
    answers = sum(len(question.answers) for question in standing)
    measures = {
        "equivalent/questions": float(len(questions)),
        "equivalent/refuted": float(len(questions) - len(standing)),
        "equivalent/answers": float(answers),
    }
    if answers:
        recognised = sum(question.recognised for question in standing)
        measures["equivalent/recognised"] = recognised / answers
    return measures
