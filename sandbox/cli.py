"""The command line: `check`, `run` and `doctor`."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import fields
from queue import Queue
from typing import NoReturn

from sandbox.doctor import report
from sandbox.layers import LAYERS, OPTIONAL
from sandbox.pool import Sandbox
from sandbox.records import POLICIES, Check, Judgement, Limits, SandboxError

WINDOW = 64
CHUNK = 1 << 18
INTERRUPTED = 130


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the flags in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    check = commands.add_parser(
        "check",
        help="judge pairs of programs",
        description="Read JSON lines with id, entry_point, original, variant, input from standard "
        "input; write a verdict for each, in the same order, to standard output.",
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
    _add_layers(check, run, doctor)
    for command in (check, run):
        command.add_argument(
            "--timeout", type=float, metavar="S", help="CPU seconds of a first run (default 0.25)"
        )
        command.add_argument(
            "--policy", choices=POLICIES, default="python", help="how values are compared"
        )
    check.add_argument("--workers", type=int, metavar="N", help="lanes (default: one per core)")
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
        return _check(asked) if asked.command == "check" else _run(asked)
    except (SandboxError, UnicodeError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read the verdicts has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
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
        for judgement in _judgements(sandbox, sys.stdin.fileno()):
            print(json.dumps(judgement.to_json()), flush=True)
    return 0


def _judgements(sandbox: Sandbox, descriptor: int) -> Iterator[Judgement]:
    """Judge lines with a bounded number underway; yield each in its turn, as soon as it is."""
    underway: Queue[Future[Judgement] | None] = Queue(WINDOW * sandbox.workers)

    def feed() -> None:
        with contextlib.suppress(SandboxError):  # closed, because nobody reads the verdicts
            for number, line in enumerate(_lines(descriptor), 1):
                if line.strip():
                    underway.put(_future(sandbox, line, number))
        underway.put(None)

    threading.Thread(target=feed, daemon=True).start()
    while (future := underway.get()) is not None:
        yield future.result()


def _lines(descriptor: int) -> Iterator[bytes]:
    """Yield lines as they come; unbuffered, so that a thread that waits here holds no lock."""
    rest = b""
    while chunk := os.read(descriptor, CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
    yield rest


def _future(sandbox: Sandbox, line: bytes, number: int) -> Future[Judgement]:
    try:
        return sandbox.submit(parse_line(line, number))
    except ValueError as error:
        future: Future[Judgement] = Future()
        future.set_result(Judgement(_id(line), "invalid", str(error)))
        return future


def parse_line(line: bytes, number: int) -> Check:
    """Return the check that a line of JSON holds; raise ValueError with the reason."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError(f"line {number}: not JSON") from None
    if not isinstance(record, dict):
        raise ValueError(f"line {number}: not a JSON object")
    for each in fields(Check):
        if each.name not in record:
            raise ValueError(f"line {number}: no {each.name}")
        if not isinstance(record[each.name], str) and each.name != "id":
            raise ValueError(f"line {number}: {each.name} is not a string")
    known = {each.name: record[each.name] for each in fields(Check)}
    return Check(**{**known, "id": str(known["id"])})


def _id(line: bytes) -> str:
    """Return the id of a line that is no check, as far as it has one."""
    try:
        return str(json.loads(line)["id"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


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
