"""Shuffled passes through a set: everything once before anything comes again."""

from sinq_jax.randomness import host_generator


def of_pass(count: int, size: int, number: int, seed: int) -> list[int]:
    """``size`` different indices below ``count`` for round ``number`` (1, 2, ...).

    A pass is as many whole rounds as the set has room for; what is left over at its end waits for
    another pass, each of which is shuffled anew. Any round can be asked for at once, so a run goes
    on where it stopped: Grain shuffles by computing places, not by moving what lies there.
    """
    import grain  # where nobody asks for passes, a run needs no Grain

    seed = int(host_generator(seed, "passes").integers(2**32))
    order = grain.MapDataset.range(count).seed(seed).shuffle().repeat()
    finished, place = divmod(number - 1, count // size)
    start = finished * count + place * size
    return [int(order[index]) for index in range(start, start + size)]
