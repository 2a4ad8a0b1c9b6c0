"""What asks the kernel without an event that the guard could see."""

from tests.sandbox.hostile.program import Hostile, foreign, reaching

KERNEL = (
    Hostile(
        "the name of the machine",
        "a result that depends on it would decide verdicts by luck",
        reaching("    return len(reach().uname().nodename) > 0"),
        ("killed",),
        "forbidden",
        without={"system-calls": ("returned", "True")},
    ),
    Hostile(
        "the clock of the process",
        "so would one that depends on time",
        reaching("    return reach().times().elapsed > 0"),
        ("killed",),
        "forbidden",
        without={"system-calls": ("returned", "True")},
    ),
    Hostile(
        "whether a file exists",
        "its answer depends on the machine too",
        reaching("    return reach().stat('/etc/passwd').st_uid"),
        ("raised",),
        "FileNotFoundError",
        without={"mounts": ("returned", "")},
    ),
    Hostile(
        "where a link leads",
        "so does this one",
        reaching("    return len(reach().readlink('/proc/self/exe'))"),
        ("raised",),
        "FileNotFoundError",
        without={"mounts": ("returned", "")},
    ),
    Hostile(
        "the load of the machine",
        "and this one",
        reaching("    return len(reach().getloadavg())"),
        ("killed",),
        "forbidden",
        without={"system-calls": ("returned", "3")},
    ),
    Hostile(
        "the working directory's path",
        "is the same everywhere",
        reaching("    return reach().getcwd()"),
        ("returned",),
        "/room",
        without={"mounts": ("returned", "/sandbox-")},
    ),
    Hostile(
        "a pipe",
        "descriptors are for the channel alone",
        reaching("    return len(reach().pipe())"),
        ("killed",),
        "forbidden",
        without={"system-calls": ("returned", "2")},
    ),
    Hostile(
        "a flood of descriptors",
        "their number is bounded, should the filter be missing",
        reaching("    while True:\n        reach().pipe()"),
        ("killed",),
        "forbidden",
        without={"system-calls": ("raised", "Too many open files")},
    ),
    Hostile(
        "a file in memory",
        "nor is there a place to keep things",
        reaching("    return reach().memfd_create('x') > 2"),
        ("killed",),
        "forbidden",
        without={"system-calls": ("returned", "True")},
    ),
    Hostile(
        "the channel as standard output",
        "print must not reach the channel",
        reaching(
            "    for d in range(3, 16):\n        try:\n            reach().dup2(d, 1)\n"
            "        except OSError:\n            continue\n"
            "        print('x' * 10**6, flush=True)\n    return 1"
        ),
        ("killed",),
        "forbidden",
        without={"system-calls": ("killed", "")},
    ),
    Hostile(
        "another core",
        "nothing may choose where it runs",
        reaching("    reach().sched_setaffinity(0, range(64))\n    return 1"),
        ("killed",),
        "forbidden",
        without={"system-calls": ("returned", "1")},
    ),
    Hostile(
        "a higher priority",
        "nor before others",
        reaching("    return reach().nice(-10)"),
        ("killed",),
        "forbidden",
        without={"system-calls": ("raised", "PermissionError")},
    ),
    Hostile(
        "root again",
        "a user that was given up does not come back",
        reaching("    reach().setresuid(0, 0, 0)\n    return 1"),
        ("raised",),
        "Error",
        without={"user": ("returned", "1")},
    ),
    Hostile(
        "a function at any address",
        "classes of ctypes are sealed in the server",
        foreign("CFuncPtr", "{'_flags_': 1, '_restype_': None}", "(id(x))"),
        ("raised",),
        "TypeError: cannot create",
    ),
    Hostile(
        "a structure of C",
        "all of them",
        foreign("Structure", "{'_fields_': []}", "()"),
        ("raised",),
        "TypeError: cannot create",
    ),
    Hostile(
        "a function at no address",
        "what is sealed ends in a crash when it is forced",
        foreign("CFuncPtr", None, ".__new__(kind, 1)"),
        ("killed", "raised"),
    ),
    Hostile(
        "memory by address",
        "what needs no new class has an event",
        foreign("_SimpleCData", None, ".__subclasses__()[0].from_address(id(x))"),
        ("refused",),
        "ctypes.cdata",
        without={"guard": ("returned", "int(")},
    ),
    Hostile(
        "what the harness called the kernel with",
        "a child drops it before it runs a program",
        "import sys\ndef f(x):\n    frame = getattr(sys, '_get' + 'frame')()\n"
        "    found = []\n    while frame:\n        names = {**frame.f_locals, **frame.f_globals}\n"
        "        found += [k for k in names if k in ('kernel', 'confine', 'arm')]\n"
        "        frame = frame.f_back\n    return found",
        ("returned",),
        "[]",
    ),
)
