"""The simplest way to check one pair: a fresh interpreter that runs P and then Q itself.

It reads the check as JSON from standard input and prints `diverges` or `same`. Whoever starts it
must end it when it takes too long.
"""

import ast
import json
import sys


def outcome(source: str, entry_point: str, given: str) -> tuple[str, object]:
    """Return how a call ended: its value, or the type and the arguments of its exception."""
    try:
        names: dict[str, object] = {"__name__": "program"}
        exec(source, names)
        return "value", names[entry_point](**ast.literal_eval(given))  # type: ignore[operator]
    except Exception as error:  # noqa: BLE001 - whatever a program raises is its outcome
        return "error", (type(error).__name__, error.args)


def main() -> None:
    """Check the pair on standard input."""
    check = json.load(sys.stdin)
    call = (check["entry_point"], check["input"])
    p, q = outcome(check["original"], *call), outcome(check["variant"], *call)
    print("diverges" if p != q else "same")


if __name__ == "__main__":
    main()
