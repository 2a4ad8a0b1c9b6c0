"""Ways out: files, network, modules, the interpreter's own machinery."""

from tests.sandbox.hostile.program import Hostile, reaching

DOORS = (
    Hostile(
        "read a file",
        "the file system is closed",
        "def f(x):\n    return open('/etc/passwd').read()",
        ("refused",),
        "open",
    ),
    Hostile(
        "write a file",
        "also for writing",
        "def f(x):\n    open('/tmp/sandbox-was-here', 'w').write('x')",
        ("refused",),
    ),
    Hostile(
        "open a descriptor",
        "or by number",
        "def f(x):\n    return open(3, 'wb', closefd=False)",
        ("refused",),
    ),
    Hostile(
        "make a folder",
        "by any call",
        reaching("    reach().mkdir('/tmp/sandbox-was-here')"),
        ("refused",),
    ),
    Hostile(
        "import a socket",
        "the network is closed",
        "def f(x):\n    import socket",
        ("refused",),
        "import of socket",
    ),
    Hostile(
        "import by name",
        "also at run time",
        "def f(x):\n    return __import__('subprocess')",
        ("refused",),
    ),
    Hostile(
        "import inside exec",
        "also in text",
        "def f(x):\n    exec('import random')\n    return 1",
        ("refused",),
        "import of random",
    ),
    Hostile(
        "import through importlib",
        "also through the machinery",
        "def f(x):\n    import importlib",
        ("refused",),
    ),
    Hostile(
        "foreign functions",
        "ctypes would reach everything",
        "def f(x):\n    __import__('ctypes')",
        ("refused",),
    ),
    Hostile(
        "made-up bytecode",
        "so would this",
        "def f(x):\n    return f.__code__.replace(co_code=b'')",
        ("refused",),
        "code.__new__",
    ),
    Hostile(
        "another audit hook",
        "the hook is not to be watched",
        "import sys\ndef f(x):\n    getattr(sys, 'add' + 'audithook')(print)",
        ("refused",),
    ),
    Hostile(
        "a trace function",
        "nor the harness",
        "import sys\ndef f(x):\n    getattr(sys, 'set' + 'trace')(print)",
        ("refused",),
    ),
    Hostile(
        "frames behind an exception",
        "nor its frames",
        "def f(x):\n    try:\n        1 / 0\n    except ZeroDivisionError as error:\n"
        "        return error.__traceback__.tb_frame",
        ("refused",),
        "tb_frame",
    ),
    Hostile(
        "the garbage collector's list",
        "nor its objects",
        "def f(x):\n    import gc",
        ("refused",),
    ),
    Hostile(
        "standard input",
        "is empty",
        "def f(x):\n    return input()",
        ("raised",),
        "EOFError",
    ),
    Hostile(
        "the environment",
        "is empty",
        reaching("    return dict(reach().environ)"),
        ("returned",),
        "PYTHONHASHSEED",
    ),
    Hostile(
        "the working directory",
        "holds nothing",
        reaching("    return reach().listdir('.')"),
        ("refused",),
    ),
)
