"""As whom children run."""

from __future__ import annotations

import os
import sys

SANDBOX_UID = 65_533
CAP_KILL, CAP_SETGID, CAP_SETUID = 5, 6, 7


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
    """Return the user id that children change to, or None when they must stay who they are."""
    if os.geteuid() != 0:
        return None
    held = capabilities()
    needed = (CAP_KILL, CAP_SETGID, CAP_SETUID)
    return SANDBOX_UID if all(held >> bit & 1 for bit in needed) else None
