"""The one kind of error that people are told in a line, without a traceback."""


class SinqError(Exception):
    """Something outside of the code is not as it has to be: a flag, a file, a disk, a machine.

    The message is one line: where, what was expected, what was got, and what to do. Commands print
    it and end with status 2. Each room has a class of its own below this one; that of ``sandbox/``,
    which is a package by itself, is ``SandboxError``.
    """
