"""``python -m sinq_jax.intake FILE... --out=DIR``: published games as data to learn from."""

import argparse
import sys
from collections.abc import Sequence

from sandbox import SandboxError
from sandbox.arguments import OneLineParser
from sinq_jax.audit import read_files
from sinq_jax.audit.arguments import add_judging, limits_of
from sinq_jax.audit.files import prepare_folder
from sinq_jax.audit.table import broken_line
from sinq_jax.errors import SinqError
from sinq_jax.intake.files import CHATS, PUBLISHED, write_intake
from sinq_jax.intake.keeping import take_in
from sinq_jax.intake.summary import text_summary
from sinq_jax.progress import Progress

INTERRUPTED = 130
DESCRIPTION = f"""Take published games in as data to learn from. Every proof is judged again; what
does not hold is left out and counted, and so is a variant that nobody but its writer can tell from
the original. DIR gets {PUBLISHED}, which training reads, and {CHATS}, the same in the layout of the
authors' release. FILE is a games.sqlite, or JSON lines (also gzipped): chats of that release,
parsed pairs, games, or published variants."""


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(prog="python -m sinq_jax.intake", description=DESCRIPTION)
    add_judging(parser)
    parser.add_argument("--out", metavar="DIR", required=True, help="the folder to write to")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0 done, 1 the sandbox broke at some proofs, 2 a mistake in what was
    asked, 130 interrupted.
    """
    parser = _parser()
    asked = parser.parse_args(arguments)
    try:
        return _take_in(asked)
    except (SinqError, SandboxError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return INTERRUPTED


def _take_in(asked: argparse.Namespace) -> int:
    limits = limits_of(asked)
    sources = read_files(asked.files, asked.limit)
    folder = prepare_folder(asked.out, (PUBLISHED, CHATS))
    with Progress() as progress:
        found = take_in(sources, workers=asked.workers, limits=limits, progress=progress)
    paths = write_intake(folder, found)
    print("\n".join([text_summary(found), "", *map(str, paths)]), flush=True)
    if found.broken:
        print(broken_line(found.broken), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
