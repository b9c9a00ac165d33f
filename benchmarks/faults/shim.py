"""The library that stands between a process and its file system calls: compile it, load it, set it (Linux only)."""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import shutil
import struct
import subprocess
import sys
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")
_VARIABLE = "ONDEVICE_FAULTS_SHIM"


class Action(IntEnum):
    """What happens at the chosen call."""

    NOTHING = 0
    KILL_BEFORE = 1
    KILL_AFTER = 2
    TEAR = 3
    CUT_SHORT = 4
    FAIL = 5


class Calls(IntFlag):
    """Kinds of calls that can be chosen."""

    WRITE = 1
    SYNC = 2
    TRUNCATE = 4
    RENAME = 8
    UNLINK = 16
    CREATE = 32
    FOLDER = 64
    READ = 128
    CHANGES = 127


@dataclass(frozen=True, kw_only=True)
class Strike:
    """A fault at one call.

    Args:
        action: What happens.
        at: At which call of the kinds in ``calls``, counted from 1.
        calls: The kinds that count.
        share: How much of a write is done before it is torn or cut short, 0 to 1.
        error: The error number of a call that fails.
        lasts: How many calls, this one included, fail or are cut short.
    """

    action: Action
    at: int
    calls: Calls = Calls.CHANGES
    share: float = 1.0
    error: int = errno.EIO
    lasts: int = 1


class Shim:
    """The library in this process, which must have been started with :func:`environment`."""

    def __init__(self) -> None:
        """Find it.

        Raises:
            RuntimeError: If the process was started without it.
        """
        library = os.environ.get(_VARIABLE)
        if library is None:
            raise RuntimeError("this process was started without the shim")
        self._library = ctypes.CDLL(library)

    def arm(self, folder: Path, strike: Strike | None) -> None:
        """Watch a folder; without a strike nothing is counted, but a trace is still written."""
        chosen = strike or Strike(action=Action.NOTHING, at=0)
        self._library.faults_arm(
            os.fsencode(folder),
            int(chosen.action),
            int(chosen.calls),
            ctypes.c_long(chosen.at),
            ctypes.c_double(chosen.share),
            chosen.error,
            chosen.lasts,
        )

    def trace(self, descriptor: int) -> None:
        """Write every change below the watched folder to this descriptor from now on."""
        self._library.faults_trace(descriptor)

    def mark(self, number: int) -> None:
        """Write a mark between the changes."""
        self._library.faults_mark(ctypes.c_long(number))

    def report_to(self, memory: mmap.mmap, offset: int) -> None:
        """Write what is struck into shared memory, where :func:`struck` finds it."""
        # Kept: the library writes there as long as the process lives.
        self._memory = ctypes.c_char.from_buffer(memory, offset)
        self._library.faults_report(ctypes.byref(self._memory))


def struck(memory: mmap.mmap, offset: int) -> tuple[Calls, str] | None:
    """Return the kind of the call that was struck and the file it concerned, ``None`` if none was."""
    kind, path = struct.unpack_from("<q248s", memory, offset)
    return (Calls(kind), os.fsdecode(path.rstrip(b"\x00"))) if kind else None


def compile_shim(folder: Path) -> Path:
    """Compile the library into a folder and return its path.

    Raises:
        RuntimeError: If this is not Linux, there is no C compiler, or it fails.
    """
    if sys.platform != "linux":
        raise RuntimeError("system calls are intercepted on Linux only")
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        raise RuntimeError("there is no C compiler: install one, or name it in CC")
    library = folder / "shim.so"
    command = [compiler, "-O2", "-U_FORTIFY_SOURCE", "-shared", "-fPIC", "-pthread", "-o", str(library), str(SOURCE)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise RuntimeError(f"the shim does not compile:\n{result.stderr}")
    return library


def environment(library: Path) -> dict[str, str]:
    """Return the environment of a process that is to be struck: the shim, and one thread for numerics."""
    single = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**os.environ, **single, "LD_PRELOAD": str(library), _VARIABLE: str(library)}
