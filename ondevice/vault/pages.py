"""Decrypt the database's pages ourselves, to see what lies in them whatever SQLite thinks of it.

SQLCipher 4 writes each 4096-byte page as AES-256-CBC ciphertext (4016 bytes), the page's IV (16) and an HMAC (64);
the raw key is the AES key. The first page starts with a 16-byte salt that is not encrypted. In the write-ahead log each
page follows a 24-byte frame header, after a 32-byte file header.

CBC is undone for many pages in one call: decrypt all blocks as in ECB, then XOR each with the ciphertext block
before it, or with the IV. The HMACs are not checked here (SQLCipher does, on each read); that the key and layout are
right shows in the control of :mod:`ondevice.vault.readback`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB
from numpy.typing import NDArray

from ondevice.errors import CorruptError, StorageError
from ondevice.vault.cipher import PAGE_BYTES

USABLE_BYTES = PAGE_BYTES - 80
_IV_BYTES = 16
_BATCH_PAGES = 1024
_WAL_HEADER_BYTES = 32
_FRAME_HEADER_BYTES = 24

Pages = NDArray[np.uint8]
"""uint8[n, 4016]: the decrypted part of each page."""


def database_pages(path: Path, key: bytes) -> Iterator[Pages]:
    """Yield the database file's pages in batches; the first 16 bytes of the first page, the salt, come as zeros.

    Raises:
        CorruptError: If the file is no whole number of pages.
        StorageError: If the operating system refuses.
    """
    is_first = True
    for raw in _records(path, PAGE_BYTES, skip=0):
        pages = _decrypted(raw, key)
        if is_first:
            # Here the chain starts behind the salt, at the second block.
            salt = raw[0, :_IV_BYTES]
            iv = raw[0, USABLE_BYTES : USABLE_BYTES + _IV_BYTES]
            pages[0, _IV_BYTES : 2 * _IV_BYTES] ^= salt ^ iv
            pages[0, :_IV_BYTES] = 0
            is_first = False
        yield pages


def log_pages(path: Path, key: bytes) -> Iterator[Pages]:
    """Yield the pages in a write-ahead log, those of past transactions included; nothing if it is empty or gone.

    Raises:
        StorageError: If the operating system refuses.
    """
    if path.exists():
        for raw in _records(path, _FRAME_HEADER_BYTES + PAGE_BYTES, skip=_WAL_HEADER_BYTES, may_be_torn=True):
            frames = raw[:, _FRAME_HEADER_BYTES:]
            pages = _decrypted(frames, key)
            # Page 1 starts with the salt; its first blocks come out wrong, and hold nothing of an item's.
            yield pages


def _records(path: Path, size: int, *, skip: int, may_be_torn: bool = False) -> Iterator[NDArray[np.uint8]]:
    try:
        with path.open("rb") as file:
            file.seek(skip)
            while data := file.read(size * _BATCH_PAGES):
                if len(data) % size and not may_be_torn:
                    raise CorruptError(f"{path.name} does not consist of whole pages")
                whole = len(data) // size
                yield np.frombuffer(data, np.uint8, whole * size).reshape(whole, size)
    except OSError as error:
        raise StorageError(f"cannot read {path.name}: {(error.strerror or type(error).__name__).lower()}") from None


def _decrypted(raw: NDArray[np.uint8], key: bytes) -> Pages:
    cipher = np.ascontiguousarray(raw[:, :USABLE_BYTES])
    decryptor = Cipher(AES256(key), ECB()).decryptor()  # noqa: S305 - chained below
    plain = np.frombuffer(decryptor.update(cipher.reshape(-1).data), np.uint8).reshape(cipher.shape)
    # XOR in 8-byte words: a page's usable part is a whole number of them.
    words = plain.view(np.uint64).copy()
    words[:, 2:] ^= cipher.view(np.uint64)[:, :-2]
    words[:, :2] ^= np.ascontiguousarray(raw[:, USABLE_BYTES : USABLE_BYTES + _IV_BYTES]).view(np.uint64)
    return words.view(np.uint8)
