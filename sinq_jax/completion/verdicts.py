"""What the rules of the game make of a completion: what it says, and whether it is true."""

from typing import Any

from sandbox import Sandbox
from sinq_jax.completion.questions import Question
from sinq_jax.game.prompts import Format
from sinq_jax.game.records import Unparsed
from sinq_jax.game.referee import Claim, judge


def judged(question: Question, completion: str, form: Format, sandbox: Sandbox) -> dict[str, Any]:
    """``verdict`` and ``reason`` of the referee, with the ``input`` and, of a generator, the
    ``variant`` that the completion names; empty for questions outside the game.

    The verdict ``equivalent`` is the claim of an evaluator, which no sandbox can prove.
    """
    if question.program is None:
        return {}
    if question.variant:
        reply = form.parse_reply(completion)
        if isinstance(reply, Unparsed):
            return {"verdict": "invalid", "reason": reply.reason}
        if reply.input is None:
            return {"verdict": "equivalent", "reason": "claimed"}
        said = {"input": reply.input}
        claim = Claim(question.program, question.variant, reply.input)
    else:
        proposal = form.parse_proposal(question.program, completion)
        if isinstance(proposal, Unparsed):
            return {"verdict": "invalid", "reason": proposal.reason}
        said = {"variant": proposal.variant, "input": proposal.input}
        claim = Claim(question.program, proposal.variant, proposal.input)
    [ruling] = judge(sandbox, [claim])
    return {**said, "verdict": ruling.verdict, "reason": ruling.reason}
