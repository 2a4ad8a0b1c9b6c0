"""One record of a JSONL file as a program: its text, its entry point, its known inputs.

A record is an object with ``code``, and ``entry_point`` or something to take it from: ``test`` (a
text) or ``test_list`` (texts). MBPP's own records are of this form; their ``test_setup_code`` goes
before the code, as the tests expect it to.
"""

import ast
from collections.abc import Mapping, Sequence

from sandbox.input_text import input_text
from sandbox.syntax import parse
from sinq_jax.programs.functions import bound_arguments, parameters_of, top_level_functions
from sinq_jax.programs.program import Program, UnsuitableProgram

# What a test that gets the function as an argument calls it, as HumanEval's tests do.
STAND_IN = "candidate"


def program_from_record(record: Mapping[str, object], name: str) -> Program:
    """The program of ``record`` with examples and kinds taken from the calls in its tests.

    Line ends become LF. Raises ``UnsuitableProgram`` for a record without ``code``, text that does
    not parse, or no entry point that can be called by keywords.
    """
    source = _source(record)
    try:
        functions = top_level_functions(parse(source))
    except SyntaxError as error:
        raise UnsuitableProgram(f"syntax error in line {error.lineno}: {error.msg}") from error
    calls = _calls(record)
    function = functions[_entry_point(record, functions, calls)]
    examples = []
    for call in calls:
        if _called_name(call) in (function.name, STAND_IN):
            arguments = bound_arguments(function, call)
            if arguments is not None:
                examples.append(arguments)
    parameters = parameters_of(function, examples)
    texts = dict.fromkeys(text for text in map(_text, examples) if text)
    return Program(name, source, function.name, parameters, tuple(texts))


def _source(record: Mapping[str, object]) -> str:
    code = record.get("code")
    if not isinstance(code, str) or not code.strip():
        raise UnsuitableProgram("no text under the key 'code'")
    setup = record.get("test_setup_code")
    parts = [setup, code] if isinstance(setup, str) and setup.strip() else [code]
    text = "\n".join(part.replace("\r\n", "\n").replace("\r", "\n") for part in parts)
    return text.rstrip("\n") + "\n"


def _calls(record: Mapping[str, object]) -> list[ast.Call]:
    """All calls of plain names in the tests of a record, outer ones before those inside them."""
    tests: list[object] = [record.get("test")]
    for key in ("test_list", "challenge_test_list"):
        listed = record.get(key)
        tests += listed if isinstance(listed, list) else []
    calls: list[ast.Call] = []
    for test in tests:
        try:
            nodes = ast.walk(parse(test)) if isinstance(test, str) else iter(())
        except SyntaxError:
            continue
        calls += [n for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    return calls


def _entry_point(
    record: Mapping[str, object],
    functions: Mapping[str, ast.FunctionDef],
    calls: Sequence[ast.Call],
) -> str:
    stated = record.get("entry_point")
    if isinstance(stated, str) and stated:
        if stated not in functions:
            raise UnsuitableProgram(f"no function {stated} at module level")
        return stated
    for call in calls:
        if _called_name(call) in functions:
            return _called_name(call)
    if len(functions) == 1 and not calls:
        return next(iter(functions))
    raise UnsuitableProgram("no entry point: no test calls a function of the code")


def _called_name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _text(arguments: Mapping[str, object]) -> str:
    """The canonical input; empty for arguments that have none."""
    try:
        return input_text(arguments)
    except ValueError:
        return ""
