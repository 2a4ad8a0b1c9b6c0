"""Tokens per second of the sampler, against google-tunix and `transformers`.

All sample at temperature 1, without truncation and to the full length, from one checkpoint of
random weights, each in its own process; one works at a time, in turns. Before anything is timed,
the logits of one prompt have to be the same. Peers run in other environments (see
perf/requirements-*.txt); without one, only ours is timed. On a CPU the figure is tokens per
CPU-second, on an accelerator tokens per second. Prints a table, what share of the device's
bandwidth decoding reaches, and, last, one JSON line for each peer.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from statistics import median

from perf import entrants
from perf.contest import Outcome, hold, print_table, report
from perf.costs import decode_bytes
from perf.llamas import SHAPES, config, parameters
from perf.peers.work import Work
from perf.workers import ArmError

PROG = "python -m perf.sampling"
BYTES = {"float32": 4, "bfloat16": 2}


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status: 0 done, 2 a mistake in what was asked or an arm, 130 interrupted."""
    parser = entrants.parser(PROG, __doc__, rows=64, tokens=128)
    entrants.number(parser, "--new", 128, "tokens to sample after each prompt")
    entrants.number(parser, "--group", 1, "completions of each prompt")
    asked = parser.parse_args(arguments)
    try:
        outcome = _compare(asked)
    except (ArmError, OSError) as error:
        return entrants.complain(PROG, error)
    except KeyboardInterrupt:
        return 130
    print_table(outcome)
    _print_bandwidth(asked, outcome)
    report(outcome, "sampled")
    return 0


def _compare(asked: argparse.Namespace) -> Outcome:
    spec = SHAPES[asked.shape]
    batch = (
        f"{asked.rows} prompts of {asked.tokens} tokens, {asked.group} completions of {asked.new}"
    )
    print(f"{parameters(spec):,} parameters, {asked.dtype}; {batch}")
    work = Work(
        job="sampling",
        model="",
        config=config(spec),
        dtype=asked.dtype,
        tokens=entrants.texts(spec.vocab, asked.rows, asked.tokens),
        group=asked.group,
        new=asked.new,
    )
    return hold(work, entrants.arms(asked), asked.rounds, ["first_token", "ceilings"])


def _print_bandwidth(asked: argparse.Namespace, outcome: Outcome) -> None:
    """Bytes that had to be read a second while decoding, beside what a large copy reaches."""
    if asked.new < 2:
        return
    spec = SHAPES[asked.shape]
    step = decode_bytes(
        spec, parameters(spec), BYTES[asked.dtype], asked.rows, asked.group, asked.tokens, asked.new
    )
    whole = median(each["wall_s"] for each in outcome.results[0].rounds)
    first = outcome.asked["first_token"]["wall_s"]
    steps = (asked.new - 1) / max(whole - first, 1e-9)
    ceiling = outcome.asked["ceilings"]["bytes"]
    print(
        f"ours: prompts and first token {first:.3f} s, then {steps:.1f} steps/s that read "
        f"{step / 1e6:.1f} MB each: {steps * step / 1e9:.1f} GB/s, {steps * step / ceiling:.0%} of "
        f"a large copy's {ceiling / 1e9:.1f}"
    )


if __name__ == "__main__":
    sys.exit(main())
