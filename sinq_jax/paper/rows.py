"""The training sets as conversations, in the words that the players read and write."""

from dataclasses import dataclass

from sinq_jax.game.chats import Chat, Message
from sinq_jax.game.prompts import Format, Reply
from sinq_jax.paper.judged import Judged
from sinq_jax.paper.preferences import Preference

TARGET = 10
"""The difficulty that play asks for, whatever comes out (arXiv 2505.03818)."""


@dataclass(frozen=True)
class PreferenceRow:
    """One question and two answers, of which the first is preferred."""

    prompt: Chat
    chosen: Chat
    rejected: Chat


def generator_row(form: Format, variant: Judged) -> Chat:
    """The variant as the answer to its measured difficulty."""
    asked = form.generator_prompt(variant.program, variant.level)
    return (Message("user", asked), Message("assistant", variant.text))


def prediction_row(form: Format, variant: Judged) -> Chat:
    """The variant as an answer to "any difficulty", not trained on; then the question for its
    level, and the level, which is all that is learned.
    """
    return (
        Message("user", form.generator_prompt(variant.program, None)),
        Message("assistant", variant.text, weight=0),
        Message("user", form.difficulty_question()),
        Message("assistant", form.difficulty_answer(variant.level)),
    )


def preference_row(form: Format, pair: Preference) -> PreferenceRow:
    """Both variants as answers to what play asks for."""
    asked = form.generator_prompt(pair.hard.program, TARGET)
    chosen, rejected = (Message("assistant", each.text) for each in (pair.hard, pair.easy))
    return PreferenceRow((Message("user", asked),), (chosen,), (rejected,))


def evaluator_row(form: Format, variant: Judged) -> Chat:
    """The pair as a question with one right answer: an evaluator's own, or, where no answer was
    right, the generator's proof written as one.
    """
    program, proposal = variant.program, variant.proposal
    asked = form.evaluator_prompt(program.source, proposal.variant, program.entry_point)
    answer = variant.answer
    if answer is None:
        answer = form.evaluator_completion(Reply(proposal.input))
    return (Message("user", asked), Message("assistant", answer))
