"""Bodies over whole numbers: guards, branches, accumulations, bounded loops."""

from random import Random

from sinq_jax.programs.grammar.draft import Draft, indented
from sinq_jax.programs.grammar.terms import (
    int_condition,
    int_constant,
    int_result,
    int_term,
    pair_condition,
    pair_term,
    pick,
    remainder_test,
)


def guards(rng: Random) -> Draft:
    """One or two guards that return early, then the general case."""
    name = _name(rng)
    lines: list[str] = []
    for _ in range(rng.choice((1, 2, 2))):
        lines += [f"if {int_condition(rng, name)}:", *indented(f"return {int_result(rng, name)}")]
    return Draft.ints((name,), [*lines, f"return {int_term(rng, name)}"])


def branches(rng: Random) -> Draft:
    """``if``/``elif``/``else`` where each branch returns."""
    name = _name(rng)
    lines = [f"if {int_condition(rng, name)}:", *indented(f"return {int_result(rng, name)}")]
    if rng.random() < 0.6:
        lines += [f"elif {int_condition(rng, name)}:", *indented(f"return {int_result(rng, name)}")]
    return Draft.ints((name,), [*lines, "else:", *indented(f"return {int_term(rng, name)}")])


def assigned_branch(rng: Random) -> Draft:
    """A local gets its value in two branches and is used after them."""
    name = _name(rng)
    lines = [f"if {int_condition(rng, name)}:", *indented(f"t = {int_result(rng, name)}"), "else:"]
    lines += indented(f"t = {int_term(rng, name)}")
    result = rng.choice(("t", f"t + {name}", int_term(rng, "t"), f"t - {name}"))
    return Draft.ints((name,), [*lines, f"return {result}"])


def adjusted_local(rng: Random) -> Draft:
    """A local starts as a term and is corrected under one or two conditions."""
    name = _name(rng)
    lines = [f"t = {int_term(rng, name)}"]
    for subject in rng.choice(((name,), ("t",), (name, "t"))):
        change = rng.choice((f"t += {rng.randint(1, 9)}", f"t -= {rng.randint(1, 9)}", "t *= 2"))
        lines += [f"if {int_condition(rng, subject)}:", *indented(change)]
    return Draft.ints((name,), [*lines, "return t"])


def range_sum(rng: Random) -> Draft:
    """A sum or count over a range that the parameter bounds."""
    name = rng.choice(("n", "n", "x"))
    bound = pick(
        rng,
        [
            (4, lambda: f"{name}"),
            (2, lambda: f"{name} + 1"),
            (3, lambda: f"{rng.randint(1, 3)}, {name}"),
            (1, lambda: f"{name}, {rng.randint(5, 9)}"),
        ],
    )
    start = rng.choice(("0", "0", "0", "1", name))
    step = rng.choice(("t += i", "t += i", "t += 1", f"t += i * {rng.randint(2, 4)}", "t -= i"))
    lines = [f"t = {start}", f"for i in range({bound}):"]
    if rng.random() < 0.65:
        condition = rng.choice(
            (remainder_test(rng, "i"), f"i > {rng.randint(1, 5)}", f"i != {rng.randint(1, 5)}")
        )
        lines += [*indented(f"if {condition}:"), *indented(step, depth=2)]
    else:
        lines += indented(step)
    return Draft.ints((name,), [*lines, "return t"])


def countdown(rng: Random) -> Draft:
    """A ``while`` loop whose subject shrinks at every turn, so that it always ends."""
    name = rng.choice(("n", "n", "x"))
    shrink = rng.choice((f"{name} //= 2", f"{name} -= {rng.randint(2, 4)}", f"{name} //= 3"))
    condition = f"{name} > {rng.randint(0, 4)}"
    if rng.random() < 0.4:
        result = rng.choice((name, int_term(rng, name)))
        return Draft.ints((name,), [f"while {condition}:", *indented(shrink), f"return {result}"])
    step = rng.choice(("t += 1", f"t += {name}", f"t += {name} % {rng.randint(2, 4)}"))
    lines = [f"t = {rng.choice('001')}", f"while {condition}:", *indented(step), *indented(shrink)]
    return Draft.ints((name,), [*lines, "return t"])


def two_ints(rng: Random) -> Draft:
    """Guards over two parameters."""
    lines: list[str] = []
    for _ in range(rng.choice((1, 1, 2))):
        result = int_constant(rng) if rng.random() < 0.25 else pair_term(rng, "x", "y")
        lines += [f"if {pair_condition(rng, 'x', 'y')}:", *indented(f"return {result}")]
    return Draft.ints(("x", "y"), [*lines, f"return {pair_term(rng, 'x', 'y')}"])


def _name(rng: Random) -> str:
    return rng.choice(("x", "x", "x", "n"))
