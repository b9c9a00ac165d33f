from __future__ import annotations

import importlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from ondevice.errors import CipherUnavailableError, CorruptError, NotFoundError, StorageError
from ondevice.vault.cipher import connect, make_database_file, require_database_file, translating

KEY = b"k" * 32


@pytest.fixture
def database_path(tmp_path: Path) -> Path:
    path = tmp_path / "x.db"
    make_database_file(path)
    connection = connect(path, KEY, is_reader=False)
    connection.execute("CREATE TABLE t (a)")
    connection.execute("INSERT INTO t VALUES ('a rather long canary text')")
    connection.close()
    return path


def test_library_encrypts_and_says_so(database_path: Path) -> None:
    connection = connect(database_path, KEY, is_reader=True)
    assert connection.execute("PRAGMA cipher_version").fetchone()[0]
    assert connection.execute("SELECT a FROM t").fetchall() == [("a rather long canary text",)]
    connection.close()
    assert b"canary" not in database_path.read_bytes()


def test_settings_that_the_promises_rest_on(database_path: Path) -> None:
    connection = connect(database_path, KEY, is_reader=False)
    expected = {"secure_delete": 1, "journal_mode": "wal", "synchronous": 2, "temp_store": 2, "foreign_keys": 1}
    assert {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in expected} == expected
    connection.close()


def test_reader_cannot_write(database_path: Path) -> None:
    connection = connect(database_path, KEY, is_reader=True)
    with pytest.raises(StorageError), translating():
        connection.execute("INSERT INTO t VALUES ('b')")
    connection.close()


def test_wrong_key_is_corruption_and_prints_nothing(database_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CorruptError):
        connect(database_path, b"x" * 32, is_reader=False)
    assert capfd.readouterr() == ("", "")


def test_library_that_ignores_the_key_is_refused(database_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own SQLite takes PRAGMA key without a word; opening with it must not go on."""
    monkeypatch.setattr("ondevice.vault.cipher.load_library", lambda: sqlite3)
    empty = database_path.with_name("empty.db")
    make_database_file(empty)
    with pytest.raises(CipherUnavailableError, match="does not encrypt"):
        connect(empty, KEY, is_reader=False)
    assert empty.stat().st_size == 0


def test_missing_library_is_named(database_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.import_module

    def refuse(name: str) -> ModuleType:
        if name.startswith("sqlcipher3"):
            raise ImportError(name)
        return find(name)

    monkeypatch.setattr(importlib, "import_module", refuse)
    with pytest.raises(CipherUnavailableError, match="cannot be loaded") as caught:
        connect(database_path, KEY, is_reader=False)
    assert "pip install" in (caught.value.hint or "")


def test_plain_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plain.db"
    plain = sqlite3.connect(path)
    plain.execute("CREATE TABLE t (a)")
    plain.close()
    with pytest.raises(CorruptError, match="plain SQLite"):
        require_database_file(path)


@pytest.mark.parametrize("content", [b"", b"x" * 100])
def test_short_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "short.db"
    path.write_bytes(content)
    with pytest.raises(CorruptError, match="less than one page"):
        require_database_file(path)


def test_missing_file_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(CorruptError, match="lost its database"):
        require_database_file(tmp_path / "gone.db")
    with pytest.raises(NotFoundError):
        connect(tmp_path / "gone.db", KEY, is_reader=False)
    assert not (tmp_path / "gone.db").exists()


def test_key_of_another_length_is_misuse(database_path: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        connect(database_path, b"short", is_reader=False)


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_files_are_private_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        path = tmp_path / "x.db"
        make_database_file(path)
        connection = connect(path, KEY, is_reader=False)
        connection.execute("CREATE TABLE t (a)")
        modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
        connection.close()
    finally:
        os.umask(before)
    assert modes == {"x.db": 0o600, "x.db-wal": 0o600, "x.db-shm": 0o600}


def test_other_errors_keep_their_type() -> None:
    with pytest.raises(KeyError), translating():
        raise KeyError("x")


def test_error_text_holds_no_value(database_path: Path) -> None:
    connection = connect(database_path, KEY, is_reader=False)
    connection.execute("CREATE TABLE u (a TEXT UNIQUE CHECK (a <> 'private words'))")
    with pytest.raises(StorageError) as caught, translating():
        connection.execute("INSERT INTO u VALUES ('private words')")
    assert "private" not in str(caught.value)
    assert caught.value.__suppress_context__
    connection.close()


def test_import_of_the_room_loads_no_cipher_library() -> None:
    code = "import sys, ondevice.vault.secrets; print('sqlite_utils' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
