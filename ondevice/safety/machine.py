"""What this machine has to run models with: memory and processors, as the operating system tells."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """What there is for this process.

    Args:
        memory_bytes: The memory in all, or what a container may have of it; ``None`` where the system does not tell.
        free_bytes: What of it programs can have now, or ``None``.
        cores: The processors that this process may use.
    """

    memory_bytes: int | None
    free_bytes: int | None
    cores: int


def this_machine() -> Machine:
    """Look at the machine."""
    told = _meminfo()
    memory = told.get("MemTotal") or _physical_memory()
    limits = [limit for path in _CGROUP_LIMITS if (limit := _limit(Path(path))) is not None]
    memory = min([memory, *limits]) if memory is not None else None
    free = told.get("MemAvailable")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Machine(
        memory_bytes=memory, free_bytes=None if free is None else min(free, memory or free), cores=max(1, cores)
    )


def _meminfo() -> dict[str, int]:
    """Return the bytes that Linux tells by name."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except (OSError, ValueError):
        return {}
    told = {}
    for line in lines:
        name, _, value = line.partition(":")
        number, _, unit = value.strip().partition(" ")
        if number.isdecimal() and unit == "kB":
            told[name] = int(number) * 1024
    return told


def _physical_memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _limit(path: Path) -> int | None:
    try:
        told = path.read_text("ascii").strip()
    except (OSError, ValueError):
        return None
    return int(told) if told.isdecimal() else None
