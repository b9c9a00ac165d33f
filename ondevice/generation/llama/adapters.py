"""One user's LoRA adapter, loaded from bytes that never touch the disk in the clear."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import sys
from collections.abc import Iterator
from typing import Any

from ondevice.bundle import Bundle
from ondevice.bundle.specs import READER_ROLE
from ondevice.errors import BundleError, CorruptError, GenerationError, ModelMismatchError, StorageError
from ondevice.generation.llama.handles import Handle, Model
from ondevice.generation.llama.native import lib
from ondevice.generation.llama.runtime_log import listening

_MAGIC = b"GGUF"
_MISMATCH_SIGNS = ("arch mismatch", "wrong base model")
_NO_ADAPTER_SIGN = ", but got: "  # "expect general.type to be 'adapter', but got: …"


class Adapter(Handle):
    """A LoRA adapter in memory, freed by its engine. ``id`` is the SHA-256 of its bytes, ``n_bytes`` their number."""

    id: str
    n_bytes: int

    def __repr__(self) -> str:
        """Name the adapter by its hash."""
        return f"Adapter(id={self.id!r}, n_bytes={self.n_bytes})"


def load_adapter(model: Model, data: bytes) -> Adapter:
    """Load a GGUF LoRA adapter for ``model`` from memory.

    On Linux and macOS llama.cpp reads the bytes through ``fmemopen``: no file exists at any time. Windows has no such
    call: there the bytes go through a temporary file that the system deletes when it is closed, and that it is asked
    to keep in memory (``docs/explanation/threat-model.md``).

    Raises:
        CorruptError: If the bytes are cut short or damaged.
        BundleError: If they are no adapter at all.
        ModelMismatchError: If the adapter was made for another base model.
    """
    if data[:4] != _MAGIC:
        raise BundleError(f"the {len(data)} bytes are not a GGUF adapter")
    with _stream(data) as stream, listening() as lines:
        pointer = lib.llama_adapter_lora_init_from_file_ptr(model.pointer, stream)
    if not pointer:
        said = "".join(lines)
        if any(sign in said for sign in _MISMATCH_SIGNS):
            raise ModelMismatchError("the adapter was made for another base model", hint="train it for this model")
        if _NO_ADAPTER_SIGN in said:
            raise BundleError(f"the GGUF file of {len(data)} bytes is not a LoRA adapter")
        raise CorruptError(f"the adapter of {len(data)} bytes is damaged or cut short")
    adapter = Adapter(pointer, lib.llama_adapter_lora_free, made_from=model)
    adapter.id, adapter.n_bytes = hashlib.sha256(data).hexdigest(), len(data)
    return adapter


@contextlib.contextmanager
def _stream(data: bytes) -> Iterator[ctypes.c_void_p]:
    """Yield a C ``FILE*`` that reads ``data``, and overwrite the copy afterwards."""
    library, close = _c_library()
    buffer = ctypes.create_string_buffer(data, len(data))
    pointer = _open_temporary(library, data) if sys.platform == "win32" else _open_memory(library, buffer, len(data))
    if not pointer:
        raise GenerationError(f"the operating system could not open {len(data)} bytes as a stream")
    try:
        yield ctypes.c_void_p(pointer)
    finally:
        close(ctypes.c_void_p(pointer))
        ctypes.memset(buffer, 0, len(data))


def _c_library() -> tuple[Any, Any]:
    # llama.cpp is built against the universal C runtime on Windows; a FILE* of another runtime would crash.
    library = ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)
    close = library.fclose
    close.argtypes, close.restype = [ctypes.c_void_p], ctypes.c_int
    return library, close


def _open_memory(library: Any, buffer: ctypes.Array[ctypes.c_char], size: int) -> int | None:  # noqa: ANN401 - a C library
    open_memory = library.fmemopen
    open_memory.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p]
    open_memory.restype = ctypes.c_void_p
    pointer: int | None = open_memory(buffer, size, b"rb")
    return pointer


def _open_temporary(library: Any, data: bytes) -> int | None:  # noqa: ANN401 - a C library
    import secrets
    import tempfile

    # O_TEMPORARY: Windows deletes the file with its last handle, also when the process dies.
    # O_SHORT_LIVED (0x1000): keep it in the file cache rather than on the disk.
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_TEMPORARY", 0) | 0x1000
    descriptor = os.open(os.path.join(tempfile.gettempdir(), f"{secrets.token_hex(16)}.tmp"), flags, 0o600)
    with contextlib.closing(os.fdopen(os.dup(descriptor), "wb")) as writer:
        writer.write(data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    open_descriptor = library._fdopen
    open_descriptor.argtypes, open_descriptor.restype = [ctypes.c_int, ctypes.c_char_p], ctypes.c_void_p
    pointer: int | None = open_descriptor(descriptor, b"rb")
    return pointer


def reader_of(bundle: Bundle, model: Model) -> Adapter | None:
    """Load the adapter with which a bundle's language model reads notes, if it brings one."""
    if READER_ROLE not in bundle.files:
        return None
    try:
        data = bundle.file(READER_ROLE).read_bytes()
    except OSError as error:
        raise StorageError(f"the reader of {bundle.name!r} cannot be read: {error.strerror}") from None
    reader = load_adapter(model, data)
    if reader.id != bundle.files[READER_ROLE].sha256:
        raise CorruptError(f"the reader of {bundle.name!r} has changed while it was opened")
    return reader
