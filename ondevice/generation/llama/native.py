"""llama.cpp's functions, loaded so that an abort starts no debugger, waiting burns no core, and a fork works."""

from __future__ import annotations

import os

from ondevice.safety.waiting import spin_little

# Read when the library loads, and again when it aborts: it would fork, and look for gdb on the path.
os.environ.setdefault("GGML_NO_BACKTRACE", "1")
spin_little()

from llama_cpp import llama_cpp as lib  # noqa: E402 - it reads the environment when it loads

__all__ = ["has_amx", "lib"]

_SOFTLY = 1
"""``omp_pause_soft``: end the threads, keep what programs have stored for each."""


def has_amx() -> bool:
    """Whether this build would multiply with the processor's tiles (Intel AMX).

    Compiled by GCC before 13, which forgets to store the tiles' shape before it loads them, such a build ends the
    process at the first prompt with an illegal instruction. Which compiler built it cannot be asked.
    """
    return b"AMX_INT8 = 1" in lib.llama_print_system_info()


def _end_threads() -> None:
    """End the helpers that OpenMP keeps for this thread; the next computation starts them anew.

    A fork has this thread but not its helpers, and OpenMP would wait for them, even for a model loaded after the fork.
    """
    # Looked up in llama.cpp's own libraries: a process can have several OpenMPs. A build without it has none to end.
    end = getattr(lib._lib, "omp_pause_resource_all", None)
    if end is not None:
        end(_SOFTLY)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_end_threads)
