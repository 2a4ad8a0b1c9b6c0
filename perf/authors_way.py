"""The authors' way to check one pair, written anew: what `perf.sandbox` compares with.

A fresh interpreter runs this for one check, which it reads as JSON from standard input. It starts
a process for P and one for Q, joins each with a random limit between 2.5 and 5 s, and compares what
they pickled with `!=`. Prints `diverges` or `same`.
"""

import ast
import json
import multiprocessing
import random
import sys
from multiprocessing.connection import Connection

LIMIT_S = (2.5, 5.0)


def work(source: str, entry_point: str, given: str, answers: Connection) -> None:
    """Run one program and send ("value", ...), or ("error", ...) with the exception."""
    try:
        names: dict[str, object] = {"__name__": "program"}
        exec(source, names)
        answers.send(("value", names[entry_point](**ast.literal_eval(given))))  # type: ignore[operator]
    except Exception as error:  # noqa: BLE001 - whatever a program raises is its outcome
        answers.send(("error", error))


def main() -> None:
    """Check the pair on standard input."""
    check = json.load(sys.stdin)
    started = []
    for source in (check["original"], check["variant"]):
        ours, theirs = multiprocessing.Pipe(duplex=False)
        arguments = (source, check["entry_point"], check["input"], theirs)
        process = multiprocessing.Process(target=work, args=arguments)
        process.start()
        started.append((process, ours))
    outcomes = []
    for process, answers in started:
        process.join(random.uniform(*LIMIT_S))
        if process.is_alive():
            process.kill()
            process.join()
        outcomes.append(answers.recv() if answers.poll() else ("time", None))
    print("diverges" if outcomes[0] != outcomes[1] else "same")


if __name__ == "__main__":
    main()
