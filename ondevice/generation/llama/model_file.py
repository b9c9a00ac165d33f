"""A model of one user's own, in memory or in a file for a moment, for llama.cpp to load."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ondevice.errors import StorageError
from ondevice.safety.temporary_folder import temporary_folder

_NAME = "ondevice"
_NOT_EXECUTABLE = 0x0008
"""MFD_NOEXEC_SEAL: some hardened systems give no memory without it, and Linux before 6.3 none with it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelFile:
    """Where llama.cpp finds a model.

    Args:
        path: What to open.
        is_mapped: Whether the weights stay in the file's pages; otherwise they are copied, and the file may go.
    """

    path: Path
    is_mapped: bool = True


def has_memory_files() -> bool:
    """Say whether this system can hold a file in memory and give it a path: Linux can."""
    return hasattr(os, "memfd_create") and Path("/proc/self/fd").is_dir()


@contextmanager
def model_file(pieces: Iterable[bytes], *, allow_plaintext_file: bool = False) -> Iterator[ModelFile]:
    """Yield a file that holds these bytes for the time of the block, in which the model is loaded.

    On Linux it lies in memory (memfd), can no longer be changed, and is in no folder; what llama.cpp has mapped of it
    lives as long as the model. Elsewhere it is a file that only the user can read, in a folder that only the user can
    enter, deleted at the end of the block: a crash in between leaves it there, and what is deleted may stay on the
    medium until it is overwritten.

    Args:
        pieces: The GGUF model, in pieces of any length; all are written before the block begins.
        allow_plaintext_file: Whether the model may lie readable on the disk where there are no files in memory.

    Raises:
        StorageError: If there are none and that is not allowed, or the system refuses.
    """
    check_loadable(allow_plaintext_file=allow_plaintext_file)
    if has_memory_files():
        with _in_memory(pieces) as descriptor:
            yield ModelFile(path=Path(f"/proc/self/fd/{descriptor}"))
        return
    with _on_disk(pieces) as path:
        yield ModelFile(path=path, is_mapped=False)


def check_loadable(*, allow_plaintext_file: bool) -> None:
    """Refuse where a model could only be loaded from a file that must not be.

    Raises:
        StorageError: Then.
    """
    if not allow_plaintext_file and not has_memory_files():
        raise StorageError(
            "this system has no files in memory, and a merged model must not lie on the disk readable",
            hint="use the adapter beside its base, or allow it with allow_plaintext_file=True",
        )


@contextmanager
def _in_memory(pieces: Iterable[bytes]) -> Iterator[int]:
    descriptor = _memory_descriptor()
    try:
        try:
            with open(descriptor, "wb", closefd=False) as file:
                file.writelines(pieces)
            _seal(descriptor)
        except OSError as error:
            raise StorageError(f"the system refuses the memory for a model: {_reason(error)}") from None
        yield descriptor
    finally:
        os.close(descriptor)


def _memory_descriptor() -> int:
    flags = os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING
    try:
        return os.memfd_create(_NAME, flags | _NOT_EXECUTABLE)
    except OSError:
        pass
    try:
        return os.memfd_create(_NAME, flags)
    except OSError as error:
        raise StorageError(f"the system gives no file in memory: {_reason(error)}") from None


def _seal(descriptor: int) -> None:
    import fcntl

    seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)


@contextmanager
def _on_disk(pieces: Iterable[bytes]) -> Iterator[Path]:
    with ExitStack() as stack:
        try:
            # Both are made for the user alone: the folder with mode 0700, the file with 0600. A kill leaves them to the
            # next who asks for such a folder.
            path = stack.enter_context(temporary_folder()) / "model.gguf"
            with open(path, "xb", opener=_privately) as file:
                file.writelines(pieces)
        except OSError as error:
            raise StorageError(f"the model cannot be put into a file: {_reason(error)}") from None
        yield path


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
