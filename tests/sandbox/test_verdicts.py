"""Claims: the rules of the verdict hold."""

import pytest

from sandbox import Check, Judgement, Limits, Sandbox
from tests.sandbox.conftest import Ask

P = "def f(x):\n    return x"
LOOP = "def f(x):\n    while True:\n        pass"


def body(text: str) -> str:
    return f"def f(x):\n    {text}"


SAME = {
    "equal values": ("return x + 1", "return 1 + x"),
    "an int and the float that it equals": ("return 1", "return 1.0"),
    "True and 1": ("return True", "return 1"),
    "NaN on both sides": ("return float('nan')", "return float('inf') - float('inf')"),
    "NaN inside a list": ("return [float('nan')]", "return [float('inf') * 0]"),
    "zero of either sign": ("return 0.0", "return -0.0"),
    "sets in any order": ("return {'a', 'b', 'c'}", "return set('cba')"),
    "dict items in any order": ("return {'a': 1, 'b': 2}", "return {'b': 2, 'a': 1}"),
    "a set and a frozenset": ("return {1, 2}", "return frozenset([2, 1])"),
    "equal exceptions": ("raise ValueError('a', x)", "y = x\n    raise ValueError('a', y)"),
    "messages that differ in an address": (
        "raise ValueError(f'at {object()}')",
        "y = object()\n    raise ValueError(f'at {object()}')",
    ),
    "messages that differ in a line": (
        "raise ValueError('on line 12')",
        "raise ValueError('on line 40')",
    ),
    "endless loops on both sides": ("while True: x += 1", "while True: pass"),
    "recursion without end on both sides": ("return f(x)", "return f(x + 1)"),
    "huge integers": ("return 10 ** 5000", "return 100 ** 2500"),
    "generators with the same items": ("return (i for i in range(3))", "return iter([0, 1, 2])"),
    "a cycle": (
        "a = [1]; a.append(a); return a",
        "b = [1]; c = b; b += [c]; return b",
    ),
    "shared and repeated parts": ("a = [x]; return [a, a]", "return [[x], [x]]"),
    "bytes and a bytearray": ("return b'ab'", "return bytearray(b'ab')"),
    "instances with equal state": (
        "class A: pass\n    a = A(); a.p = 1; a.q = 2; return a",
        "class A: pass\n    a = A(); a.q = 2; a.p = 1; return a",
    ),
    "the same exit": ("raise SystemExit(3)", "raise SystemExit(3)"),
    "a long row of ints, of floats and of both": (
        "return [*range(10**5)]",
        "return [float(i) if i % 2 else i for i in range(10**5)]",
    ),
    "a large equal result": ("return 'ab' * 10**6", "return 'abab' * 500_000"),
}
DIVERGES = {
    "other values": ("return x", "return x + 1"),
    "a list and a tuple": ("return [x]", "return (x,)"),
    "another exception type": ("raise ValueError(x)", "raise KeyError(x)"),
    "other exception arguments": ("raise ValueError(1)", "raise ValueError(2)"),
    "a value and an exception": ("return x", "raise ValueError(x)"),
    "a value and an exit": ("return x", "raise SystemExit(x)"),
    "a value and the exception as a value": ("return ValueError(1)", "raise ValueError(1)"),
    "a text and the number": ("return '1'", "return 1"),
    "a value and an endless recursion": ("return x", "return f(x)"),
    "a value and an endless memory": ("return x", "return bytes(10 ** 13)"),
    "a changed default": ("return x", "return x + 0.5"),
    "large results that differ at the end": ("return 'ab' * 10**6", "return 'ab' * 10**6 + 'c'"),
    "long rows of numbers that differ at the end": (
        "return [0.5] * 10**5 + [2**53]",
        "return [0.5] * 10**5 + [2**53 + 1]",
    ),
    "instances with other state": (
        "class A: pass\n    a = A(); a.p = 1; return a",
        "class A: pass\n    a = A(); a.p = 2; return a",
    ),
    "order within OrderedDicts": (
        "from collections import OrderedDict as O\n    return O([(1, 2), (3, 4)])",
        "from collections import OrderedDict as O\n    return O([(3, 4), (1, 2)])",
    ),
}
UNSTABLE = {
    "a result that depends on the hash seed": ("return 1", "return list({'a', 'b', 'c', 'd'})"),
    "a hash": ("return 1", "return hash('a')"),
    "a result that depends on random": ("return 1", "import random\n    return random.random()"),
    "a result that depends on the time": ("return 1", "import time\n    return time.time()"),
    "the present day": ("return 1", "from datetime import date\n    return date.today()"),
    "an address": ("return 1", "return id([])"),
    "an address in a text": ("return 1", "return str(object())"),
    "functions with other code": ("return lambda y: y", "return lambda y: y + 0"),
    "a coroutine": ("return 1", "async def g(): pass\n    return g()"),
    "memory here, time there": ("return bytes(10 ** 13)", "while True: pass"),
}


@pytest.mark.parametrize("name", SAME)
def test_same(judge: Ask, name: str) -> None:
    judged = judge(*map(body, SAME[name]))
    assert judged.verdict == "same", judged


@pytest.mark.parametrize("name", DIVERGES)
def test_diverges_and_was_repeated(judge: Ask, name: str) -> None:
    judged = judge(*map(body, DIVERGES[name]))
    assert judged.verdict == "diverges", judged
    assert judged.original is not None
    assert judged.variant is not None
    assert judged.original.repeats == judged.variant.repeats == 2


@pytest.mark.parametrize("name", UNSTABLE)
def test_unstable(judge: Ask, name: str) -> None:
    judged = judge(*map(body, UNSTABLE[name]))
    assert judged.verdict == "unstable", judged


INVALID = {
    "an input that is no literal": (P, P, "dict(x=1)", "not a dict literal"),
    "an input that is a list": (P, P, "[1]", "not a dict literal"),
    "an input that calls": (P, P, "{'x': print(1)}", "not a dict literal"),
    "keys that are no names": (P, P, "{1: 2}", "not a dict literal"),
    "an input of mad depth": (P, P, "{'x': " + "[" * 50_000, "not a dict literal"),
    "an unknown argument": (P, P, "{'zzz': 0}", "does not bind"),
    "a missing argument": (P, P, "{}", "does not bind"),
    "another name": (P, "def g(x):\n    return x", "{'x': 1}", "no entry point"),
    "another parameter": (P, "def f(y):\n    return y", "{'x': 1}", "signature changed"),
    "one more parameter": (P, "def f(x, y=1):\n    return x", "{'x': 1}", "signature changed"),
    "a new default": (P, "def f(x=1):\n    return x", "{'x': 1}", "signature changed"),
    "a coroutine function": (P, "async def f(x):\n    return x", "{'x': 1}", "signature changed"),
    "a syntax error": (P, "def f(x) return x", "{'x': 1}", "syntax error"),
    "a null byte": (P, "def f(x):\n    return '\0'", "{'x': 1}", "syntax error"),
    "no program at all": (P, "", "{'x': 1}", "no entry point"),
    "a broken original": ("def f(x", P, "{'x': 1}", "original: syntax error"),
    "a program that is too long": (P, P + "\n#" + "x" * 200_000, "{'x': 1}", "program too long"),
}


@pytest.mark.parametrize("name", INVALID)
def test_invalid(judge: Ask, name: str) -> None:
    original, variant, given, reason = INVALID[name]
    judged = judge(original, variant, given)
    assert (judged.verdict, judged.reason) == ("invalid", reason)


def test_default_values_may_differ_and_count(judge: Ask) -> None:
    p, q = "def f(x=1):\n    return x", "def f(x=2):\n    return x"
    assert judge(p, q, "{}").verdict == "diverges"
    assert judge(p, q, "{'x': 3}").verdict == "same"


def test_a_loop_against_a_return_diverges_once_the_long_limit_confirms_it(judge: Ask) -> None:
    judged = judge(P, LOOP)
    assert (judged.verdict, judged.reason) == ("diverges", "returned against timeout")
    assert judged.variant is not None
    assert judged.variant.cpu_s > Limits().confirm_cpu_s


def test_a_slow_program_is_not_taken_for_an_endless_one() -> None:
    slow = "def f(x):\n    for _ in range(12_000_000):\n        pass\n    return x"
    with Sandbox(workers=1, limits=Limits(cpu_s=0.02, confirm_cpu_s=10)) as sandbox:
        judged = sandbox.check(Check("1", "f", P, slow, "{'x': 1}"))
    assert (judged.verdict, judged.reason) == ("same", "same outcome at longer limits")


def test_a_recursion_that_only_the_first_limit_ends_is_no_difference(judge: Ask) -> None:
    deep = "def f(x):\n    g = lambda n: n and g(n - 1)\n    g(3000)\n    return x"
    judged = judge(P, deep)
    assert (judged.verdict, judged.reason) == ("same", "same outcome at longer limits")


def test_memory_that_only_the_first_limit_denies_is_no_difference(judge: Ask) -> None:
    large = "def f(x):\n    bytes(500 * 2**20)\n    return x"
    judged = judge(P, large)
    assert (judged.verdict, judged.reason) == ("same", "same outcome at longer limits")


def test_each_program_gets_its_own_input(judge: Ask) -> None:
    p = "def f(x):\n    x.append(1)\n    return x"
    assert judge(p, p + "\n", "{'x': []}").verdict == "same"


def test_a_program_never_diverges_from_itself(judge: Ask) -> None:
    for text in (*UNSTABLE.values(), *DIVERGES.values()):
        for program in map(body, text):
            assert judge(program, program + "\n").verdict in ("same", "unstable")


def test_strict_tells_apart_what_equals() -> None:
    pairs = [("return 1", "return 1.0"), ("return 0.0", "return -0.0"), ("return 1", "return True")]
    pairs += [
        ("return {1: 2, 3: 4}", "return {3: 4, 1: 2}"),
        ("return {1}", "return frozenset([1])"),
    ]
    checks = [Check("1", "f", body(p), body(q), "{'x': 1}") for p, q in pairs]
    with Sandbox(workers=1, policy="strict") as strict:
        assert {judged.verdict for judged in strict.check_all(checks)} == {"diverges"}


def exceptional(exceptions: str, q: str) -> Judgement:
    p = body("raise ValueError(1)")
    with Sandbox(workers=1, exceptions=exceptions) as sandbox:  # type: ignore[arg-type]
        return sandbox.check(Check("1", "f", p, body(q), "{'x': 1}"))


def test_exceptions_can_count_by_type_alone() -> None:
    assert exceptional("type", "raise ValueError(2)").verdict == "same"
    assert exceptional("type", "raise KeyError(1)").verdict == "diverges"


def test_exceptions_can_be_refused_as_proof() -> None:
    assert exceptional("refuse", "return 1").verdict == "invalid"
    assert exceptional("refuse", "raise ValueError(1)").verdict == "same"


MUTATES = "def f(x):\n    x.append(1)\n    return 0"
PRINTS = "def f(x):\n    print(len(x))\n    return 0"
QUIET = "def f(x):\n    return 0"


@pytest.mark.parametrize(("observe", "program"), [("arguments", MUTATES), ("output", PRINTS)])
def test_side_effects_count_only_when_observed(judge: Ask, observe: str, program: str) -> None:
    assert judge(QUIET, program, "{'x': []}").verdict == "same"
    with Sandbox(workers=1, observe=[observe]) as sandbox:  # type: ignore[list-item]
        judged = sandbox.check(Check("1", "f", QUIET, program, "{'x': []}"))
        again = sandbox.check(Check("1", "f", program, program + "\n", "{'x': []}"))
    assert (judged.verdict, again.verdict) == ("diverges", "same")


def test_a_receipt_says_how_to_get_the_verdict_again(judge: Ask) -> None:
    receipt = judge(P, P).receipt
    assert {"limits", "policy", "seeds", "python", "rules"} <= receipt.keys()
