"""How many threads help: the physical cores, since two threads on one core only get in each other's way."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_TOPOLOGY = Path("/sys/devices/system/cpu")


def physical_cores() -> int:
    """Return the number of physical cores this process may use, at least 1."""
    if sys.platform == "darwin":
        return _mac_cores() or os.cpu_count() or 1
    if sys.platform == "linux":
        return _linux_cores(os.sched_getaffinity(0), _TOPOLOGY)
    return max(1, (os.cpu_count() or 2) // 2)


def _linux_cores(allowed: set[int], topology: Path) -> int:
    siblings = set()
    for cpu in allowed:
        try:
            siblings.add((topology / f"cpu{cpu}" / "topology" / "thread_siblings_list").read_text())
        except OSError:  # some containers hide the topology: then every CPU counts
            return max(1, len(allowed))
    return max(1, len(siblings))


def _mac_cores() -> int:
    # Efficiency cores hold the others back, so only the performance level counts where there is one.
    sysctl = ctypes.CDLL(None).sysctlbyname
    for name in (b"hw.perflevel0.physicalcpu", b"hw.physicalcpu"):
        value, size = ctypes.c_int(0), ctypes.c_size_t(ctypes.sizeof(ctypes.c_int))
        if sysctl(name, ctypes.byref(value), ctypes.byref(size), None, ctypes.c_size_t(0)) == 0:
            return value.value
    return 0
