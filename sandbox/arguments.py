"""Command lines that say in one line what is wrong with them."""

from __future__ import annotations

import argparse
from typing import NoReturn


class OneLineParser(argparse.ArgumentParser):
    """Answers a mistake with one line and exit status 2, without the usage above it."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and leave."""
        self.exit(2, f"{self.prog}: {message}; see --help\n")
