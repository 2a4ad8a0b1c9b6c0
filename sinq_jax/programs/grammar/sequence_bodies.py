"""Bodies over lists and strings: filters, indexing, slices, counts."""

from random import Random

from sinq_jax.programs.grammar.draft import Draft, indented
from sinq_jax.programs.grammar.terms import (
    comparison,
    int_constant,
    int_term,
    letter,
    pick,
    remainder_test,
)


def list_filter(rng: Random) -> Draft:
    """A loop that sums, counts or collects the elements that pass a test."""
    start, step = rng.choice(
        (
            ("0", "t += v"),
            ("0", "t += v"),
            ("0", "t += 1"),
            ("0", f"t += v * {rng.randint(2, 4)}"),
            ("1", "t *= 2"),
            ("[]", "t.append(v)"),
            ("[]", f"t.append(v + {rng.randint(1, 5)})"),
        )
    )
    lines = [f"t = {start}", "for v in xs:", *indented(f"if {_element_test(rng)}:")]
    lines += indented(step, depth=2)
    if start != "[]" and rng.random() < 0.25:
        lines += [
            *indented("else:"),
            *indented(rng.choice(("t -= 1", "t += 1", "t -= v")), depth=2),
        ]
    return Draft.of("xs", "list[int]", [*lines, "return t"])


def list_extreme(rng: Random) -> Draft:
    """A running maximum, minimum or last match."""
    start = rng.randint(0, 5)
    test, step = rng.choice(
        (
            ("v > t", "t = v"),
            ("v < t", "t = v"),
            (_element_test(rng), "t = v"),
            ("v >= t", "t += 1"),
        )
    )
    lines = [f"t = {start}", "for v in xs:", *indented(f"if {test}:"), *indented(step, depth=2)]
    return Draft.of(
        "xs", "list[int]", [*lines, f"return {rng.choice(('t', 't', int_term(rng, 't')))}"]
    )


def list_guard(rng: Random) -> Draft:
    """A guard on length, sum or membership, then a result taken from the list."""
    guard = pick(
        rng,
        [
            (4, lambda: comparison(rng, "len(xs)", str(rng.randint(1, 3)))),
            (3, lambda: comparison(rng, "sum(xs)", int_constant(rng))),
            (3, lambda: f"{rng.randint(-1, 6)} in xs"),
        ],
    )
    whole = rng.random() < 0.6
    lines = [f"if {guard}:", *indented(f"return {_list_result(rng, whole)}")]
    return Draft.of("xs", "list[int]", [*lines, f"return {_list_result(rng, whole)}"])


def list_first(rng: Random) -> Draft:
    """An early return for the empty list, then a look at single elements."""
    position = rng.choice(("0", "-1"))
    result = rng.choice((f"xs[{position}]", "max(xs)", "min(xs)", "len(xs)", "sum(xs)"))
    lines = ["if not xs:", *indented(f"return {rng.randint(0, 9)}")]
    subject = rng.choice((f"xs[{position}]", "max(xs)", "min(xs)"))
    lines += [f"if {comparison(rng, subject, int_constant(rng))}:", *indented(f"return {result}")]
    return Draft.of("xs", "list[int]", [*lines, f"return {_list_result(rng, whole=True)}"])


def list_comprehension(rng: Random) -> Draft:
    """A comprehension and what is made of it."""
    element = rng.choice(
        ("v", "v", f"v + {rng.randint(1, 5)}", f"v * {rng.randint(2, 4)}", "abs(v)")
    )
    made = f"[{element} for v in xs if {_element_test(rng)}]"
    if rng.random() < 0.5:
        return Draft.of(
            "xs", "list[int]", [f"return {rng.choice(('sum', 'len', 'sorted'))}({made})"]
        )
    return Draft.of(
        "xs",
        "list[int]",
        [
            f"t = {made}",
            f"return {rng.choice(('t[:2]', 'len(t) + sum(xs)', 't[::-1]', 't + xs[:1]'))}",
        ],
    )


def string_count(rng: Random) -> Draft:
    """A loop over characters that counts or rebuilds."""
    test = f"v {rng.choice(('==', '==', '!='))} {letter(rng)}"
    start, step, other = rng.choice(
        (
            ("0", f"t += {rng.randint(1, 5)}", "t -= 1"),
            ("0", f"t += {rng.randint(1, 5)}", "t += 1"),
            ('""', "t += v", f"t += {letter(rng)}"),
            ('""', "t = v + t", "t += v"),
        )
    )
    lines = [f"t = {start}", "for v in s:", *indented(f"if {test}:"), *indented(step, depth=2)]
    if rng.random() < 0.5:
        lines += [*indented("else:"), *indented(other, depth=2)]
    return Draft.of("s", "str", [*lines, "return t"])


def string_guard(rng: Random) -> Draft:
    """One or two guards on content or length, then a result taken from the string."""
    whole = rng.random() < 0.35
    lines: list[str] = []
    for _ in range(rng.choice((1, 1, 2))):
        lines += [f"if {_string_test(rng)}:", *indented(f"return {_string_result(rng, whole)}")]
    return Draft.of("s", "str", [*lines, f"return {_string_result(rng, whole)}"])


def _element_test(rng: Random) -> str:
    return pick(
        rng,
        [
            (6, lambda: comparison(rng, "v", str(rng.randint(-1, 7)))),
            (3, lambda: remainder_test(rng, "v")),
            (1, lambda: f"v > {rng.randint(0, 3)} and v < {rng.randint(5, 8)}"),
            (1, lambda: f"v < {rng.randint(-1, 2)} or v > {rng.randint(4, 7)}"),
        ],
    )


def _list_result(rng: Random, whole: bool) -> str:
    """A whole number made from ``xs``, or a list made from it."""
    if not whole:
        part = rng.choice(("1:", ":1", ":2", ":-1", "::-1", "::2", "-2:"))
        extended = rng.choice((f"xs + [{rng.randint(0, 9)}]", f"[{rng.randint(0, 9)}] + xs"))
        ordered = f"sorted(xs){rng.choice(('', '[:2]', '[:1]', '[1:]'))}"
        return rng.choice(("xs", f"xs[{part}]", f"xs[{part}]", extended, ordered))
    return pick(
        rng,
        [
            (3, lambda: rng.choice(("sum(xs)", "len(xs)"))),
            (2, lambda: f"sum(xs) {rng.choice('+-')} {rng.randint(1, 9)}"),
            (1, lambda: f"len(xs) * {rng.randint(2, 5)}"),
            (1, lambda: f"sum(xs[{rng.choice(('1:', ':1', ':2', ':-1'))}])"),
            (1, lambda: f"xs.count({rng.randint(0, 5)})"),
            (1, lambda: str(rng.randint(0, 9))),
        ],
    )


def _string_test(rng: Random) -> str:
    return pick(
        rng,
        [
            (3, lambda: comparison(rng, "len(s)", str(rng.randint(1, 3)))),
            (3, lambda: f"{letter(rng)} in s"),
            (2, lambda: comparison(rng, f"s.count({letter(rng)})", rng.choice("112"))),
            (3, lambda: f"s[{rng.choice((':1', '-1:'))}] == {letter(rng)}"),
            (1, lambda: f"s.{rng.choice(('startswith', 'endswith'))}({letter(rng)})"),
            (1, lambda: "s == s[::-1]"),
        ],
    )


def _string_result(rng: Random, whole: bool) -> str:
    """A whole number made from ``s``, or a string made from it."""
    if whole:
        counted = f"s.count({letter(rng)})"
        length = f"len(s){rng.choice(('', ' + 1', ' * 2'))}"
        return rng.choice((counted, counted, length, length, str(rng.randint(0, 9))))
    return pick(
        rng,
        [
            (2, lambda: "s"),
            (3, lambda: f"s[{rng.choice(('1:', ':1', ':2', ':-1', '::-1', '::2'))}]"),
            (2, lambda: rng.choice((f"s + {letter(rng)}", f"{letter(rng)} + s"))),
            (1, lambda: f"s.{rng.choice(('upper', 'upper', 'lower'))}()"),
            (1, lambda: "s[1:] + s[:1]"),
            (1, lambda: f"s * {rng.randint(2, 3)}"),
            (1, lambda: f"s.replace({letter(rng)}, {letter(rng)})"),
            (1, lambda: letter(rng)),
        ],
    )
