"""What a hostile program is, and how one reaches the operating system."""

from collections.abc import Mapping
from dataclasses import dataclass, field

REACH = """
def reach():
    for kind in object.__subclasses__():
        for entry in kind.__dict__.values():
            names = getattr(entry, "__globals__", {})
            if "_os" in names:
                return names["_os"]
"""
FORGED = '{"status":"returned","value":"7","error":null,"encoding":"n7"}'
WRITE_ALL = f"""
    posix, body = reach(), b'{FORGED}'
    for descriptor in range(64):
        try:
            posix.write(descriptor, len(body).to_bytes(4, "little") + body)
        except OSError:
            pass
"""


@dataclass(frozen=True)
class Hostile:
    """A program `f(x)`, why it is here, and the statuses (and the text) that it may end with.

    without: what gets through when one layer is switched off, where that makes a difference: the
    status (or several, joined by "or") and a text of the outcome. What is still stopped then is
    stopped by the layer below.
    """

    name: str
    why: str
    source: str
    statuses: tuple[str, ...]
    says: str = ""
    without: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def foreign(name: str, namespace: str | None, use: str) -> str:
    """Return a program that finds a class of ctypes, makes another from it, and uses that."""
    made = "kind" if namespace is None else f"type(kind)('C', (kind,), {namespace})"
    return (
        "def f(x):\n    root = [c for c in object.__subclasses__() if c.__name__ == '_CData'][0]\n"
        f"    kind = [c for c in root.__subclasses__() if c.__name__ == '{name}'][0]\n"
        f"    return str({made}{use})"
    )


def reaching(body: str) -> str:
    """Return a program whose body can call `reach()` for the operating system."""
    return f"{REACH}\ndef f(x):\n{body}"
