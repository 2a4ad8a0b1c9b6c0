"""What every command that judges published games can be told on its command line."""

import argparse

from sandbox import Limits


def add_judging(parser: argparse.ArgumentParser) -> None:
    """Add the files, and how many workers judge how many of their rows within which limits."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="a file of published games")
    parser.add_argument(
        "--workers", type=_count, metavar="N", help="sandbox workers (default: one per core)"
    )
    parser.add_argument(
        "--timeout", type=float, metavar="S", help="CPU seconds of a first run (default 0.25)"
    )
    parser.add_argument(
        "--limit", type=_count, metavar="N", help="only the first N rows of each file"
    )


def limits_of(asked: argparse.Namespace) -> Limits:
    """Return the limits that ``--timeout`` asks for, those of the sandbox without it."""
    if asked.timeout is None:
        return Limits()
    return Limits(cpu_s=asked.timeout, confirm_cpu_s=10 * asked.timeout)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"expected a whole number above 0, got {text!r}")
    return int(text)
