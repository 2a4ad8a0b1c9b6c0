"""Judged games by the handful: as many right, wrong and unreadable answers as one asks for."""

from sinq_jax.game.records import Answer, Completion, Game, Proposal, Ruling
from sinq_jax.paper.judged import Judged
from sinq_jax.programs.program import Parameter, Program

SOURCE = "def f(x):\n    return x\n"


def program(name: str = "a") -> Program:
    return Program(name, SOURCE, "f", (Parameter("x", "int"),))


def variant(number: int) -> Proposal:
    return Proposal(f"def f(x):\n    return x + {number}\n", f'{{"x": {number}}}')


def answer(text: str, verdict: str, *, parsed: bool = True, equivalent: bool = False) -> Answer:
    given = '{"x": 1}' if parsed and not equivalent else None
    ruling = Ruling(verdict, "", {})  # type: ignore[arg-type]
    return Answer(Completion(text, 1, True), given, equivalent, ruling)


def game(
    right: int,
    wrong: int,
    unreadable: int = 0,
    *,
    equivalent: int = 0,
    number: int = 1,
    original: str = "a",
    verdict: str = "diverges",
) -> Game:
    """A game about variant ``number`` of an original with these answers, the right ones named."""
    answers = [answer(f"right {place}", "diverges") for place in range(right)]
    answers += [answer("wrong", "same")] * wrong
    answers += [answer("?", "invalid", parsed=False)] * unreadable
    answers += [answer("equivalent", "invalid", equivalent=True)] * equivalent
    return Game(
        round=0,
        program=program(original),
        target=10,
        sample=number,
        completion=Completion(f"text {number}", 9, True),
        proposal=variant(number),
        admission=Ruling(verdict, "", {}),  # type: ignore[arg-type]
        answers=tuple(answers),
    )


def judged_variant(level: int, number: int = 1, original: str = "a") -> Judged:
    """A variant of that level, solved unless it is of the hardest."""
    solved = None if level == 10 else f"answer {number}"
    return Judged(program(original), variant(number), f"text {number}", level, solved)
