"""Several hosts as threads of one process, for what needs no devices and no network."""

import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sinq_jax.hosts import Hosts

T = TypeVar("T")


class Thread(Hosts):
    """One of them: ``boxes[i]`` is what host i is given."""

    def __init__(self, number: int, boxes: list[queue.Queue]) -> None:
        self.number, self.count = number, len(boxes)
        self._boxes = boxes
        self._early: list[tuple[int, bytes]] = []

    def exchange(self, what: str, mine: bytes) -> list[bytes]:
        """Everyone's next gift; a faster host may have given one more already."""
        for box in self._boxes:
            box.put((self.number, what, mine))
        given: dict[int, bytes] = {}
        waiting, self._early = self._early, []
        while len(given) < self.count:
            number, name, gift = waiting.pop(0) if waiting else self._boxes[self.number].get()
            if number in given:
                self._early.append((number, name, gift))
            else:
                assert name == what
                given[number] = gift
        self._early += waiting
        return [given[number] for number in range(self.count)]


def together(count: int, work: Callable[[Hosts], T]) -> list[T]:
    """What ``work`` returns on each of ``count`` hosts."""
    boxes: list[queue.Queue] = [queue.Queue() for _ in range(count)]
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, [Thread(number, boxes) for number in range(count)]))
