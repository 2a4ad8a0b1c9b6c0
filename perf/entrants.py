"""The command line that both comparisons share, and which arms take part."""

from __future__ import annotations

import argparse
import os
import random
import sys

from perf.contest import Arm
from perf.llamas import SHAPES
from perf.workers import interpreter
from sandbox.arguments import OneLineParser

TUNIX, TRANSFORMERS = "SINQ_TUNIX_PYTHON", "SINQ_REFERENCE_PYTHON"


def parser(prog: str, about: str | None, rows: int, tokens: int) -> OneLineParser:
    """The options that both have. Defaults are those of the published figures."""
    made = OneLineParser(
        prog=prog, description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--shape", choices=list(SHAPES), default="6m", help="(default 6m)")
    made.add_argument(
        "--dtype", choices=["float32", "bfloat16"], default="float32", help="(default float32)"
    )
    number(made, "--rounds", 5, "rounds, in each of which every arm has its turn")
    number(made, "--rows", rows, "prompts, or texts to learn from, in one batch")
    number(made, "--tokens", tokens, "tokens of each")
    for package, variable in (("tunix", TUNIX), ("transformers", TRANSFORMERS)):
        made.add_argument(
            f"--{package}-python",
            metavar="PATH",
            default=os.environ.get(variable) or None,
            help=f"a Python that has {package} (default: ${variable}, or this one)",
        )
    return made


def number(made: OneLineParser, name: str, default: int, about: str) -> None:
    """Add an option whose value is a whole number above 0."""
    made.add_argument(
        name, type=_positive, default=default, metavar="N", help=f"{about} (default {default})"
    )


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number above 0, got {text}")
    return int(text)


def arms(asked: argparse.Namespace) -> list[Arm]:
    """Ours, and every peer that an interpreter was found for; says which are left out.

    torch takes a thread for each core unless told otherwise. Its threads wait for each other
    actively, so a CPU second gives more with a single one: both are shown.
    """
    found = [Arm("ours", "perf.peers.ours", sys.executable)]
    peers = [
        Arm("google-tunix", "perf.peers.tunix", "tunix"),
        Arm("transformers", "perf.peers.transformers", "transformers"),
        Arm(
            "transformers, 1 thread",
            "perf.peers.transformers",
            "transformers",
            {"SINQ_TORCH_THREADS": "1"},
        ),
    ]
    for peer in peers:
        python = interpreter(peer.python, vars(asked)[f"{peer.python}_python"])
        if python is None:
            print(f"left out, because no Python has it: {peer.name}")
        else:
            found.append(Arm(peer.name, peer.module, python, peer.more))
    return found


def texts(vocab: int, rows: int, tokens: int) -> list[list[int]]:
    """Random tokens, the same for every arm and in every run."""
    drawn = random.Random(0)
    return [[drawn.randrange(1, vocab) for _ in range(tokens)] for _ in range(rows)]


def complain(prog: str, error: Exception) -> int:
    """Say in one line what is wrong, and return the exit status."""
    print(f"{prog}: {error}", file=sys.stderr)
    return 2
