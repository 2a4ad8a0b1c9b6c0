"""Marking candidates of EvalPlus's tasks: many calls at once first, one by one what then differs.

A chunk of calls gives one list of results with one encoding, so a right candidate costs one
comparison a chunk. A chunk that differs, or does not end well, says nothing yet: its calls are made
one by one, each in a fresh module, and judged by the rules. Where what the canonical solution gives
is no criterion, calls are made one by one from the start.

A candidate whose text is that of the canonical solution, or of another candidate, is not run again
(`sinq_jax.benchmarks.suites.execution.outcomes`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sandbox import Judge, Outcome
from sandbox.compare import compare
from sinq_jax.benchmarks.suites.candidates import completed, steady
from sinq_jax.benchmarks.suites.evalplus_tasks import Task
from sinq_jax.benchmarks.suites.execution import Job, arguments_text, calling, outcomes
from sinq_jax.benchmarks.suites.face import Mark

CHUNKS = 64
"""How many chunks the calls of a task make, about. Where EvalPlus has few calls for a task, each of
them may take long, and a chunk has the time of one call."""
TOO_LARGE = ("memory", "output")
"""What becomes of a canonical solution on inputs that nobody is asked about: its result is beyond
the limits. It is five inputs of MBPP+, all of Mbpp/255; the files called NoExtreme have none."""


@dataclass
class _Candidate:
    """A program on its way to a mark. ``left`` has the chunks in which it differs; ``wrong`` says
    why it is wrong and ``base`` whether it passed the base tests, once that is known. ``step`` is
    how many chunks are settled next: more each time, since most mistakes show early.
    """

    task: Task
    source: str
    left: list[range] = field(default_factory=list)
    step: int = 1
    wrong: str | None = None
    base: bool = True


@dataclass(frozen=True)
class _Expected:
    """The canonical outcome of every single call of a task, and the tolerance of each."""

    outcomes: Sequence[Outcome]
    tolerances: Sequence[float]


def marked(asked: Sequence[tuple[Task, Sequence[str]]], judge: Judge) -> Iterator[list[Mark]]:
    """The marks of each task's completions, in order."""
    groups = [
        [_Candidate(task, completed(task.prompt, text, task.entry_point)) for text in texts]
        for task, texts in asked
    ]
    expected = _at_once([task for task, _ in asked], groups, judge)
    expected |= _expected(
        {each.task.name: each.task for group in groups for each in group if each.left}, judge
    )
    pending = [each for group in groups for each in group if each.left]
    while pending:
        _one_by_one(pending, expected, judge)
        pending = [each for each in pending if each.left]
    for group in groups:
        yield [_mark(each, expected.get(each.task.name)) for each in group]


def chunks(task: Task) -> list[range]:
    """The places of the calls of each chunk: none holds base tests and others."""
    base, every = task.base, len(task.calls)
    size = max(1, every // CHUNKS)
    starts = [*range(0, base, size), *range(base, every, size)]
    return [range(a, b) for a, b in zip(starts, [*starts[1:], every], strict=True)]


def _at_once(
    tasks: Sequence[Task], groups: Sequence[Sequence[_Candidate]], judge: Judge
) -> dict[str, _Expected]:
    """Find the chunks in which each candidate differs from the canonical solution. Settle the
    candidates of tasks without chunks, and return what the canonical solutions of these give.
    """
    # Few calls are often long ones, and what takes long had better not begin last.
    asked = sorted(zip(tasks, groups, strict=True), key=lambda each: len(each[0].calls))
    jobs = (job for task, group in asked for job in _first_jobs(task, group))
    found = iter(outcomes(judge, jobs))
    expected: dict[str, _Expected] = {}
    for task, group in asked:
        canonical = next(found)
        if task.rule.ignores_canonical:
            told = expected[task.name] = _told(task, canonical)
            for each in group:
                _settle(each, range(len(task.calls)), next(found), told)
            continue
        for each in group:
            pairs = zip(chunks(task), next(found), canonical, strict=True)
            each.left = [c for c, out, exp in pairs if not _alike(out, exp)]
    return expected


def _first_jobs(task: Task, group: Sequence[_Candidate]) -> Iterator[Job]:
    """The canonical solution and each candidate, called on chunk after chunk."""
    programs = [(task.solution, task.rule.of_canonical)]
    programs += [(each.source, task.rule.of_candidate) for each in group]
    if task.rule.ignores_canonical:
        yield from (_calls(task, *each, range(len(task.calls))) for each in programs)
        return
    calls = [[*arguments] for arguments in task.calls]
    texts = tuple(arguments_text(calls[c.start : c.stop]) for c in chunks(task))
    for source, value in programs:
        expression = f"[{value} for arguments in arguments]"
        yield Job(calling(steady(source), expression), texts)


def _alike(out: Outcome, exp: Outcome) -> bool:
    both = out.status == exp.status == "returned"
    return both and compare(out, exp) == "same"


def _expected(tasks: dict[str, Task], judge: Judge) -> dict[str, _Expected]:
    jobs = [_calls(t, t.solution, t.rule.of_canonical, range(len(t.calls))) for t in tasks.values()]
    found = outcomes(judge, jobs)
    return {t.name: _told(t, each) for t, each in zip(tasks.values(), found, strict=True)}


def _told(task: Task, canonical: Sequence[Outcome]) -> _Expected:
    return _Expected(canonical, task.rule.tolerances(canonical, task.base))


def _one_by_one(
    pending: Sequence[_Candidate], expected: dict[str, _Expected], judge: Judge
) -> None:
    """Settle the first chunks that are left of each candidate."""
    places = [
        [
            place
            for chunk in each.left[: each.step]
            for place in chunk
            if expected[each.task.name].outcomes[place].status not in TOO_LARGE
        ]
        for each in pending
    ]
    jobs = [
        _calls(each.task, each.source, each.task.rule.of_candidate, some)
        for each, some in zip(pending, places, strict=True)
    ]
    for each, some, found in zip(pending, places, outcomes(judge, jobs), strict=True):
        each.left, each.step = each.left[each.step :], 2 * each.step
        _settle(each, some, found, expected[each.task.name])


def _settle(
    candidate: _Candidate, places: Sequence[int], found: Sequence[Outcome], told: _Expected
) -> None:
    """Note the first of these calls that is wrong, if one is; then nothing is left to be asked."""
    task = candidate.task
    for place, out in zip(places, found, strict=True):
        exp, atol = told.outcomes[place], told.tolerances[place]
        why = task.rule.wrong(task.calls[place], out, exp, atol)
        if why is not None:
            candidate.wrong, candidate.base, candidate.left = why, place >= task.base, []
            return


def _calls(task: Task, source: str, expression: str, places: Sequence[int]) -> Job:
    texts = tuple(arguments_text(task.calls[place]) for place in places)
    return Job(calling(steady(source), expression), texts)


def _mark(candidate: _Candidate, expected: _Expected | None) -> Mark:
    """``expected`` is None where nothing had to be called one by one."""
    statuses = [outcome.status for outcome in expected.outcomes] if expected else []
    if any(status not in ("returned", *TOO_LARGE) for status in statuses):
        return Mark(False, "the canonical solution failed", candidate.source, {"base": False})
    left = sum(status in TOO_LARGE for status in statuses)
    passed = f"passed, {left} inputs too large to be compared" if left else "passed"
    why = candidate.wrong
    return Mark(why is None, why or passed, candidate.source, {"base": candidate.base})
