"""On what an audit was made: enough to repeat it, and nothing that tells one machine or its owner from another."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass

TRIED_ON = ("linux",)
UNTRIED = "whether this check sees on this system what it sees on Linux: faults were planted and looked for there alone"

_RELEASE = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class System:
    """A kind of machine.

    Args:
        python: Python's version.
        os: The operating system, with the first two numbers of its release: what follows may name who built it.
        machine: The processor's kind.
    """

    python: str
    os: str
    machine: str


def this_system() -> System:
    """Return what this process runs on."""
    release = _RELEASE.match(platform.release())
    return System(
        python=platform.python_version(),
        os=" ".join(filter(None, (platform.system(), release and release.group()))) or "unknown",
        machine=platform.machine() or "unknown",
    )
