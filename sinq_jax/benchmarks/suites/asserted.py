"""HumanEval, HumanEvalFix and MBPP: right is what the published assertions pass behind.

Sources: M. Chen et al., "Evaluating Large Language Models Trained on Code" (2021); J. Austin et
al., "Program Synthesis with Large Language Models" (2021); N. Muennighoff et al., "OctoPack"
(ICLR 2024).
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox import Judge
from sinq_jax.benchmarks.suites.answers import before_stops, blocks
from sinq_jax.benchmarks.suites.candidates import completed, steady
from sinq_jax.benchmarks.suites.data_file import DataFile, Row
from sinq_jax.benchmarks.suites.execution import passed, reason
from sinq_jax.benchmarks.suites.face import Generative, Mark, Measure, Prompt, Sampling
from sinq_jax.benchmarks.suites.mbpp_parts import TEST, mbpp_part

SHOTS = (2, 3, 4)
"""Tasks of MBPP that its prompt shows solved. Source: Austin et al. (2021), section 3.1."""


@dataclass(frozen=True)
class Problem:
    """``prompt`` is gone on from, or describes the task; ``tests`` run behind the candidate.
    ``extra`` is what else its prompt needs: of MBPP the examples, of HumanEvalFix the wrong
    program.
    """

    name: str
    prompt: str
    solution: str
    tests: str
    entry_point: str = ""
    extra: str = ""


class Asserted(Generative[Problem]):
    """Unbiased pass@k, by assertions that run in the child of the candidate."""

    measure: Measure = "pass@k"
    sampling = Sampling(new_tokens=768)

    def content(self, item: Problem) -> str:
        return item.solution

    def solution(self, item: Problem) -> str:
        return item.solution

    def marks(
        self, asked: Sequence[tuple[Problem, Sequence[str]]], judge: Judge
    ) -> list[list[Mark]]:
        meant = [[self.program(item, text) for text in texts] for item, texts in asked]
        jobs = [
            steady(f"{program}\n{item.tests}\n")
            for (item, _), programs in zip(asked, meant, strict=True)
            for program in programs
        ]
        found = iter(passed(judge, jobs))
        return [[_mark(reason(next(found)), program) for program in each] for each in meant]

    def program(self, item: Problem, text: str) -> str:
        """The program that a completion means."""
        return completed(item.prompt, text, item.entry_point)

    @abstractmethod
    def prompt(self, item: Problem, *, chat: bool) -> Prompt: ...


class HumanEval(Asserted):
    """Functions to complete from their signature and docstring."""

    name = "humaneval"
    protocol = (
        "As published (Chen et al. 2021): the function is completed and its assertions are run; "
        "unbiased pass@k. Ours: tests that draw random numbers draw the same ones each time."
    )

    def items(self, file: DataFile) -> list[Problem]:
        return file.read(_humaneval, "a problem of HumanEval")

    def prompt(self, item: Problem, *, chat: bool) -> Prompt:
        return Prompt(
            "Complete the following Python function; give the whole function in one code block."
            f"\n\n```python\n{item.prompt.strip()}\n```\n"
            if chat
            else item.prompt
        )


class HumanEvalFix(Asserted):
    """Functions with a bug to mend."""

    name = "humanevalfix"
    protocol = (
        "As published (Muennighoff et al. 2024): a function with a bug and its tests are shown, "
        "and the mended function has to pass them; pass@k. The request is in our words."
    )

    def items(self, file: DataFile) -> list[Problem]:
        return file.read(_humanevalfix, "a Python problem of HumanEvalPack")

    def prompt(self, item: Problem, *, chat: bool) -> Prompt:
        text = (
            f"```python\n{item.prompt}{item.extra}\n\n{item.tests.strip()}\n```\n\n"
            f"Fix the bug in `{item.entry_point}`"
        )
        if chat:
            return Prompt(f"{text}; give the whole function in one code block.\n")
        return Prompt(f"{text}.\n\n{item.prompt}")


class MBPP(Asserted):
    """``sanitized`` files work too; of the full one the test split is asked."""

    name = "mbpp"
    shots = None  # three, and none for a model that chats
    protocol = (
        "As published (Austin et al. 2021): three solved examples, then the task with its three "
        "assertions, on the test split; pass@k. Ours: run as program, set-up, assertions."
    )

    def items(self, file: DataFile) -> list[Problem]:
        shots = "".join(
            f"{_task(row)}[BEGIN]\n{_code(row)}\n[DONE]\n\n"
            for _, row in file.rows
            if row.get("task_id") in SHOTS
        )
        problems = file.read(lambda row: _mbpp(row, shots), "a problem of MBPP")
        kept = [each for each in problems if mbpp_part(each.name) == TEST]
        return kept or problems

    def part(self, item: Problem) -> str | None:
        return mbpp_part(item.name)

    def prompt(self, item: Problem, *, chat: bool) -> Prompt:
        if chat:
            return Prompt(f"{item.prompt}Give the program in one code block.\n")
        return Prompt(f"{item.extra}{item.prompt}[BEGIN]\n", stops=("[DONE]",))

    def program(self, item: Problem, text: str) -> str:
        found = blocks(text)
        return before_stops(found[0] if found else text, ("[DONE]", "\n```"))


def _mark(why: str, program: str) -> Mark:
    return Mark(why == "returned", "passed" if why == "returned" else why, program)


def _humaneval(row: Row) -> Problem:
    entry, prompt = str(row["entry_point"]), str(row["prompt"])
    tests = f"{row['test']}\ncheck({entry})"
    return Problem(str(row["task_id"]), prompt, prompt + row["canonical_solution"], tests, entry)


def _humanevalfix(row: Row) -> Problem:
    ahead = str(row["declaration"])
    return Problem(
        str(row["task_id"]),
        ahead,
        ahead + row["canonical_solution"],
        row["test"],
        row["entry_point"],
        row["buggy_solution"],
    )


def _mbpp(row: Row, shots: str) -> Problem:
    setup = [row["test_setup_code"]] if "test_setup_code" in row else row["test_imports"]
    tests = "\n".join([*setup, *row["test_list"]]).replace("\r\n", "\n")
    name = f"Mbpp/{int(row['task_id'])}"
    return Problem(name, _task(row), _code(row), tests, extra=shots)


def _code(row: Row) -> str:
    return str(row["code"]).replace("\r\n", "\n").strip("\n")


def _task(row: Row) -> str:
    words = row.get("text", row.get("prompt"))
    tests = "\n".join(row["test_list"])
    return (
        f"You are an expert Python programmer, and here is your task: {words} Your code should "
        f"pass these tests:\n\n{tests}\n"
    )
