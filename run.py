"""The command line of sinq_jax: ``python run.py --config=configs/tiny.py``; ``--help`` lists all.

Exit status: 0 done, 2 a mistake in flags or config (one line on stderr).
"""

import sys
from collections.abc import Sequence

from sinq_jax.config import ConfigError
from sinq_jax.config.display import summary
from sinq_jax.config.flags import parse


def main(words: Sequence[str]) -> int:
    """Do what the command line asks for; return the exit status."""
    try:
        request = parse(words)
        print(summary(request.config, request.file))
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
