"""What the text of a function shows for certain: which names are whole numbers, which are bound."""

import ast
from collections.abc import Iterable, Iterator, Sequence

from sandbox.likeness import READERS_OF_NAMES

_UNCLEAR = (
    *(ast.AsyncFunctionDef, ast.ClassDef, ast.Global, ast.Nonlocal, ast.Try, ast.With),
    *(ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr, ast.Delete, ast.Match),
)
"""Where these stand, the order of statements can matter in more ways than the rewrites look at."""
_SCOPES = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)
_LAZY = (ast.Lambda, ast.GeneratorExp)
_BUILTINS = ("len", "ord", "range", "any", "all", "list", "sorted", "tuple")
_WHOLE_CALLS = {"len": 1, "ord": 1}
_WHOLE_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod)


class Facts:
    """A function of a module, as far as its text tells.

    ``clear``: nothing in it, or around it, makes rewrites doubtful. ``parameters`` are bound from
    the start; ``local`` names are bound in it, scopes within it left out; ``inner`` names are bound
    in those. ``captured`` names may be read later than where they stand, by a lambda or generator.
    ``steps``: iterators are taken step by step somewhere.
    """

    def __init__(self, module: ast.Module, function: ast.FunctionDef) -> None:
        self.function = function
        nodes = list(ast.walk(function))
        everywhere = list(ast.walk(module))
        self._taken = {name for node in everywhere for name in names_in(node)}
        rebound = {name for node in everywhere for name in _bound_by(node)}
        self._builtins = {*_BUILTINS} - rebound
        self.steps = bool(self._taken & {"next", "iter", "StopIteration"})
        inner = any(isinstance(node, ast.FunctionDef) for node in nodes[1:])
        self.clear = (
            not inner
            and not any(isinstance(node, _UNCLEAR) for node in nodes)
            and not any(isinstance(node, ast.ClassDef) for node in everywhere)
            and not self._taken & {*READERS_OF_NAMES, "globals", "__import__"}
        )
        arguments = function.args
        every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        rest = filter(None, (arguments.vararg, arguments.kwarg))
        self.parameters = {each.arg for each in (*every, *rest)}
        self.captured = {name for n in nodes if isinstance(n, _LAZY) for name in _named_in(n)}
        self.inner = {name for n in nodes if isinstance(n, _SCOPES) for name in _scope_names(n)}
        self.local = {name for node in _own(function) for name in _bound_by(node)}
        self._whole = self._whole_names()

    def fresh(self, *wanted: str) -> str:
        """The first of the names that the program does not have, else that with a number."""
        for name in (*wanted, *(f"{wanted[0]}{number}" for number in range(2, 1000))):
            if name not in self._taken:
                return name
        raise AssertionError("a program with a thousand names of one kind")

    def means_builtin(self, name: str) -> bool:
        """Whether a builtin of that name has not been given another meaning."""
        return name in self._builtins

    def calls(self, node: ast.expr, *names: str) -> ast.Call | None:
        """The node as a call of one of the builtins by position alone, if it is one."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            starred = any(isinstance(each, ast.Starred) for each in node.args)
            if node.func.id in names and self.means_builtin(node.func.id) and not starred:
                return node
        return None

    def is_whole(self, node: ast.expr) -> bool:
        """Whether the value is an ``int``, and no ``bool``, whatever the function was given; if
        there is a value.
        """
        if isinstance(node, ast.Constant):
            return type(node.value) is int
        if isinstance(node, ast.Name):
            return node.id in self._whole
        if isinstance(node, ast.BinOp):
            known = isinstance(node.op, _WHOLE_OPERATORS)
            return known and self.is_whole(node.left) and self.is_whole(node.right)
        if isinstance(node, ast.UnaryOp):
            return isinstance(node.op, ast.USub) and self.is_whole(node.operand)
        if isinstance(node, ast.IfExp):
            return self.is_whole(node.body) and self.is_whole(node.orelse)
        call = self.calls(node, *_WHOLE_CALLS)
        return call is not None and len(call.args) == 1

    def is_calm(self, node: ast.expr) -> bool:
        """Whether reading it can neither fail nor do anything: a constant, or a name bound from the
        start and hidden nowhere.
        """
        if isinstance(node, ast.Constant):
            return True
        return isinstance(node, ast.Name) and node.id in self.parameters - self.inner

    def occurrences(self, name: str, within: Iterable[ast.AST] | None = None) -> int:
        """How often a variable is named, in the function or in some nodes of it."""
        roots = [self.function] if within is None else within
        return sum(
            isinstance(node, ast.Name) and node.id == name
            for root in roots
            for node in ast.walk(root)
        )

    def blocks(self) -> Iterator[list[ast.stmt]]:
        """Yield every list of statements of the function, a docstring left out nowhere."""
        for node in ast.walk(self.function):
            for field in ("body", "orelse"):
                block = getattr(node, field, None)
                if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                    yield block

    def _whole_names(self) -> set[str]:
        """Local names all of whose bindings are whole numbers: the most that can be so together."""
        values: dict[str, list[ast.expr | None]] = {name: [] for name in self.local}
        for node in _own(self.function):
            for name, value in self._values(node):
                values.setdefault(name, []).append(value)
        hidden = self.parameters | self.inner
        self._whole = {name for name, all_of in values.items() if all_of and name not in hidden}
        while True:
            kept = {
                name
                for name in self._whole
                if all(value is not None and self.is_whole(value) for value in values[name])
            }
            if kept == self._whole:
                return kept
            self._whole = kept

    def _values(self, node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
        """Yield the names that a node binds with what they get; None for what nobody knows."""
        known: dict[str, ast.expr] = {}
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            known = _paired(node.targets[0], node.value)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            if isinstance(node.op, _WHOLE_OPERATORS):
                known = {node.target.id: node.value}
        elif isinstance(node, ast.For) and self.calls(node.iter, "range"):
            known = _paired(node.target, ast.Constant(0))
        yield from ((name, known.get(name)) for name in _bound_by(node))


def _paired(target: ast.expr, value: ast.expr) -> dict[str, ast.expr]:
    if isinstance(target, ast.Name):
        return {target.id: value}
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = zip(target.elts, value.elts, strict=False)
        return {t.id: v for t, v in pairs if isinstance(t, ast.Name)}
    return {}


def names_in(node: ast.AST) -> Iterator[str]:
    """Yield the names that stand in a node itself, of variables, parameters and functions."""
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        yield node.name
    elif isinstance(node, ast.alias):
        yield (node.asname or node.name).partition(".")[0]


def _bound_by(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement binds itself, not those that statements in it bind."""
    if isinstance(node, ast.arg | ast.FunctionDef | ast.ClassDef | ast.alias):
        yield from names_in(node)
    targets: Sequence[ast.expr] = ()
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.For | ast.AugAssign | ast.AnnAssign | ast.comprehension):
        targets = (node.target,)
    for target in targets:
        for part in ast.walk(target):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                yield part.id


def _own(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Yield the nodes of a function that are in no scope within it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [each for each in ast.iter_child_nodes(node) if not isinstance(each, _SCOPES)]


def _named_in(node: ast.AST) -> Iterator[str]:
    return (each.id for each in ast.walk(node) if isinstance(each, ast.Name))


def _scope_names(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.comprehension | ast.arg):
            yield from _bound_by(each)
