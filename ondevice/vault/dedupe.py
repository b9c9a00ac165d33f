"""Recognize an item that is there already, by a hash that says nothing to anyone without the profile's secret."""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from sqlite3 import Connection

from ondevice.safety.confined import Confined
from ondevice.vault.content import Content, id_of
from ondevice.vault.identity import Identity


class Recognizer(Confined):
    """Two drafts are the same if kind, text, fields and the time, where one was given, are."""

    def __init__(self, identity: Identity) -> None:
        self._key = identity.derive("dedupe")
        self._names_key = identity.derive("names")

    def digest(self, kind: str, text: str, fields: str, time_us: int | None) -> bytes:
        """Return the keyed hash of an item's content; the order of its fields does not count."""
        ordered = json.dumps(json.loads(fields), sort_keys=True) if fields != "{}" else fields
        content = json.dumps([kind, text, ordered, time_us], ensure_ascii=True)
        return hmac.digest(self._key, content.encode("ascii"), "sha256")

    def digest_of(self, content: Content) -> bytes:
        """Return the keyed hash of a checked draft."""
        return self.digest(content.kind, content.text, content.fields, content.time_us)

    def name_of(self, *parts: str) -> str:
        """Return what looks like an item's id, is always the same for the same words, and tells nothing of them.

        What comes from elsewhere and has a name there gets it as its id: so it is found again whatever it says.
        """
        words = json.dumps(parts, ensure_ascii=True)
        return id_of(hmac.digest(self._names_key, words.encode("ascii"), "sha256"))


def known_rows(connection: Connection, digests: Sequence[bytes], now_us: int) -> list[int | None]:
    """Return for each hash the row of the unexpired item that has it, or None."""
    query = "SELECT row FROM items WHERE digest = ? AND (expires_us IS NULL OR expires_us > ?) ORDER BY row LIMIT 1"
    found = [connection.execute(query, (digest, now_us)).fetchone() for digest in digests]
    return [None if row is None else row[0] for row in found]
