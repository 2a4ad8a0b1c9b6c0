"""Calls of the kernel that Python has no function for.

They are made through the C half of ctypes, which can call any address and so would give a program
all of the machine. Here it makes a handful of functions and is then sealed: none of its classes can
make another object, so what it made before is all there will ever be. Children drop even that
before a program runs.
"""

import _ctypes
from posix import strerror

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

USE_ERRNO, C_CALL = 8, 1
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2
LANDLOCK_RESTRICT_SELF = 446  # the same number on every architecture
SIGKILL = 9
CAPABILITY_HEADER = (0x20080522).to_bytes(4, "little") + bytes(4)
TP_NEW = 36 * 8  # what precedes tp_new in every type object, beside the head of all objects
POINTER_BYTES = 8


class Kernel:
    """The few calls that the sandbox makes of itself; each raises OSError when it fails."""

    def __init__(self) -> None:
        """Make the functions, and seal what they were made with."""
        kinds = _kinds()
        int_, ulong, text, self._pointer = kinds[:4]
        call = _function_class(int_)
        library = _ctypes.dlopen(None, 0)  # type: ignore[arg-type]

        def function(name: str, *types: object) -> "Any":
            made = call(_ctypes.dlsym(library, name))
            made.argtypes = types
            return made

        self._prctl = function("prctl", int_, ulong, ulong, ulong, ulong)
        self._syscall = function("syscall", ulong, ulong, ulong, ulong)
        self._unshare = function("unshare", int_)
        self._mount = function("mount", text, text, text, ulong, text)
        self._capset = function("capset", text, text)
        seal((*kinds, call), self._pointer)

    def no_new_privileges(self) -> None:
        """Let no program that is started from here on gain rights."""
        _check(self._prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))

    def close_to_others(self) -> None:
        """Let no other process of the same user look into this one."""
        _check(self._prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))

    def die_with_parent(self) -> None:
        """Be killed when the parent ends; a change of user undoes this."""
        _check(self._prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))

    def drop_capabilities(self) -> None:
        """Give up all capabilities."""
        _check(self._capset(CAPABILITY_HEADER, bytes(24)))

    def filter_calls(self, program: bytes) -> None:
        """Install a system-call filter, for good. program: instructions of classic BPF."""
        at_program = id(program) + bytes.__basicsize__ - 1
        head = (len(program) // 8).to_bytes(8, "little") + at_program.to_bytes(8, "little")
        at_head = id(head) + bytes.__basicsize__ - 1
        _check(self._prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, at_head, 0, 0))

    def restrict(self, ruleset: int) -> None:
        """Enforce a Landlock ruleset, given by its descriptor, for good."""
        _check(self._syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0, 0))

    def unshare(self, flags: int) -> None:
        """Enter new namespaces."""
        _check(self._unshare(flags))

    def mount(self, what: str, where: str, kind: str, flags: int, data: str = "") -> None:
        """Mount something, or change how it is mounted."""
        texts = [each.encode() for each in (what, where, kind)]
        _check(self._mount(*texts, flags, data.encode()))


def _kinds() -> "list[Any]":
    """Return an int, an unsigned long, a text and a pointer of C, then the classes above them."""
    base: Any = _ctypes._SimpleCData
    letters = {"int": "i", "ulong": "L", "text": "z", "pointer": "P"}
    made = [type(base)(name, (base,), {"_type_": letter}) for name, letter in letters.items()]
    root = base.__mro__[1]
    return [*made, root, *root.__subclasses__()]


def _function_class(result: "Any") -> "Any":
    base: Any = _ctypes.CFuncPtr
    return type(base)("call", (base,), {"_flags_": C_CALL | USE_ERRNO, "_restype_": result})


def _check(status: int) -> None:
    if status != 0:
        number = _ctypes.get_errno()
        raise OSError(number, strerror(number))


def seal(kinds: "tuple[Any, ...]", pointer: "Any") -> None:
    """Take from classes of ctypes, and from their metaclasses, what makes their objects.

    pointer: the class that memory is written with, one of kinds. A class of C cannot be changed
    in Python, so its slot is emptied in memory. Raises RuntimeError, having changed nothing, when
    the slot is not where every CPython so far has had it.
    """
    at = object.__basicsize__ + POINTER_BYTES + TP_NEW

    def slot(kind: type) -> "Any":
        return pointer.from_address(id(kind) + at)

    class Plain:
        pass

    known = slot(object).value
    if not known or slot(Plain).value != known or slot(int).value in (None, known):
        raise RuntimeError("no place found where classes keep what makes their objects")
    slots = [slot(kind) for kind in {*kinds, *map(type, kinds)} if kind is not type]
    for each in slots:
        each.value = None
