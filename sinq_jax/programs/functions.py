"""Functions as entry points: what they are called, which parameters they take, what they need."""

import ast
import builtins
import symtable
from collections.abc import Iterator, Mapping, Sequence

from sandbox.syntax import literal
from sinq_jax.programs.kinds import ANY, common_kind, kind_from_annotation, kind_of
from sinq_jax.programs.program import Parameter, UnsuitableProgram


def top_level_functions(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    """The functions that a module defines at its top level; of two with one name the last."""
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def parameters_of(
    function: ast.FunctionDef, examples: Sequence[Mapping[str, object]] = ()
) -> tuple[Parameter, ...]:
    """The parameters of ``function`` with their kinds.

    A kind comes from the annotation, else from the values in ``examples``, else from the default,
    else it is ``any``. Raises ``UnsuitableProgram`` for a function that takes no parameters, or
    some that a dict of keyword arguments cannot name one by one.
    """
    arguments = function.args
    if arguments.posonlyargs:
        raise UnsuitableProgram(f"{function.name} takes positional-only parameters")
    if arguments.vararg or arguments.kwarg:
        raise UnsuitableProgram(f"{function.name} takes any number of arguments")
    nodes = [*arguments.args, *arguments.kwonlyargs]
    if not nodes:
        raise UnsuitableProgram(f"{function.name} takes no parameters")
    defaults = _defaults(arguments)
    return tuple(Parameter(node.arg, _kind(node, defaults, examples)) for node in nodes)


def bound_arguments(function: ast.FunctionDef, call: ast.Call) -> dict[str, object] | None:
    """The arguments of ``call`` by the names of the parameters of ``function``.

    None where an argument is no literal, or where the call does not bind.
    """
    names = [node.arg for node in function.args.args]
    known = {*names, *(node.arg for node in function.args.kwonlyargs)}
    if len(call.args) > len(names):
        return None
    pairs = [*zip(names, call.args, strict=False)]
    pairs += [(keyword.arg or "", keyword.value) for keyword in call.keywords]
    try:
        bound = {name: literal(ast.unparse(value)) for name, value in pairs}
    except ValueError:
        return None
    required = known - set(_defaults(function.args))
    return bound if len(bound) == len(pairs) and required <= set(bound) <= known else None


def with_what_it_needs(tree: ast.Module, function: ast.FunctionDef, source: str) -> str:
    """The text of ``function`` after the imports and literal constants of its module that it uses.

    Raises ``UnsuitableProgram`` where it needs more of its module than that, or is decorated.
    """
    if function.decorator_list:
        raise UnsuitableProgram(f"{function.name} is decorated")
    lines = source.splitlines()
    text = "\n".join(lines[function.lineno - 1 : function.end_lineno])
    providers = _providers(tree)
    needed: dict[int, str] = {}
    for name in sorted(_outer_names(text) - {function.name}):
        if name in providers:
            node = providers[name]
            needed[node.lineno] = ast.unparse(node)
        elif not hasattr(builtins, name):
            raise UnsuitableProgram(f"{function.name} uses {name}, which stands outside it")
    head = [needed[line] for line in sorted(needed)]
    return "\n".join([*head, *([""] if head else []), text]) + "\n"


def _kind(
    node: ast.arg, defaults: Mapping[str, ast.expr], examples: Sequence[Mapping[str, object]]
) -> str:
    stated = kind_from_annotation(node.annotation)
    seen = common_kind(kind_of(example[node.arg]) for example in examples if node.arg in example)
    if stated != ANY or seen != ANY or node.arg not in defaults:
        return stated if stated != ANY else seen
    try:
        default = kind_of(literal(ast.unparse(defaults[node.arg])))
    except ValueError:
        return ANY
    return ANY if default == "None" else default


def _defaults(arguments: ast.arguments) -> dict[str, ast.expr]:
    last = arguments.args[len(arguments.args) - len(arguments.defaults) :]
    found = {node.arg: value for node, value in zip(last, arguments.defaults, strict=True)}
    for node, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if value is not None:
            found[node.arg] = value
    return found


def _providers(tree: ast.Module) -> dict[str, ast.Import | ast.ImportFrom | ast.Assign]:
    """The statements of a module that can go along with a function, by the name they bind."""
    found: dict[str, ast.Import | ast.ImportFrom | ast.Assign] = {}
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                found[(alias.asname or alias.name).split(".")[0]] = node
        elif isinstance(node, ast.Assign) and _is_literal(node.value):
            found.update({name.id: node for name in node.targets if isinstance(name, ast.Name)})
    return found


def _is_literal(node: ast.expr) -> bool:
    try:
        literal(ast.unparse(node))
    except ValueError:
        return False
    return True


def _outer_names(text: str) -> set[str]:
    """The names that a function reads from its module or from the builtins."""
    names: set[str] = set()
    for table in _tables(symtable.symtable(text, "<program>", "exec")):
        if table.get_type() == "module":
            reads = [s.get_name() for s in table.get_symbols() if s.is_referenced()]
        else:
            reads = [s.get_name() for s in table.get_symbols() if s.is_global()]
        names.update(reads)
    return names


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)
