"""Command lines that say in one line what is wrong with them, and stop when nobody reads on."""

from __future__ import annotations

import argparse
import os
import sys
from typing import NoReturn


class OneLineParser(argparse.ArgumentParser):
    """Answers a mistake with one line and exit status 2, without the usage above it."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and leave."""
        self.exit(2, f"{self.prog}: {message}; see --help\n")


def hush() -> None:
    """Send standard output nowhere: after a BrokenPipeError, what is left in its buffer would be
    another one when the interpreter ends.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
