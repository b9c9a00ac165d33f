from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

from ondevice.errors import CorruptError
from ondevice.records import Draft
from ondevice.vault import Vault
from ondevice.vault.pages import USABLE_BYTES, database_pages, log_pages


def test_pages_are_those_of_plain_cbc(vault: Vault) -> None:
    vault.items.put_many([Draft(text=f"text {i} " * 30) for i in range(50)])
    assert vault.database.checkpoint()
    raw = vault.database.path.read_bytes()
    pages = next(database_pages(vault.database.path, vault.database.key))
    assert pages.shape == (len(raw) // 4096, USABLE_BYTES)
    for number, page in enumerate(pages):
        skip = 16 if number == 0 else 0
        encrypted = raw[number * 4096 : (number + 1) * 4096]
        decryptor = Cipher(AES256(vault.database.key), CBC(encrypted[4016:4032])).decryptor()
        assert page.tobytes() == bytes(skip) + decryptor.update(encrypted[skip:4016])


def test_first_page_is_sqlites_header(vault: Vault) -> None:
    first = next(database_pages(vault.database.path, vault.database.key))[0]
    assert int.from_bytes(first[16:18].tobytes(), "big") == 4096
    assert first[20] == 80


def test_log_holds_what_was_written_last(vault: Vault, decrypted: Callable[[Vault], bytes]) -> None:
    vault.items.put_many([Draft(text="lies in the log only so far")])
    path = vault.database.path
    in_log = b"".join(p.tobytes() for p in log_pages(path.with_name("profile.db-wal"), vault.database.key))
    in_file = b"".join(p.tobytes() for p in database_pages(path, vault.database.key))
    assert b"lies in the log" in in_log
    assert b"lies in the log" not in in_file
    assert b"lies in the log" in decrypted(vault)


def test_log_that_is_not_there_has_no_pages(tmp_path: Path) -> None:
    assert list(log_pages(tmp_path / "none", b"k" * 32)) == []


def test_torn_file_is_corrupt(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(bytes(4097))
    with pytest.raises(CorruptError, match="whole pages"):
        list(database_pages(tmp_path / "x", b"k" * 32))
