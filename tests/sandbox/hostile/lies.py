"""Programs that change what they are looked at with."""

from tests.sandbox.hostile.program import Hostile

LIES = (
    Hostile(
        "emptied builtins",
        "the program's builtins are its own copy",
        "import builtins\nfor name in dir(builtins):\n"
        "    if name not in ('setattr', 'AttributeError', '__import__', '__build_class__'):\n"
        "        setattr(builtins, name, None)\n"
        "def f(x):\n    return 5",
        ("returned",),
        "5",
    ),
    Hostile(
        "emptied real builtins",
        "breaking the harness leaves no result",
        "def f(x):\n    names = vars(len.__self__)\n    for name in list(names):\n"
        "        names[name] = None\n    return 5",
        ("killed",),
    ),
    Hostile(
        "cleared globals",
        "the harness keeps nothing there",
        "def f(x):\n    globals().clear()\n    return 5",
        ("returned",),
        "5",
    ),
    Hostile(
        "a class that overrides everything",
        "no method of a program is asked",
        "class M(type):\n"
        "    def __hash__(self): raise SystemExit\n"
        "    def __eq__(self, other): raise SystemExit\n"
        "    def __getattribute__(self, name): raise SystemExit\n"
        "    def __instancecheck__(self, other): raise SystemExit\n"
        "class A(metaclass=M):\n"
        "    def __getattribute__(self, name): raise SystemExit\n"
        "    def __repr__(self): raise SystemExit\n"
        "    def __reduce__(self): raise SystemExit\n"
        "    def __iter__(self): raise SystemExit\n"
        "def f(x):\n    return A()",
        ("returned",),
        "<A>",
    ),
    Hostile(
        "an exception that overrides everything",
        "nor of an exception",
        "class E(Exception):\n"
        "    args = property(lambda self: 1 / 0)\n"
        "    def __str__(self): raise SystemExit\n"
        "    def __repr__(self): raise SystemExit\n"
        "    def __reduce__(self): raise SystemExit\n"
        "def f(x):\n    raise E(1, 2)",
        ("raised",),
        "E: 1, 2",
    ),
    Hostile(
        "a dict that overrides everything",
        "nor of a container",
        "class D(dict):\n"
        "    def items(self): raise SystemExit\n"
        "    def keys(self): raise SystemExit\n"
        "    def __iter__(self): raise SystemExit\n"
        "    def __len__(self): raise SystemExit\n"
        "def f(x):\n    return D(a=1)",
        ("returned",),
        "D({'a': 1})",
    ),
    Hostile(
        "a false class",
        "the real type counts",
        "class A:\n    __class__ = int\ndef f(x):\n    return A()",
        ("returned",),
        "<A>",
    ),
    Hostile(
        "an exit",
        "is an exception",
        "def f(x):\n    raise SystemExit(0)",
        ("raised",),
        "SystemExit: 0",
    ),
    Hostile("an interrupt", "so is this", "def f(x):\n    raise KeyboardInterrupt", ("raised",)),
    Hostile(
        "text that UTF-8 lacks",
        "a report can always be written",
        "def f(x):\n    return '\\ud800'",
        ("returned",),
        "\\ud800",
    ),
    Hostile(
        "a hash that never ends",
        "the harness hashes no value of a program",
        "class A:\n    calls = 0\n    def __hash__(self):\n        A.calls += 1\n"
        "        while A.calls > 1:\n            pass\n        return 1\n"
        "def f(x):\n    return {A()}",
        ("returned",),
    ),
    Hostile(
        "an equality that never ends",
        "nor compares one",
        "class A:\n    def __eq__(self, other):\n        while True:\n            pass\n"
        "    __hash__ = None\ndef f(x):\n    return [A(), A()]",
        ("returned",),
    ),
    Hostile(
        "an equality that leaves",
        "so no comparison can end the process",
        "class A:\n    def __eq__(self, other): raise SystemExit(0)\n"
        "    def __ne__(self, other): raise SystemExit(0)\n"
        "    def __bool__(self): raise SystemExit(0)\ndef f(x):\n    return A()",
        ("returned",),
        "<A>",
    ),
    Hostile(
        "a number that lies",
        "a subclass counts by its slots",
        "class N(int):\n    def __eq__(self, other): return True\n"
        "    def __repr__(self): return 'anything'\n    def __index__(self): return 9\n"
        "def f(x):\n    return N(3)",
        ("returned",),
    ),
    Hostile(
        "a text that lies",
        "so does a text",
        "class T(str):\n    def encode(self, *a): return b'anything'\n"
        "    def __str__(self): return 'anything'\n    def __len__(self): return -1\n"
        "def f(x):\n    return T('truth')",
        ("returned",),
    ),
    Hostile(
        "a reduce that lies",
        "nothing is pickled",
        "class A:\n    def __reduce_ex__(self, n): return (eval, ('1/0',))\n"
        "    def __getstate__(self): raise SystemExit\ndef f(x):\n    return A()",
        ("returned",),
        "<A>",
    ),
    Hostile(
        "a class without an order of bases",
        "a metaclass that answers with nonsense is not asked",
        "class M(type):\n    def mro(cls): return [cls, object]\n"
        "    __mro__ = property(lambda cls: 5)\n    __name__ = property(lambda cls: 5)\n"
        "class A(dict, metaclass=type): pass\nclass B(metaclass=M): pass\n"
        "def f(x):\n    return [A(), B()]",
        ("returned",),
    ),
    Hostile(
        "a name of a million letters",
        "texts for people are cut",
        "def f(x):\n    return type('x' * 10**6, (), {})()",
        ("returned", "output"),
    ),
    Hostile(
        "a value that holds itself",
        "a cycle is encoded by the way back",
        "def f(x):\n    a = [1]\n    a += [a, {'a': a}]\n    return a",
        ("returned",),
    ),
    Hostile(
        "an end of the recursion limit",
        "the harness keeps its own way to set it",
        "import sys\nsys.setrecursionlimit = None\ndef f(x):\n    return 5",
        ("returned",),
        "5",
    ),
    Hostile(
        "emptied modules",
        "and has its own already",
        "import sys\ndef f(x):\n    getattr(sys, 'mod' + 'ules').clear()\n    return 5",
        ("returned",),
        "5",
    ),
    Hostile(
        "closed streams",
        "the report goes elsewhere",
        "import sys\ndef f(x):\n    sys.stdout.close()\n    sys.stderr.close()\n    return 5",
        ("returned",),
        "5",
    ),
    Hostile(
        "an exception in place of its report",
        "nor is the text of an exception asked for",
        "class E(BaseException):\n    def __str__(self):\n        while True:\n            pass\n"
        "    __repr__ = __reduce__ = __str__\ndef f(x):\n    raise E(1)",
        ("raised",),
        "E: 1",
    ),
)
