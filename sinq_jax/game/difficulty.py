"""How hard a variant was, from how many of the evaluator's answers solved it."""

LEVELS = range(11)


def level(solved: int, answers: int) -> int:
    """Difficulty 0-10: ``10 x (1 - s / n)``, rounded down in integer arithmetic (arXiv 2505.03818,
    section 3).

    ``answers`` counts every answer, also the unparsable ones and claims of equivalence. Raises
    ``ValueError`` unless ``0 <= solved <= answers`` and there is at least one answer.
    """
    if not 0 <= solved <= answers or answers == 0:
        raise ValueError(f"difficulty: expected 0 <= s <= n and n > 0, got s={solved}, n={answers}")
    return 10 * (answers - solved) // answers


def level_of_density(diverging: int, tried: int) -> int:
    """The level of an evaluator that guesses inputs at random: what is known of a pair before
    anybody played it.
    """
    return level(diverging, tried)
