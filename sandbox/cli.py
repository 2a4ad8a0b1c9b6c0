"""The command line: `check`, `search`, `run` and `doctor`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from sandbox.arguments import OneLineParser, hush
from sandbox.doctor import report
from sandbox.layers import LAYERS, OPTIONAL
from sandbox.lines import answered, answers, id_of, parse_line, parse_pair
from sandbox.pool import Sandbox
from sandbox.records import POLICIES, Judgement, Limits, SandboxError
from sandbox.search import BUDGET, WANTED, Findings, search

WINDOW = 64
SEARCHES = 4
INTERRUPTED = 130
SEARCH = """\
Search for inputs on which programs differ, around known inputs.

Read JSON lines with id, entry_point, original, variant, and input or inputs from standard input;
write id, found, tried, reason for each, in the same order, to standard output. `input` is a claimed
proof: its neighbours are tried, not the input itself, so lines for `check` can be given as they
are. `inputs` is a list of known inputs, which are tried themselves. Each find is proven by a full
check; found lists finds with their verdicts, the smallest input first. reason: found, equal code,
budget used up, no more inputs, or what is wrong with the line. The same lines and flags give the
same finds.
"""
SEARCH_EXAMPLE = """\
examples:
  python -m sandbox search < pairs.jsonl > found.jsonl
  python -m sandbox search --budget 1000 --wanted 1 < pairs.jsonl > found.jsonl
  printf '%s\\n' '{"id": 1, "entry_point": "f", "original": "def f(x): return x > 3", \
"variant": "def f(x): return x > 4", "inputs": ["{\\"x\\": 1}"]}' | python -m sandbox search
"""


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=OneLineParser)
    check = commands.add_parser(
        "check",
        help="judge pairs of programs",
        description="Read JSON lines with id, entry_point, original, variant, input from standard "
        "input; write a verdict for each, in the same order, to standard output.",
    )
    search_for = commands.add_parser(
        "search",
        help="search for inputs on which pairs of programs differ",
        description=SEARCH,
        epilog=SEARCH_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    run = commands.add_parser(
        "run",
        help="run one program on one input",
        description="Print the outcome of one call as a JSON object.",
    )
    doctor = commands.add_parser(
        "doctor",
        help="say which protections work here",
        description="Say which protections are active here, and which are not and why.",
    )
    _add_layers(check, search_for, run, doctor)
    for command in (check, search_for, run):
        command.add_argument(
            "--timeout", type=float, metavar="S", help="CPU seconds of a first run (default 0.25)"
        )
        command.add_argument(
            "--policy", choices=POLICIES, default="python", help="how values are compared"
        )
    for command in (check, search_for):
        command.add_argument("--workers", type=int, metavar="N", help="lanes (default: one a core)")
    for flag, default, meaning in (
        ("--budget", BUDGET, "inputs tried on a pair, at most"),
        ("--wanted", WANTED, "finds that end the search of a pair"),
    ):
        search_for.add_argument(
            flag, type=_count, default=default, metavar="N", help=f"{meaning} (default {default})"
        )
    search_for.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of what is drawn (default 0)"
    )
    run.add_argument("--entry-point", required=True, metavar="NAME", help="function to call")
    run.add_argument("--input", required=True, metavar="DICT", help="keyword arguments, a literal")
    run.add_argument("file", metavar="FILE", help="the program")
    return parser


def _add_layers(*commands: argparse.ArgumentParser) -> None:
    for command in commands:
        for flag, use, among in (
            ("--require", "that must be there, or nothing runs", LAYERS),
            ("--without", "to leave out", OPTIONAL),
        ):
            command.add_argument(
                flag,
                type=_names,
                default=(),
                metavar="LAYERS",
                help=f"comma-separated layers {use}: {', '.join(among)}",
            )


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"expected at least 1, got {count}")
    return count


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.split(",") if name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status: 0 done, 2 a mistake in what was asked."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    try:
        if asked.command == "doctor":
            print(report(asked.require, asked.without))
            return 0
        commands = {"check": _check, "search": _search, "run": _run}
        return commands[asked.command](asked)
    except (SandboxError, UnicodeError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read the verdicts has seen enough
        hush()
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED


def _limits(timeout: float | None) -> Limits:
    if timeout is None:
        return Limits()
    return Limits(cpu_s=timeout, confirm_cpu_s=10 * timeout)


def _sandbox(asked: argparse.Namespace, workers: int | None) -> Sandbox:
    limits, layers = _limits(asked.timeout), {"require": asked.require, "without": asked.without}
    return Sandbox(workers, limits, asked.policy, **layers)


def _check(asked: argparse.Namespace) -> int:
    with _sandbox(asked, asked.workers) as sandbox:
        begin = partial(_begin_check, sandbox)
        for judgement in answers(sys.stdin.fileno(), WINDOW * sandbox.workers, begin):
            print(json.dumps(judgement.to_json()), flush=True)
    return 0


def _begin_check(sandbox: Sandbox, line: bytes, number: int) -> Future[Judgement]:
    try:
        return sandbox.submit(parse_line(line, number))
    except ValueError as error:
        return answered(Judgement(id_of(line), "invalid", str(error)))


def _search(asked: argparse.Namespace) -> int:
    with (
        _sandbox(asked, asked.workers) as sandbox,
        ThreadPoolExecutor(SEARCHES * sandbox.workers) as pool,
    ):

        def begin(line: bytes, number: int) -> Future[Findings]:
            try:
                pair = parse_pair(line, number)
            except ValueError as error:
                return answered(Findings(id_of(line), (), 0, str(error)))
            return pool.submit(search, sandbox, pair, asked.budget, asked.seed, asked.wanted)

        try:
            for findings in answers(sys.stdin.fileno(), WINDOW * sandbox.workers, begin):
                print(json.dumps(findings.to_json()), flush=True)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return 0


def _run(asked: argparse.Namespace) -> int:
    try:
        with open(asked.file, encoding="utf-8") as file:
            source = file.read()
    except OSError as error:
        raise SandboxError(f"{asked.file}: {error.strerror}") from None
    with _sandbox(asked, 1) as sandbox:
        outcome = sandbox.run(source, asked.entry_point, asked.input)
    print(json.dumps(outcome.to_json()))
    return 0
