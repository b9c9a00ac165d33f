"""Which class of CPU this is: what matters is the widest integer arithmetic that a runtime finds."""

from __future__ import annotations

import platform
from functools import cache
from pathlib import Path

_X86 = ("x86_64", "amd64")
_ARM = ("aarch64", "arm64")
# From the widest down: the flags as Linux names them, and what we call a CPU that has them all.
_X86_CLASSES = (
    (("avx512f", "avx512bw", "avx512vl", "avx512_vnni"), "avx512-vnni"),
    (("avx512f", "avx512bw", "avx512vl"), "avx512"),
    (("avx2", "avx_vnni"), "avx2-vnni"),
    (("avx2", "fma"), "avx2"),
    (("avx",), "avx"),
    ((), "sse"),
)
_ARM_CLASSES = ((("i8mm",), "i8mm"), (("asimddp",), "dotprod"), ((), "neon"))


@cache
def cpu_class() -> str:
    """Return this CPU's class, such as ``x86-64 avx512-vnni``: architecture, then the widest integer arithmetic.

    Where the operating system does not tell, it is the architecture and ``unknown``.
    """
    machine = platform.machine().lower()
    if machine in _X86:
        return f"x86-64 {_named(_X86_CLASSES)}"
    if machine in _ARM:
        return f"arm64 {_named(_ARM_CLASSES)}"
    return f"{machine or 'unknown'} unknown"


def _named(classes: tuple[tuple[tuple[str, ...], str], ...]) -> str:
    flags = _flags()
    if not flags:
        return "unknown"
    return next(name for needed, name in classes if flags.issuperset(needed))


def _flags() -> frozenset[str]:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return frozenset()
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() in ("flags", "features"):
            return frozenset(value.split())
    return frozenset()
