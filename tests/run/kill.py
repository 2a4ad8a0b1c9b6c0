"""``python -m tests.run.kill --config=FILE --workdir=DIR``: one run is killed, another is not.

Plays the config twice, in DIR/undisturbed and in DIR/killed. The second run is killed with SIGKILL
once in the warm start, while sampling, judging, training and saving, each time at a call drawn at
random; the same command goes on each time. At the end the two are compared. Exit status 0: alike.
"""

import argparse
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from sinq_jax.same import differences

FARTHEST = {"warm start": 40, "sampling": 6, "judging": 4, "training": 2, "saving": 2}
"""The last call of each moment that may be drawn, counted since the process began. With these, the
small run of the tests is still going on."""


def main() -> int:
    """Return 0 when both runs are alike, 1 when they differ, 2 when one could not be played."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.run.kill",
        description="Play a config undisturbed and killed at five random moments; compare the two.",
    )
    parser.add_argument("--config", required=True)
    parser.add_argument("--workdir", required=True, type=Path)
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--reach", type=int, default=1, help="draw calls that many times as far")
    known, flags = parser.parse_known_args()
    undisturbed, killed = known.workdir / "undisturbed", known.workdir / "killed"
    words = [f"--config={known.config}", *flags]
    if run(["run.py", *words, f"--workdir={undisturbed}"]):
        return 2
    dice = random.Random(known.seed)
    for moment, farthest in FARTHEST.items():
        call = dice.randint(1, farthest * known.reach)
        mortal = ["-m", "tests.run.mortal", moment, str(call), "SIGKILL"]
        status = run([*mortal, *words, f"--workdir={killed}"])
        print(f"\n{moment}, call {call}: {'killed' if status < 0 else f'ended with {status}'}\n")
    if run(["run.py", *words, f"--workdir={killed}"]):
        return 2
    found = list(differences(undisturbed, killed))
    print("\n".join(found) or f"alike: {undisturbed} and {killed}")
    return 1 if found else 0


def run(words: Sequence[str]) -> int:
    return subprocess.run([sys.executable, *words], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
