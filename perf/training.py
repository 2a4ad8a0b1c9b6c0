"""Tokens per second of the train step, against google-tunix and `transformers`.

All learn the same texts with the same AdamW from one checkpoint of random weights, every token but
the first of each, each in its own process; one works at a time, in turns. Before anything is timed,
the logits of one text have to be the same, and the losses of the first updates. Peers run in
other environments (see perf/requirements-*.txt); without one, only ours is timed. On a CPU
the figure is tokens per CPU-second, on an accelerator tokens per second. Prints a table, the model
FLOPs utilisation, and, last, one JSON line for each peer.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from perf import entrants
from perf.contest import Outcome, hold, print_table, report
from perf.costs import training_flops
from perf.llamas import SHAPES, config, parameters
from perf.peers.work import Work
from perf.workers import ArmError

PROG = "python -m perf.training"


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0 done, 2 a mistake in what was asked or an arm, 130 interrupted."""
    parser = entrants.parser(PROG, __doc__, rows=16, tokens=256)
    entrants.number(parser, "--updates", 2, "updates in one round")
    parser.add_argument(
        "--adapter-rank",
        type=int,
        default=0,
        metavar="N",
        help="learn adapters of this rank on frozen weights, ours alone (default 0: all weights)",
    )
    asked = parser.parse_args(arguments)
    if asked.tokens < 2:
        parser.error("--tokens: expected 2 at least, of which the second is learned")
    if asked.adapter_rank < 0:
        parser.error("--adapter-rank: expected a rank, or 0 for all weights")
    try:
        outcome = _compare(asked)
    except (ArmError, OSError) as error:
        return entrants.complain(PROG, error)
    except KeyboardInterrupt:
        return 130
    print_table(outcome)
    _print_utilisation(asked, outcome)
    report(outcome, "trained")
    return 0


def _compare(asked: argparse.Namespace) -> Outcome:
    spec = SHAPES[asked.shape]
    learns = f"adapters of rank {asked.adapter_rank}" if asked.adapter_rank else "all weights"
    print(
        f"{parameters(spec):,} parameters, {asked.dtype}; {asked.rows} texts of {asked.tokens} "
        f"tokens; {learns} learn"
    )
    work = Work(
        job="training",
        model="",
        config=config(spec),
        dtype=asked.dtype,
        tokens=entrants.texts(spec.vocab, asked.rows, asked.tokens),
        updates=asked.updates,
        adapter_rank=asked.adapter_rank,
    )
    found = entrants.arms(asked)
    # The peers' adapters lie on other projections, or need yet another package.
    return hold(work, found[:1] if asked.adapter_rank else found, asked.rounds, ["ceilings"])


def _print_utilisation(asked: argparse.Namespace, outcome: Outcome) -> None:
    """Operations that had to be done a second, beside what a large product reaches."""
    spec = SHAPES[asked.shape]
    token = training_flops(spec, parameters(spec), asked.tokens, frozen=asked.adapter_rank > 0)
    rate = token * outcome.results[0].rate("wall_s")
    ceiling = outcome.asked["ceilings"]["flops"]
    print(
        f"ours: {token / 1e6:.1f} MFLOP a token: {rate / 1e9:.1f} GFLOP/s, {rate / ceiling:.0%} of "
        f"a large product's {ceiling / 1e9:.1f}"
    )


if __name__ == "__main__":
    sys.exit(main())
