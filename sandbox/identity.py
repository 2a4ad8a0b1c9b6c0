"""As whom children run."""

from __future__ import annotations

import os
import sys

SANDBOX_UID = 65_533
NEEDED = {"CAP_KILL": 5, "CAP_SETGID": 6, "CAP_SETUID": 7}


def capabilities() -> int:
    """Return the effective capabilities of this process as a bit set; 0 where there are none."""
    if sys.platform != "linux":
        return 0
    with open("/proc/self/status", encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith("CapEff:"):
                return int(line.split()[1], 16)
    return 0


def child_uid() -> int | None:
    """Return the user id that children can change to, or None when they must stay who they are."""
    return None if why_no_uid() else SANDBOX_UID


def why_no_uid() -> str:
    """Return why children cannot have a user of their own and what to do; empty when they can."""
    if os.geteuid() != 0:
        return "not started as root, so programs share this user; start as root to have it"
    held = capabilities()
    missing = [name for name, bit in NEEDED.items() if not held >> bit & 1]
    if missing:
        return f"root without {', '.join(missing)}; give the container these capabilities"
    return ""
