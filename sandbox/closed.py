"""Which programs are closed: nothing else in their process can reach them, nor they it.

A closed program makes no classes, sets no attributes and imports only what has no state, so it can
change nothing but objects of its own. It never spells or compares the address of an object, has
no sets that could order by addresses (a NaN hashes by its own), does not survive a shortage of
memory, and leaves nothing behind that would still run. What it returns or raises follows from its
text, its input and the hash seed alone; so several closed programs may take turns in one child,
and none can tell.

Everything here lists what is allowed. A program that holds anything else is not closed, and has
its children to itself.
"""

from __future__ import annotations

import ast
import string

from sandbox.vocabulary import (
    ALONE_CONSUMED,
    BUILTINS,
    CATCHABLE,
    CONSUMING_METHODS,
    DECORATORS,
    FIRST_CONSUMED,
    FUNCTIONS,
    KEYED,
    LAZY,
    LAZY_MEMBERS,
    METHODS,
    SETS,
    UNSAFE,
    VALUES,
)

_KINDS = (
    *(ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Delete, ast.Assign),
    *(ast.AugAssign, ast.AnnAssign, ast.For, ast.While, ast.If, ast.Raise, ast.Assert, ast.Pass),
    *(ast.Import, ast.ImportFrom, ast.alias, ast.Global, ast.Nonlocal, ast.Expr, ast.Break),
    *(ast.Continue, ast.Try, ast.ExceptHandler, ast.BoolOp, ast.NamedExpr, ast.BinOp, ast.UnaryOp),
    *(ast.Lambda, ast.IfExp, ast.Dict, ast.Set, ast.ListComp, ast.DictComp),
    *(ast.GeneratorExp, ast.comprehension, ast.Compare, ast.Call, ast.keyword, ast.FormattedValue),
    *(ast.JoinedStr, ast.Constant, ast.Attribute, ast.Subscript, ast.Starred, ast.Name, ast.List),
    *(ast.Tuple, ast.Slice, ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop),
)


_SYNTAX = frozenset(each for kind in _KINDS for each in (kind, *kind.__subclasses__()))


def is_closed(tree: ast.Module) -> bool:
    """Say whether a program is closed; False also where it is and this cannot tell."""
    nodes = [*ast.walk(tree)]
    if not {type(node) for node in nodes} <= _SYNTAX:
        return False
    names = _Names(nodes)
    return names.plain and all(map(_Places(nodes, names).allow, nodes))


class _Names:
    """What the names of one program stand for; plain: whether that can be told at all.

    modules: of each name of a module. lazy: names that make iterators. functions: names whose
    value has an address. decorators: names that may only decorate. own: names that the program
    itself gives a value, other than by an import.
    """

    def __init__(self, nodes: list[ast.AST]) -> None:
        self.modules: dict[str, str] = {}
        self.lazy = {*LAZY}
        self.functions: set[str] = set()
        self.decorators: set[str] = set()
        self.own: set[str] = set()
        known = all(map(self._read, nodes)) and not any(n.startswith("__") for n in self.own)
        self.plain = known and not self.own & {*self.modules, *self.lazy, *self.decorators}

    def _read(self, node: ast.AST) -> bool:
        match node:
            case ast.Import(names=names):
                self.modules.update({each.asname or each.name: each.name for each in names})
                return all(each.name in FUNCTIONS for each in names)
            case ast.ImportFrom(module=module, names=names, level=0):
                return all(self._member(module or "", each) for each in names)
            case ast.ImportFrom():
                return False
            case ast.FunctionDef(name=name):
                self.functions.add(name)
                self.own.add(name)
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                self.own.add(name)
            case ast.ExceptHandler(name=str(name)):
                self.own.add(name)
        return True

    def _member(self, module: str, imported: ast.alias) -> bool:
        """Take in a name imported from a module, which keeps its name."""
        name = imported.name
        if imported.asname not in (None, name):
            return False
        if module == "functools" and name in DECORATORS:
            self.decorators.add(name)
        elif name in FUNCTIONS.get(module, ()):
            (self.lazy if name in LAZY_MEMBERS else self.functions).add(name)
        else:
            return name in VALUES.get(module, ())
        return True


class _Places:
    """Where in one program a value with an address may stand, since nothing there shows it.

    called: what is called, at once. applied: functions given to what only calls them. consumed:
    iterators given to what only takes their items. measured: sets of which only the size or a
    comparison is asked. compared: what is only compared. owners: modules of which a member is
    taken. decorating: expressions that may decorate.
    """

    def __init__(self, nodes: list[ast.AST], names: _Names) -> None:
        self._names = names
        self.called: set[ast.AST] = set()
        self.applied: set[ast.AST] = set()
        self.consumed: set[ast.AST] = set()
        self.measured: set[ast.AST] = set()
        self.compared: set[ast.AST] = set()
        self.owners: set[ast.AST] = set()
        self.decorating: set[ast.AST] = set()
        for node in nodes:
            self._note(node)

    def _note(self, node: ast.AST) -> None:
        match node:
            case ast.Call():
                self._note_call(node)
            case ast.For(iter=whole) | ast.comprehension(iter=whole) | ast.Starred(value=whole):
                self.consumed.add(whole)
            case ast.Assign(targets=[ast.Tuple() | ast.List()], value=whole):
                self.consumed.add(whole)
            case ast.Compare(left=left, comparators=others):
                self.compared.update((left, *others))
            case ast.Attribute(value=ast.Name() as owner):
                self.owners.add(owner)
            case ast.FunctionDef(decorator_list=decorators):
                bases = [each.func if isinstance(each, ast.Call) else each for each in decorators]
                self.decorating.update(bases)

    def _note_call(self, call: ast.Call) -> None:
        function, args = call.func, call.args
        self.called.add(function)
        if self.is_lazy(function):
            self.consumed.update(args)
            self.applied.update(args)
        name, known = self._known(function)
        if isinstance(function, ast.Attribute) and name in CONSUMING_METHODS:
            self.consumed.update(args[:1])
        if name == "len" and known:
            self.measured.update(args)
        if known and (name in FIRST_CONSUMED or (name in ALONE_CONSUMED and len(args) == 1)):
            self.consumed.update(args[:1])
        self._note_functions(call, name if known else "")

    def _note_functions(self, call: ast.Call, name: str) -> None:
        if name == "reduce":
            self.applied.update(call.args[:1])
            self.consumed.update(call.args[1:2])
        if name in KEYED:
            self.applied.update(each.value for each in call.keywords if each.arg == "key")

    def _known(self, function: ast.expr) -> tuple[str, bool]:
        """Return the last name of what is called, and whether it means what it says."""
        if isinstance(function, ast.Attribute):
            return function.attr, True
        if not isinstance(function, ast.Name):
            return "", False
        return function.id, function.id not in self._names.own

    def is_lazy(self, function: ast.expr) -> bool:
        """Say whether what is called makes an iterator."""
        if isinstance(function, ast.Attribute):
            return function.attr in LAZY_MEMBERS
        return isinstance(function, ast.Name) and function.id in self._names.lazy

    def allow(self, node: ast.AST) -> bool:
        """Say whether a node is one that a closed program may have, where it stands."""
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                return self._allow_name(node, name)
            case ast.Attribute():
                return isinstance(node.ctx, ast.Load) and self._allow_attribute(node)
            case ast.Call():
                return self._allow_call(node)
            case ast.GeneratorExp():
                return node in self.consumed
            case ast.Lambda():
                return node in self.applied
            case ast.Set(elts=items):
                return all(isinstance(item, ast.Constant) for item in items)
            case ast.Compare(left=left, ops=ops, comparators=others):
                identity = any(isinstance(op, ast.Is | ast.IsNot) for op in ops)
                return not identity or any(map(self._is_single, (left, *others)))
        return self._allow_block(node)

    def _allow_block(self, node: ast.AST) -> bool:
        match node:
            case ast.FunctionDef(decorator_list=decorators):
                return all(map(self._may_decorate, decorators))
            case ast.Try(finalbody=last):
                return not last
            case ast.ExceptHandler(type=kind):
                kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
                return all(isinstance(k, ast.Name) and self._is_catchable(k.id) for k in kinds)
        return True

    def _allow_name(self, node: ast.Name, name: str) -> bool:
        names = self._names
        if name.startswith("__") or name in UNSAFE:
            return False
        if name in names.decorators:
            return node in self.decorating
        if name in names.modules:
            return node in self.owners
        if name in names.lazy or name in SETS or name == "type":
            return node in self.called
        return name not in names.functions or node in self.called or node in self.applied

    def _allow_attribute(self, node: ast.Attribute) -> bool:
        if isinstance(node.value, ast.Name) and node.value.id in self._names.modules:
            module = self._names.modules[node.value.id]
            if node in self.decorating:
                return module == "functools" and node.attr in DECORATORS
            allowed = FUNCTIONS[module] if node in self.called else frozenset()
            return node.attr in allowed | VALUES.get(module, frozenset())
        return node in self.called and node.attr in METHODS

    def _allow_call(self, call: ast.Call) -> bool:
        match call.func:
            case ast.Name(id="type"):
                return call in self.compared and len(call.args) == 1 and not call.keywords
            case ast.Name(id="set" | "frozenset"):
                return call in self.measured | self.compared
            case ast.Attribute(value=owner, attr="format"):
                return isinstance(owner, ast.Constant) and _is_plain_format(owner.value)
            case ast.Attribute(attr="items" | "keys" | "values"):
                return call in self.consumed | self.compared
        return not self.is_lazy(call.func) or call in self.consumed

    def _is_single(self, operand: ast.expr) -> bool:
        """Say whether identity with this does not depend on which objects are kept for reuse."""
        match operand:
            case ast.Constant(value=None | True | False):
                return True
            case ast.Name(id=name) | ast.Call(func=ast.Name(id="type" as name)):
                return name in BUILTINS and name not in self._names.own
        return False

    def _may_decorate(self, decorator: ast.expr) -> bool:
        base = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(base, ast.Attribute):
            return isinstance(base.value, ast.Name) and base.value.id in self._names.modules
        return isinstance(base, ast.Name) and base.id in self._names.decorators

    def _is_catchable(self, name: str) -> bool:
        return name in CATCHABLE and name not in self._names.own


def _is_plain_format(template: object) -> bool:
    """Say whether a format string only spells its arguments and reads no attribute of them."""
    if not isinstance(template, str):
        return False
    try:
        fields = [*string.Formatter().parse(template)]
    except ValueError:
        return True  # it raises when the program runs, whatever the arguments
    return not any({*(name or "")} & {*".["} or "{" in (spec or "") for _, name, spec, _ in fields)
