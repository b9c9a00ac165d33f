"""Whether the database is encrypted and authenticated in effect, tried on a copy."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from ondevice.errors import OndeviceError
from ondevice.privacy.findings import Fact, Finding
from ondevice.privacy.subject import Copy
from ondevice.vault.cipher import PAGE_BYTES, connect, load_library, log_of
from ondevice.vault.kdf import KEY_BYTES
from ondevice.vault.keyfile import KeyFile
from ondevice.vault.layout import DATABASE_PURPOSE, KEYS_FILE, database_file
from ondevice.vault.secrets import AppKey

_SETTINGS = (
    ("page size", "cipher_page_size", "4096"),
    ("pages are authenticated", "cipher_use_hmac", "1"),
    ("authentication", "cipher_hmac_algorithm", "HMAC_SHA512"),
    ("bytes at the start in the clear", "cipher_plaintext_header_size", "0"),
)
_OF_WRITER = (
    ("deleted rows are overwritten", "secure_delete", "1"),
    ("temporary tables in memory", "temp_store", "2"),
    ("journal", "journal_mode", "wal"),
)
_REINSTALL = "install sqlcipher3 anew from the package index"


def check_cipher(copy: Copy) -> tuple[list[Finding], list[Fact]]:
    """Try a copy's database with its key, with another, without one, and after a byte was changed.

    The copy is of no use afterwards.

    Raises:
        OndeviceError: If the copy does not open at all.
    """
    key_file = KeyFile.load(copy.path / KEYS_FILE)
    profile_key = key_file.unlock(AppKey(copy.key))
    try:
        key = profile_key.derive(DATABASE_PURPOSE)
    finally:
        profile_key.wipe()
    path = database_file(copy.path, key_file.epoch)
    with copy.open():
        # What an interruption left undone is done now, and the log is in the file.
        pass
    findings, facts = [], []
    for finding, fact in _settings(path, key):
        findings += [finding] if finding is not None else []
        facts.append(fact)
    findings += [*_without_key(path), *_with_another_key(path), *_with_a_change(path, key)]
    return findings, facts


def _settings(path: Path, key: bytes) -> Iterator[tuple[Finding | None, Fact]]:
    with closing(connect(path, key, is_reader=False)) as connection:
        version = connection.execute("PRAGMA cipher_version").fetchone()[0]
        yield None, Fact(name="cipher library", value=f"SQLCipher {version}")
        for what, pragma, expected in (*_SETTINGS, *_OF_WRITER):
            found = connection.execute(f"PRAGMA {pragma}").fetchone()
            value = str(found[0]) if found else "unknown"
            wrong = Finding(
                code="at-rest/cipher-settings",
                level="high" if pragma.startswith("cipher_") else "medium",
                text=f"the database's {pragma} is {value}, and must be {expected}",
                hint=_REINSTALL,
            )
            yield None if value == expected else wrong, Fact(name=f"database: {what}", value=value)


def _without_key(path: Path) -> Iterator[Finding]:
    if _reads_without_key(path):
        yield Finding(
            code="at-rest/opens-without-key",
            level="high",
            text="the copy's database opens without any key",
            hint=_REINSTALL,
        )


def _reads_without_key(path: Path) -> bool:
    library = load_library()
    try:
        with closing(library.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except library.Error:
        return False
    return True


def _with_another_key(path: Path) -> Iterator[Finding]:
    if _opens(path, secrets.token_bytes(KEY_BYTES)):
        yield Finding(
            code="at-rest/opens-with-another-key",
            level="high",
            text="the copy's database opens with a key that is not its own",
            hint=_REINSTALL,
        )


def _with_a_change(path: Path, key: bytes) -> Iterator[Finding]:
    """Flip one bit of the last page, and ask the library whether every page is what was written."""
    if _n_damaged(path, key) != 0 or log_of(path).exists():
        yield Finding(
            code="at-rest/pages-damaged",
            level="medium",
            text="pages of the copy's database fail their authentication as they are",
            hint="check the profile: ondevice doctor --unlock",
        )
        return
    with path.open("r+b") as file:
        file.seek(-PAGE_BYTES // 2, 2)
        byte = file.read(1)[0]
        file.seek(-1, 1)
        file.write(bytes([byte ^ 1]))
    if _n_damaged(path, key) == 0:
        yield Finding(
            code="at-rest/change-unseen",
            level="high",
            text="a page of the copy's database was changed, and the library did not notice",
            hint=_REINSTALL,
        )


def _n_damaged(path: Path, key: bytes) -> int:
    """Return how many pages the library finds changed; at least one where it does not even open."""
    library = load_library()
    try:
        with closing(connect(path, key, is_reader=True)) as connection:
            return len(connection.execute("PRAGMA cipher_integrity_check").fetchall())
    except (OndeviceError, library.Error):
        return 1


def _opens(path: Path, key: bytes) -> bool:
    try:
        connect(path, key, is_reader=True).close()
    except OndeviceError:
        return False
    return True
