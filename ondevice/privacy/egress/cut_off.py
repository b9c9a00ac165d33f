"""A network namespace without interfaces, for the process that asks for it; Linux alone, and without extra programs."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

_NEW_NETWORK, _NEW_USER = 0x40000000, 0x10000000
_LOOPBACK = "lo"


def cut_off() -> bool:
    """Move this process, which must have one thread, into a namespace of its own; say whether it sees no interface.

    Who may not make a namespace may in many systems make one together with a namespace of users.
    """
    if sys.platform != "linux":
        return False
    import ctypes

    user, group = os.geteuid(), os.getegid()
    unshare = ctypes.CDLL(None, use_errno=True).unshare
    if unshare(_NEW_NETWORK):
        if unshare(_NEW_NETWORK | _NEW_USER):
            return False
        with suppress(OSError):  # files then seem to be nobody's, and stay the user's
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return interfaces() == set()


def interfaces() -> set[str] | None:
    """Return the names of this process's interfaces but the loopback's; ``None`` where they cannot be read."""
    try:
        lines = Path("/proc/self/net/dev").read_text().splitlines()
    except OSError:
        return None
    return {line.partition(":")[0].strip() for line in lines if ":" in line} - {_LOOPBACK}
