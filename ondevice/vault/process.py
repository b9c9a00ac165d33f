"""Keep other programs of the same user out of this process's memory, as far as the operating system lets a process.

While a profile is unlocked, its key and what was read of it lie in memory. A crash could write all of it to a core file
in the clear, and any program of the same user could read it through ``/proc`` or a debugger. Whether that matters more
than debugging is the app's to say, so nothing here happens by itself.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

_PR_GET_DUMPABLE = 3
_PR_SET_DUMPABLE = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Protection:
    """What could be done.

    Args:
        no_core_files: A crash writes no core file of this process.
        no_readers: Other processes of the same user can neither attach to this one nor read its memory; root can.
    """

    no_core_files: bool
    no_readers: bool


def protect_process() -> Protection:
    """Forbid core files, and on Linux also other programs' reading of this process; for the rest of its life.

    Call it before a profile is opened. Child processes that run another program may be read again. A debugger, a
    profiler or a crash reporter of the same user cannot attach any more.

    Returns:
        What holds now. On Windows nothing can be done this way; on macOS only core files are forbidden.
    """
    return Protection(no_core_files=_forbid_core_files(), no_readers=_forbid_readers())


def is_dumpable() -> bool | None:
    """Say whether a crash may write a core of this process and others of the user may read it; ``None``: unknown."""
    if sys.platform != "linux":
        return None
    import ctypes

    return bool(ctypes.CDLL(None).prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)


def _forbid_core_files() -> bool:
    if sys.platform == "win32":
        return False
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return True


def _forbid_readers() -> bool:
    # A process that is not dumpable also writes no core where the system pipes them to a program, whatever the limit.
    if sys.platform != "linux":
        return False
    import ctypes

    prctl = ctypes.CDLL(None).prctl
    prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    return bool(prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0) == 0)
