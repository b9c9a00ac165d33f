"""Open one SQLCipher connection, and turn its errors into ours.

Every byte that SQLite writes passes through the cipher, its write-ahead log included; temporary tables and
sorts stay in memory. A library that is not SQLCipher would ignore the key without a word and write
plaintext, so both the library and the file are looked at before anything is written.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, cast

from ondevice.errors import CipherUnavailableError, CorruptError, NotFoundError, OndeviceError, StorageError
from ondevice.safety.regular_files import NotRegularError, open_regular
from ondevice.vault.files import is_file
from ondevice.words import fold

if TYPE_CHECKING:
    from sqlite3 import Connection

PAGE_BYTES = 4096
BUSY_TIMEOUT_S = 10.0
WRITER_CACHE_KIB = 16 * 1024
READER_CACHE_KIB = 8 * 1024

_PLAIN_MAGIC = b"SQLite format 3\x00"
_CORRUPT = {"SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT", "SQLITE_NOMEM"}
_FULL = {"SQLITE_FULL"}
_SAID = {"database or disk is full": "SQLITE_FULL", "disk I/O error": "SQLITE_IOERR"}
_REINSTALL = "pip install --force-reinstall sqlcipher3"


def make_database_file(path: Path) -> None:
    """Make an empty database file that only this user may read; SQLite gives its log the same mode.

    Raises:
        StorageError: If there is one already, or the operating system refuses.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        os.chmod(path, 0o600)
    except OSError as error:
        raise StorageError(f"cannot make {path.name}: {(error.strerror or type(error).__name__).lower()}") from None


def require_database_file(path: Path) -> None:
    """Refuse a database file that is missing, cut short or not encrypted.

    Raises:
        CorruptError: If it is.
        StorageError: If the operating system refuses.
    """
    try:
        with open_regular(path) as file:
            start = file.read(len(_PLAIN_MAGIC))
            size = file.seek(0, os.SEEK_END)
        # No database of ours has a rollback journal, and SQLite would play back whatever it finds there.
        if os.path.lexists(f"{path}-journal"):
            raise CorruptError(
                f"{path.name}-journal was put beside the database", hint="move it away: it is not the profile's"
            )
        # SQLite would wait for ever for a pipe in a log's place, and read a device to its end.
        for log in (f"{path}-wal", f"{path}-shm"):
            if os.path.lexists(log) and not is_file(log):
                raise CorruptError(f"{os.path.basename(log)} is not a regular file")
    except FileNotFoundError:
        raise CorruptError(f"the profile has lost its database {path.parent.name}/{path.name}") from None
    except NotRegularError:
        raise CorruptError(f"{path.name} is not a regular file") from None
    except OSError as error:
        raise StorageError(f"cannot read {path.name}: {(error.strerror or type(error).__name__).lower()}") from None
    if size < PAGE_BYTES:
        raise CorruptError(f"{path.name} has {size} bytes, less than one page")
    if start == _PLAIN_MAGIC:
        raise CorruptError(f"{path.name} is a plain SQLite file, not the encrypted one this profile wrote")


def log_of(path: Path) -> Path:
    """Return where a database's write-ahead log lies."""
    return path.with_name(f"{path.name}-wal")


def log_bytes(path: Path) -> int:
    """Return the size of a database's write-ahead log; 0 where there is none."""
    try:
        return os.stat(f"{path}-wal").st_size
    except OSError:
        return 0


def connect(
    path: Path, key: bytes, *, is_reader: bool, changes_nothing: bool = False, without_log: bool = False
) -> Connection:
    """Open the database with its raw 32-byte key and the settings that the promises rest on.

    Args:
        path: An existing file; an empty one becomes a new database.
        key: The page key itself, not a passphrase.
        is_reader: Whether the connection may only read.
        changes_nothing: Leave every file as it is, the write-ahead log included, as on a read-only medium.
        without_log: Change nothing, and read the file alone, as if there were no log.

    Raises:
        CipherUnavailableError: If the library is missing or is not SQLCipher.
        CorruptError: If the file does not open with this key.
        StorageError: If the disk refuses.
    """
    if not os.path.exists(path):
        raise NotFoundError(f"there is no database {path.name}")
    library = load_library()
    with translating():
        connection = cast(
            "Connection",
            library.connect(
                _unchanging(path, without_log) if changes_nothing or without_log else str(path),
                timeout=BUSY_TIMEOUT_S,
                isolation_level=None,
                check_same_thread=False,
                uri=changes_nothing or without_log,
            ),
        )
        try:
            _set_up(connection, key, is_reader)
        except BaseException:
            connection.close()
            raise
    return connection


def load_library() -> ModuleType:
    """Return the SQLCipher binding.

    Raises:
        CipherUnavailableError: If it is not installed.
    """
    try:
        return importlib.import_module("sqlcipher3.dbapi2")
    except ImportError:
        raise CipherUnavailableError("the library sqlcipher3 cannot be loaded", hint=_REINSTALL) from None


class translating:  # noqa: N801 - used like a function; a class, because every read and write passes through it
    """Turn SQLCipher's exceptions into ours; their texts may quote a value, so none is passed on.

    Raises:
        CorruptError: If a page fails its authentication, or what it says makes no sense.
        StorageError: If the disk is full or refuses, or the database stays locked.
    """

    __slots__ = ("_on_damage",)

    def __init__(self, on_damage: Callable[[], None] | None = None) -> None:
        self._on_damage = on_damage

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Translate."""
        if error is None:
            return
        ours = translated(error)
        if self._on_damage is not None and isinstance(ours or error, CorruptError):
            self._on_damage()
        if ours is not None:
            raise ours from None


def translated(error: BaseException) -> OndeviceError | None:
    """Return our exception in place of SQLCipher's; ``None`` for any other."""
    if isinstance(error, MemoryError):
        # The codec reports a page it cannot decrypt at some places as SQLITE_NOMEM.
        return CorruptError("the database could not be read into memory")
    if isinstance(error, Exception) and type(error).__module__.partition(".")[0] == "sqlcipher3":
        return _ours(error)
    return None


def _ours(error: Exception) -> OndeviceError:
    name = str(getattr(error, "sqlite_errorname", "") or type(error).__name__)
    # SQLCipher's copying of a database passes on what SQLite says, and not its code.
    name = _SAID.get(str(error), name) if name == "SQLITE_ERROR" else name
    if any(name.startswith(prefix) for prefix in _CORRUPT):
        return CorruptError(
            f"the database fails its authentication or is damaged ({name})", hint="restore a backup: ondevice restore"
        )
    if name in _FULL:
        return StorageError(
            "the disk is full, and nothing of this change was kept", hint="free some space on that disk"
        )
    if name.startswith("SQLITE_IOERR"):
        return StorageError(f"the disk refused to read or write the database ({name})")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StorageError(f"the database stayed locked for {BUSY_TIMEOUT_S:.0f} s ({name})")
    return StorageError(f"the database refused ({name})")


def _unchanging(path: Path, without_log: bool) -> str:
    """Name the database so that SQLite writes nothing: neither into the file, nor a log beside it."""
    # Where there is a log it must be read, and so SQLite may keep its place in it in memory or in the file -shm.
    way = "mode=ro" if log_bytes(path) and not without_log else "mode=ro&immutable=1"
    return f"{path.absolute().as_uri()}?{way}"


def _set_up(connection: Connection, key: bytes, is_reader: bool) -> None:
    if len(key) != 32:
        raise ValueError(f"a database key has 32 bytes, and this one has {len(key)}")
    # SQLCipher writes to the process's standard error by default.
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    version = connection.execute("PRAGMA cipher_version").fetchone()
    if not version or not version[0]:
        raise CipherUnavailableError("the library sqlcipher3 does not encrypt", hint=_REINSTALL)
    # Named, so that another release's defaults cannot change what the file is.
    connection.execute("PRAGMA cipher_compatibility = 4")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.create_function("fold", 1, fold, deterministic=True)
    if is_reader:
        connection.execute(f"PRAGMA cache_size = -{READER_CACHE_KIB}")
        connection.execute("PRAGMA query_only = ON")
    else:
        connection.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KIB}")
        connection.execute("PRAGMA secure_delete = ON")
        # When the log goes into the file is decided in Database, which counts what the file then holds.
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("PRAGMA synchronous = FULL")
        mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            raise StorageError(f"the file system does not allow a write-ahead log (journal mode {mode})")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
