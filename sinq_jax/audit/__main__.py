"""``python -m sinq_jax.audit FILE...``: how many published proofs hold, and why others do not."""

import argparse
import sys
from collections.abc import Sequence

from sandbox import SandboxError
from sandbox.arguments import OneLineParser, hush
from sinq_jax.audit.arguments import add_judging, limits_of
from sinq_jax.audit.files import prepare_folder, write_audit
from sinq_jax.audit.judging import audit
from sinq_jax.audit.reading import read_files
from sinq_jax.audit.table import broken_line, text_report
from sinq_jax.errors import SinqError
from sinq_jax.progress import Progress

INTERRUPTED = 130
DESCRIPTION = """Judge the proofs of published games again: run original and variant on the input
that is said to make them differ. Prints how many proofs hold, by difficulty and by file, and why
the others do not. FILE is a games.sqlite, or JSON lines (also gzipped): chats of the authors'
release, parsed pairs, games, or published variants."""


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(prog="python -m sinq_jax.audit", description=DESCRIPTION)
    add_judging(parser)
    parser.add_argument(
        "--out",
        metavar="DIR",
        help="write receipts.jsonl and audit.html, a page to read what is disputed, into DIR "
        "(default: only print)",
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0 done, 1 the sandbox broke at some proofs, 2 a mistake in what was
    asked, 130 interrupted.
    """
    parser = _parser()
    asked = parser.parse_args(arguments)
    try:
        return _audit(asked)
    except (SinqError, SandboxError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read the table has seen enough
        hush()
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED


def _audit(asked: argparse.Namespace) -> int:
    limits = limits_of(asked)
    sources = read_files(asked.files, asked.limit)
    folder = None if asked.out is None else prepare_folder(asked.out)
    with Progress() as progress:
        found = audit(sources, workers=asked.workers, limits=limits, progress=progress)
    print(text_report(found), flush=True)
    if folder is not None:
        print("\n" + "\n".join(map(str, write_audit(folder, found))), flush=True)
    if found.broken:
        print(broken_line(found.broken), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
