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
)
