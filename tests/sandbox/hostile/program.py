"""What a hostile program is, and how one reaches the operating system."""

from dataclasses import dataclass

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
    """A program `f(x)`, why it is here, and the statuses (and texts) that it may end with."""

    name: str
    why: str
    source: str
    statuses: tuple[str, ...]
    says: str = ""


def reaching(body: str) -> str:
    """Return a program whose body can call `reach()` for the operating system."""
    return f"{REACH}\ndef f(x):\n{body}"
