"""``python -m sinq_jax.report DIR [--control DIR2]``: print the closing table, write the page."""

import argparse
import sys

from sinq_jax.errors import SinqError
from sinq_jax.report import as_text, closing_table, load_run, write_report


def main() -> int:
    """Return 0, or 2 after one line on stderr when a workdir cannot be reported on."""
    parser = argparse.ArgumentParser(
        prog="python -m sinq_jax.report",
        description="Print a run's closing table and write report.html into its workdir.",
    )
    parser.add_argument("workdir", help="the --workdir of a run")
    parser.add_argument("--control", metavar="DIR", help="the workdir of a control arm")
    flags = parser.parse_args()
    try:
        run = load_run(flags.workdir)
        control = load_run(flags.control).rows if flags.control else None
        print(as_text(closing_table(run.rows, played=run.played, control=control)))
        print(f"\n{write_report(flags.workdir, flags.control)}")
    except SinqError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
