"""Lines of JSON: one object a line, and a clear word for a line that is something else."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TextIO, TypeVar

T = TypeVar("T")


class LineError(ValueError):
    """A line that is not what it should be; the message says where, what was expected and what was
    found.
    """


def write_lines(values: Iterable[Mapping[str, Any]], stream: TextIO) -> int:
    """Write one line per value and return how many. Only ASCII: any text comes back as it was."""
    count = 0
    for value in values:
        stream.write(json.dumps(value) + "\n")
        count += 1
    return count


def read_lines(
    stream: Iterable[str], read: Callable[[Any], T], where: str, expected: str, advice: str
) -> Iterator[T]:
    """Yield what ``read`` makes of the value of each line, skipping blank ones.

    ``read`` may raise ValueError, KeyError, TypeError or IndexError. Raises LineError at the first
    line that it or JSON refuses: ``where`` names the stream, ``expected`` says what a line is,
    ``advice`` what to do.
    """
    for number, line in enumerate(stream, start=1):
        if not line.strip():
            continue
        try:
            yield read(json.loads(line))
        except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
            fault = f"no key {error}" if isinstance(error, KeyError) else str(error)
            at = f"{where}:{number}"
            raise LineError(f"{at}: expected {expected}, got {fault}; {advice}") from error
