"""Every file of the profile's folder: does it belong there, and does it look as an encrypted one does?

What may be read by design is checked to be nothing else: ``keys.json`` is what this release would write, ``lock`` is
empty, and the heads of sealed blobs, of the write-ahead log and of the record of commits have their fixed sizes.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ondevice.errors import OndeviceError
from ondevice.privacy.at_rest.formats import HEAD_BYTES, format_of, is_core, is_model
from ondevice.privacy.at_rest.randomness import BLOCK_BYTES, blocks_not_random, readable_places
from ondevice.privacy.at_rest.reading import Budget, head_of
from ondevice.privacy.findings import Finding
from ondevice.vault.commits import MAGIC as COMMITS_MAGIC
from ondevice.vault.commits import RECORD_BYTES
from ondevice.vault.drafts import MARK_FILE, is_marked
from ondevice.vault.files import temporary_of
from ondevice.vault.keyfile import KeyFile
from ondevice.vault.layout import (
    COMMITS_FILE,
    DATABASE_FILE,
    KEYS_FILE,
    LOCK_FILE,
    NEW_KEYS_FILE,
    SEALED_FOLDER,
    epoch_folder,
    is_blob_file,
)
from ondevice.vault.sealing import HEADER_BYTES, MAGIC

_WAL_MAGIC = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
_WAL_HEADER_BYTES, _FRAME_HEADER_BYTES = 32, 24
_FRAME_BYTES = _FRAME_HEADER_BYTES + BLOCK_BYTES
_MOST_SHM_BYTES = 64 << 20
_PARTS = ("", "-wal", "-shm")
_FOLDER = re.compile(r"|epoch-[0-9]+(/sealed)?")
_BLOB = re.compile(r"/(index-|cache-)[^/]*$|/[a-z]{3,12}-[0-9a-f]{16}\.sealed$")
_MOVE = "move it out of the profile's folder, or delete it"
Shown = Callable[[str], str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """Something in the profile's folder, the folder itself included.

    Args:
        path: Where it is.
        within: Its path in the profile; empty for the folder itself.
        mode: What ``lstat`` says of its kind and who may do what.
        uid: Whose it is.
        size: Its bytes.
        changed_ns: When its content changed.
        n_names: How many names it has.
    """

    path: Path
    within: str
    mode: int
    uid: int
    size: int
    changed_ns: int
    n_names: int


def entries_of(profile: Path) -> tuple[Entry, ...]:
    """Return the profile's folder and all below it, without following links."""
    return tuple(_entries(profile, ""))


def _entries(path: Path, within: str) -> Iterator[Entry]:
    try:
        found = os.lstat(path)
    except OSError:
        # Somebody works with the profile, and a temporary file has become another.
        return
    yield Entry(
        path=path,
        within=within,
        mode=found.st_mode,
        uid=found.st_uid,
        size=found.st_size,
        changed_ns=found.st_mtime_ns,
        n_names=found.st_nlink,
    )
    if stat.S_ISDIR(found.st_mode):
        with suppress(OSError):
            for name in sorted(os.listdir(path)):
                yield from _entries(path / name, f"{within}/{name}" if within else name)


def check_files(profile: Path, entries: tuple[Entry, ...], shown: Shown, budget: Budget) -> Iterator[Finding]:
    """Judge each file by its place, its head and its bytes.

    Args:
        profile: The folder.
        entries: What is in it.
        shown: Makes a name fit for a report.
        budget: Counts what is read.
    """
    in_force = _epoch(profile)
    for entry in entries:
        name = entry.within if is_ours(entry) else shown(entry.within)
        if stat.S_ISDIR(entry.mode):
            yield from _check_folder(entry, name, in_force)
        elif not stat.S_ISREG(entry.mode):
            yield Finding(
                code="at-rest/not-a-file",
                level="medium",
                text=f"{name} in the profile is a link or a device, and what it leads to is not the profile's",
                hint=_MOVE,
            )
        else:
            yield from _check_file(entry, name, budget)


def _epoch(profile: Path) -> str | None:
    try:
        return epoch_folder(profile, KeyFile.load(profile / KEYS_FILE, accepts_weak=True).epoch).name
    except OndeviceError:
        return None


def is_ours(entry: Entry) -> bool:
    """Say whether the SDK gives such names, which tell nothing of the user."""
    if stat.S_ISDIR(entry.mode):
        return _FOLDER.fullmatch(entry.within) is not None
    kind = _kind_of(entry.within)
    return kind is not None and (kind != SEALED_FOLDER or _BLOB.search(entry.within) is not None)


def _check_folder(entry: Entry, name: str, in_force: str | None) -> Iterator[Finding]:
    parts = entry.within.split("/")
    if not entry.within or entry.within in (in_force, f"{in_force}/{SEALED_FOLDER}") or len(parts) > 1:
        return
    if parts[0].startswith("epoch-") or (temporary_of(parts[0]) or "").startswith("epoch-"):
        yield Finding(
            code="at-rest/other-epoch",
            level="low",
            text=f"{name} is a whole database under another key than the one in force, and may hold what was forgotten",
            hint="once the profile opens and is whole, delete that folder",
        )
    else:
        yield _foreign(f"the folder {name}")


def _check_file(entry: Entry, name: str, budget: Budget) -> Iterator[Finding]:
    head = head_of(entry.path, HEAD_BYTES)
    if head is None:
        yield Finding(
            code="at-rest/unreadable-file",
            level="note",
            text=f"{name} could not be read, so nothing is known of it",
            hint="run the audit as the user whose profile it is",
        )
        return
    if entry.n_names > 1:
        yield Finding(
            code="at-rest/second-name",
            level="note",
            text=f"{name} has {entry.n_names} names (hard links): changing or erasing it here changes it there too",
            hint="find the other with: find / -samefile, and remove it unless it is a backup of yours",
        )
    kind = _kind_of(entry.within)
    if kind is None:
        yield from _check_foreign(entry, name, head, budget)
    elif kind in (KEYS_FILE, LOCK_FILE):
        yield from _check_plain(entry, name, kind, head)
    else:
        yield from _check_encrypted(entry, name, kind, head, budget)


def _kind_of(within: str) -> str | None:
    """Name what kind of file of ours this is by its place and its name; a temporary one is of its target's kind."""
    *folders, last = within.split("/")
    name = temporary_of(last) or last
    if not folders and name in (KEYS_FILE, NEW_KEYS_FILE):
        return KEYS_FILE
    if not folders and name == LOCK_FILE:
        return LOCK_FILE
    is_epoch = len(folders) > 0 and (temporary_of(folders[0]) or folders[0]).startswith("epoch-")
    if is_epoch and folders[1:] == [SEALED_FOLDER] and is_blob_file(name):
        return SEALED_FOLDER
    if is_epoch and len(folders) == 1 and name in (COMMITS_FILE, *(f"{DATABASE_FILE}{end}" for end in _PARTS)):
        return name
    return None


def _check_foreign(entry: Entry, name: str, head: bytes, budget: Budget) -> Iterator[Finding]:
    if entry.within == MARK_FILE and is_marked(entry.path.parent):
        return
    yield _foreign(name)
    what = format_of(head)
    if what is None and not any(map(blocks_not_random, budget.parts(entry.path, overlap=0))):
        return
    yield _readable(name, what)


def _check_plain(entry: Entry, name: str, kind: str, head: bytes) -> Iterator[Finding]:
    """Judge the two files that hold nothing secret: they must hold nothing else either."""
    if kind == LOCK_FILE:
        if entry.size:
            yield _readable(name, format_of(head) or "bytes, and it must be empty")
        return
    try:
        KeyFile.load(entry.path, accepts_weak=True)
    except OndeviceError:
        yield Finding(
            code="at-rest/key-file",
            level="high",
            text=f"{name} is not what the SDK writes, byte for byte; something else may stand in it",
            hint="put back a copy of it, or restore a backup: ondevice restore",
        )


def _check_encrypted(entry: Entry, name: str, kind: str, head: bytes, budget: Budget) -> Iterator[Finding]:
    what = format_of(head)
    if what == "a plain SQLite database":
        yield Finding(
            code="at-rest/plain-database",
            level="high",
            text=f"{name} is a plain SQLite database; anybody who has the file reads it",
            hint="it is not what the SDK wrote: keep it safe, and restore a backup with ondevice restore",
        )
        return
    if what != "a pickle" and (is_model(what) or is_core(what)):  # two random bytes may begin a pickle
        yield _readable(name, what)
        return
    if not _has_head(kind, head, entry.size):
        yield Finding(
            code="at-rest/foreign-head",
            level="high" if what is not None else "medium",
            text=f"{name} does not begin as such a file of the profile begins" + (f": it is {what}" if what else ""),
            hint="restore a backup: ondevice restore",
        )
    n_bad = _blocks_not_encrypted(entry.path, kind, budget)
    if n_bad:
        yield Finding(
            code="at-rest/readable-pages",
            level="high",
            text=f"{n_bad} of the {max(1, entry.size // BLOCK_BYTES)} blocks of {name} do not look encrypted",
            hint="something else than the SDK wrote them: restore a backup with ondevice restore",
        )


def _has_head(kind: str, head: bytes, size: int) -> bool:
    if kind == SEALED_FOLDER:
        return head.startswith(MAGIC) and size > HEADER_BYTES
    if kind == COMMITS_FILE:
        return head.startswith(COMMITS_MAGIC) and size == RECORD_BYTES
    if kind == f"{DATABASE_FILE}-wal":
        return size == 0 or head[:4] in _WAL_MAGIC
    if kind == DATABASE_FILE:
        return size > 0 and size % BLOCK_BYTES == 0
    return size <= _MOST_SHM_BYTES


def _blocks_not_encrypted(path: Path, kind: str, budget: Budget) -> int:
    """Count the blocks that do not look encrypted, behind the head that is plain by design."""
    n_bad, is_start = 0, True
    rest = b""
    for part in budget.parts(path, overlap=0):
        data, is_first, is_start = rest + part, is_start, False
        if kind == f"{DATABASE_FILE}-shm":
            # An index of the log's frames: numbers, but never text.
            n_bad += sum(0 not in data[place : place + 40] for place in readable_places(data))
        elif kind == f"{DATABASE_FILE}-wal":
            data = data[_WAL_HEADER_BYTES:] if is_first else data
            whole = len(data) - len(data) % _FRAME_BYTES
            frames = [data[at + _FRAME_HEADER_BYTES : at + _FRAME_BYTES] for at in range(0, whole, _FRAME_BYTES)]
            n_bad += blocks_not_random(b"".join(frames))
            rest = data[whole:]
        else:
            plain = {SEALED_FOLDER: HEADER_BYTES - 32, COMMITS_FILE: RECORD_BYTES - 32}.get(kind, 0)
            n_bad += blocks_not_random(data[plain:] if is_first else data)
    return n_bad + (blocks_not_random(rest[_FRAME_HEADER_BYTES:]) if rest else 0)


def _foreign(what: str) -> Finding:
    return Finding(
        code="at-rest/foreign-file",
        level="note",
        text=f"{what} is nothing that the SDK writes into a profile",
        hint=_MOVE,
    )


def _readable(name: str, what: str | None) -> Finding:
    if is_core(what):
        code, hint = "at-rest/core-file", "delete it, and call ondevice.protect_process() before a profile is opened"
    elif is_model(what):
        code, hint = "at-rest/model-in-the-clear", "delete it: what was learned says something about the user"
    else:
        code, hint = "at-rest/readable-file", f"{_MOVE}, and stop what wrote it"
    what = what or "bytes that do not look encrypted"
    return Finding(code=code, level="high", text=f"{name} lies in the profile and can be read: {what}", hint=hint)
