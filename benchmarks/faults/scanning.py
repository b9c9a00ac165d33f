"""Look for what must be gone in every byte of a profile, decrypted by the oracle's own means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.faults.comparing import Bad, Problem
from benchmarks.faults.ledger import Ledger
from benchmarks.faults.words import seen_in
from ondevice.privacy.erasure.decrypting import Keys, blob_bytes, database_bytes, log_bytes

_TEMPORARY = re.compile(r"\..+\.tmp")
_EPOCH = re.compile(r"epoch-[0-9]+")


def scan(profile: Path, keys: Keys, expected: Ledger, before: Ledger, *, but: Sequence[str] = ()) -> Iterator[Problem]:
    """Yield what is left of forgotten items, what lies readable, and what no opening should leave.

    Args:
        profile: The open profile's folder; nobody writes to it.
        keys: What opens its files.
        expected: What must be gone, the erasure under way included if it took effect.
        before: What must have been gone before.
        but: Blobs' files that are not looked into.
    """
    folder = profile / f"epoch-{keys.epoch}"
    places = {
        "the database": database_bytes(folder / "profile.db", keys.database),
        "the log": log_bytes(folder / "profile.db-wal", keys.database),
    }
    for file in sorted((folder / "sealed").glob("*.sealed")):
        if file.name not in but:
            places[file.name] = blob_bytes(file, keys) or b""
    for place, data in places.items():
        found = seen_in(data) & expected.gone
        if found:
            bad = Bad.HALF_FORGOTTEN if found.isdisjoint(before.gone) else Bad.LEFT_BEHIND
            yield Problem(bad=bad, detail=f"{len(found)} forgotten words or vectors in {place}")
    yield from _tree(profile, keys, expected.known())


def blob_of(file_name: str) -> str:
    """Return the name of the blob in a file."""
    return file_name.removesuffix(".sealed")


def _tree(profile: Path, keys: Keys, known: set[bytes]) -> Iterator[Problem]:
    for file in sorted(profile.rglob("*")):
        name = str(file.relative_to(profile))
        if _TEMPORARY.fullmatch(file.name):
            yield Problem(bad=Bad.LEFT_BEHIND, detail=f"the temporary file {name}")
        elif _EPOCH.fullmatch(file.name) and file.name != f"epoch-{keys.epoch}":
            yield Problem(bad=Bad.LEFT_BEHIND, detail=f"the old {name}")
        elif file.is_file() and seen_in(file.read_bytes()) & known:
            yield Problem(bad=Bad.LEFT_BEHIND, detail=f"readable words in {name}")
