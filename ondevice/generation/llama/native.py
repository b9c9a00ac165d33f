"""llama.cpp's functions, loaded so that an abort starts no debugger, waiting burns no core, and a fork works.

There are two: the one that llama-cpp-python compiles for this machine, and a finished one (extra ``prebuilt``). Where
both are there the compiled one is taken, unless ``$ONDEVICE_LLAMA`` says otherwise.
"""

from __future__ import annotations

import ctypes
import os
from typing import Any

from ondevice.generation.llama.prebuilt import library as prebuilt
from ondevice.safety.waiting import spin_little

__all__ = ["SOURCE", "VARIABLE", "c_function", "has_amx", "lib"]

VARIABLE = "ONDEVICE_LLAMA"
"""Which one is loaded: ``compiled`` or ``prebuilt``."""

_SOFTLY = 1
"""``omp_pause_soft``: end the threads, keep what programs have stored for each."""


def _load() -> tuple[str, Any]:
    said = os.environ.get(VARIABLE) or None
    if said not in (None, "compiled", "prebuilt"):
        raise ImportError(f"${VARIABLE} must be 'compiled' or 'prebuilt', not {said!r}")
    # Read when the library loads, and again when it aborts: it would fork, and look for gdb on the path.
    os.environ.setdefault("GGML_NO_BACKTRACE", "1")
    spin_little()
    if said != "prebuilt":
        try:
            from llama_cpp import llama_cpp as compiled
        except ModuleNotFoundError:
            if said == "compiled" or not prebuilt.is_installed():
                raise ImportError(_NONE) from None
        else:
            return "compiled", compiled
    if not prebuilt.is_installed():
        raise ImportError(_NONE)
    return "prebuilt", prebuilt.load()


_NONE = (
    "the language model needs llama.cpp: run: pip install 'ondevice-sdk[prebuilt]', which needs no compiler, "
    "or 'ondevice-sdk[compiled]'"
)

SOURCE: str
lib: Any
SOURCE, lib = _load()


def c_function(name: str, gives: Any, takes: list[Any]) -> Any:  # noqa: ANN401 - ctypes
    """Return a function of the libraries below llama.cpp, which its package does not declare.

    Raises:
        AttributeError: If none of them has it.
    """
    if SOURCE == "prebuilt":
        libraries = [lib.libggml_base, lib.libggml]
    else:
        from llama_cpp import _ggml

        libraries = [lib._lib, _ggml.libggml]
    library = next((library for library in libraries if hasattr(library, name)), libraries[-1])
    return ctypes.CFUNCTYPE(gives, *takes)((name, library))


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
