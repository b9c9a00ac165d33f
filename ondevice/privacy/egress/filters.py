"""A seccomp filter that hands the calls of interest to a supervisor; Linux alone, and without extra programs.

The thread that installs it, whatever it starts, and every native thread of that, can make these calls only as far as
the supervisor lets them. Nothing takes the filter off again. So a thread installs it, starts one process, and ends.
"""

from __future__ import annotations

import os
import platform
import struct
import sys
from dataclasses import dataclass

ARCHITECTURES = {
    # Names of calls → numbers, after the kernel's own number of the architecture.
    "x86_64": (
        0xC000003E,
        {
            "socket": 41, "connect": 42, "sendto": 44, "sendmsg": 46, "bind": 49, "listen": 50, "execve": 59,
            "sendmmsg": 307, "execveat": 322, "io_uring_setup": 425,
        },
        317,
    ),
    "aarch64": (
        0xC00000B7,
        {
            "socket": 198, "bind": 200, "listen": 201, "connect": 203, "sendto": 206, "sendmsg": 211, "execve": 221,
            "sendmmsg": 269, "execveat": 281, "io_uring_setup": 425,
        },
        277,
    ),
}  # fmt: skip
"""Machine → its number, the calls that are watched, and the number of the call ``seccomp`` itself."""

X32_BIT = 0x40000000
"""x86-64 has a second set of calls, whose numbers have this bit."""

_ALLOW, _NOTIFY = 0x7FFF0000, 0x7FC00000
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER_AT, _ARCHITECTURE_AT = 0, 4
_NO_NEW_PRIVILEGES, _SET_FILTER, _NEW_LISTENER = 38, 1, 1 << 3


@dataclass(frozen=True, slots=True)
class Calls:
    """The watched calls of this machine.

    Args:
        architecture: The kernel's number of it.
        names: Number → name.
        install: The number of the call ``seccomp``.
    """

    architecture: int
    names: dict[int, str]
    install: int


def calls_here() -> Calls | None:
    """Return the calls of this machine; ``None`` where there is no such filter."""
    known = ARCHITECTURES.get(platform.machine())
    if sys.platform != "linux" or known is None or sys.maxsize < 1 << 32:
        return None
    architecture, numbers, install = known
    return Calls(architecture, {number: name for name, number in numbers.items()}, install)


def program(calls: Calls) -> bytes:
    """Return the filter: calls of another architecture and the watched ones are handed on, all others allowed."""
    notify = len(calls.names) + 1  # steps from the first comparison of a number to the end
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_EQUAL, 0, notify + 2, calls.architecture),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_AT_LEAST, notify, 0, X32_BIT),
        *((_EQUAL, notify - 1 - place, 0, number) for place, number in enumerate(calls.names)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _NOTIFY),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def restrict_thread(calls: Calls) -> int:
    """Put this thread under the filter for the rest of its life, and return the supervisor's descriptor.

    Raises:
        OSError: If the system refuses.
    """
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    code = program(calls)
    held = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("=H6xQ", len(code) // 8, ctypes.addressof(held))
    library.syscall.restype = ctypes.c_long
    descriptor = library.syscall(ctypes.c_long(calls.install), _SET_FILTER, _NEW_LISTENER, header)
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(descriptor)
