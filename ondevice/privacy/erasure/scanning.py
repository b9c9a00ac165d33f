"""Look for needles in every byte of a closed profile, decrypted by means of our own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ondevice.privacy.erasure.decrypting import Keys, blob_bytes, database_bytes, log_bytes
from ondevice.privacy.erasure.needles import Haystack, Needle

PAGES, LOG, BLOBS, FILES = "database pages", "write-ahead log", "sealed files", "files as they lie"


def found_by_place(profile: Path, keys: Keys, haystack: Haystack, age: bytes) -> dict[str, set[Needle]]:
    """Return the needles that lie in each place of the profile.

    Args:
        profile: The folder; nobody has it open.
        keys: What opens its files.
        haystack: What to look for.
        age: As :func:`~ondevice.privacy.erasure.decrypting.blob_bytes` takes it.
    """
    found: dict[str, set[Needle]] = {}
    for place, data in _places(profile, keys, age):
        found.setdefault(place, set()).update(haystack.found_in(data))
    return found


def _places(profile: Path, keys: Keys, age: bytes) -> Iterator[tuple[str, bytes]]:
    folder = profile / f"epoch-{keys.epoch}"
    yield PAGES, database_bytes(folder / "profile.db", keys.database)
    yield LOG, log_bytes(folder / "profile.db-wal", keys.database)
    for file in sorted((folder / "sealed").glob("*")):
        yield BLOBS, blob_bytes(file, keys, age) or blob_bytes(file, keys) or b""
    for file in sorted(path for path in profile.rglob("*") if path.is_file()):
        yield FILES, file.read_bytes()
