"""Kill a process at each of its write boundaries, and look at what the next opening finds.

Run as a program: ``crash_driver.py FOLDER SCENARIO…``. For each scenario, a first child does the work undisturbed and
notes the boundaries before which something on the disk has changed: at the others a kill leaves the very bytes of the
one before. Then one child is forked for each of those; it does the work and kills itself, as by ``kill -9``, just
before the boundary is reached. The parent opens what is left and checks it. Writes an object with, for each scenario,
the number of boundaries and of kills, or the first broken promise.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from sqlcipher3 import dbapi2

from ondevice.errors import LockedError, NotFoundError
from ondevice.records import Draft, Filter
from ondevice.retrieval.index.vector_index import VectorIndex
from ondevice.vault import AppKey, Vault, cipher
from ondevice.vault.database import Database
from ondevice.vault.migrations import STEPS, migrate
from ondevice.vault.pages import database_pages, log_pages

OLD, NEW = AppKey(b"\x01" * 32), AppKey(b"\x02" * 32)
CANARY = "xylophonist marmalade quagmire"


class Fuse:
    """Counts boundaries, and tells the number of each just before it is reached."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self.tell = tell
        self.count = 0

    def burn(self) -> None:
        self.count += 1
        self.tell(self.count)

    def light(self) -> None:
        """Put the fuse before each call that changes the disk, SQLite's statements included."""
        for name in ("replace", "rename", "unlink", "fsync", "open", "rmdir", "mkdir"):
            setattr(os, name, self._before(getattr(os, name)))
        Database.checkpoint = self._before(Database.checkpoint)  # type: ignore[method-assign]
        burn = self.burn

        class Connection(dbapi2.Connection):  # type: ignore[misc]
            def execute(self, sql: str, *values: Any) -> Any:
                if sql.split()[0] in ("BEGIN", "INSERT", "UPDATE", "DELETE", "COMMIT", "VACUUM", "ATTACH", "DETACH"):
                    burn()
                return super().execute(sql, *values)

        class Library:
            @staticmethod
            def connect(*values: Any, **named: Any) -> Any:
                return dbapi2.connect(*values, **named, factory=Connection)

        cipher.load_library = lambda: Library  # type: ignore[assignment, return-value]

    def _before(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def burning(*values: Any, **named: Any) -> Any:
            self.burn()
            return call(*values, **named)

        return burning


def fill(profile: Path) -> None:
    with Vault.create(profile, OLD) as vault:
        drafts = [Draft(text=f"note {i} {CANARY if i < 3 else 'plain'}", id=f"i{i}") for i in range(12)]
        vault.items.put_many(drafts, vectors={"e": vectors(12)})
        vault.items.update("i1", text=f"{CANARY} again", vectors={"e": vectors(13)[12]})
        vault.lineage.record("adapter", "a", ["i0"], sealed_name="adapter-a")
        vault.sealed.write("adapter-a", b"a" * 100_000, version=1)
        vault.sealed.write("index-e", b"i" * 1000, version=1)


def vectors(count: int) -> Any:
    return np.random.default_rng(count).standard_normal((count, 384)).astype(np.float32)


def opened(profile: Path, *secrets: AppKey) -> Vault:
    for secret in secrets:
        try:
            return Vault.open(profile, secret)
        except LockedError:
            continue
    raise AssertionError("no secret opens the profile any more")


def is_whole(vault: Vault) -> None:
    assert vault.check() == [], vault.check()
    assert not list(vault.path.glob(".*")), "a temporary file is left"
    assert len(list(vault.path.glob("epoch-*"))) == 1, "an epoch is left"


def page_bytes(vault: Vault) -> bytes:
    path, key = vault.database.path, vault.database.key
    log = path.with_name("profile.db-wal")
    return b"".join(batch.tobytes() for batch in (*database_pages(path, key), *log_pages(log, key)))


def add(profile: Path) -> None:
    with Vault.open(profile, OLD) as vault:
        vault.items.put_many([Draft(text=f"first {i}") for i in range(3)], vectors={"e": vectors(3)})
        Path(profile.parent / "first-is-in").touch()
        vault.items.put_many([Draft(text=f"second {i}") for i in range(3)], vectors={"e": vectors(3)})


def check_add(profile: Path) -> None:
    with opened(profile, OLD) as vault:
        is_whole(vault)
        texts = [item.text for item in vault.items.list(limit=None)]
        first, second = (sum(text.startswith(word) for text in texts) for word in ("first", "second"))
        assert (first, second) in ((0, 0), (3, 0), (3, 3)), (first, second)
        assert first == 3 or not (profile.parent / "first-is-in").exists(), "a committed item is lost"
        assert vault.vectors.count("e") == len(texts) == 12 + first + second
        (profile.parent / "first-is-in").unlink(missing_ok=True)


def forget(profile: Path) -> None:
    with Vault.open(profile, OLD) as vault:
        assert vault.forget(["i0", "i1", "i2"]).verified


def check_forget(profile: Path) -> None:
    with opened(profile, OLD) as vault:
        is_whole(vault)
        left = vault.items.count()
        if left == 12:
            assert vault.items.get("i1").text.startswith(CANARY)
            assert vault.items.count_versions() == 1
            assert vault.vectors.count("e") == 12
            assert vault.sealed.read("adapter-a", version=1)
            return
        assert left == 9, left
        assert vault.items.count_versions() == 0
        assert vault.vectors.count("e") == 9
        assert vault.sealed.names() == [], vault.sealed.names()
        assert vault.lineage.list() == []
        pages = page_bytes(vault)
        assert not [word for word in (b"xylophon", b"marmalad", b"quagmir") if word in pages], "text is left"
        with vault.database.reading() as connection:
            assert connection.execute("SELECT count(*) FROM pending_erasures").fetchone() == (0,)


def rekey(profile: Path) -> None:
    with Vault.open(profile, OLD) as vault:
        vault.rekey([NEW])
        vault.items.put_many([Draft(text="after")])


def check_rekey(profile: Path) -> None:
    with opened(profile, OLD, NEW) as vault:
        is_whole(vault)
        assert vault.items.count() - vault.items.count(Filter(ids=())) in (12, 13)
        assert vault.sealed.read("adapter-a", version=1) == b"a" * 100_000
        assert vault.vectors.count("e") == 12
        assert len(vault.items.history("i1")) == 1


def change_slot(profile: Path) -> None:
    with Vault.open(profile, OLD) as vault:
        vault.change_slot(vault.slots()[0].id, NEW)


def check_slot(profile: Path) -> None:
    with opened(profile, OLD, NEW) as vault:
        is_whole(vault)
        assert vault.items.count() == 12


def make_older(profile: Path) -> None:
    """Make a profile as a release with fewer migrations would have left it."""
    with Vault.create(profile, OLD) as vault:
        path, key = vault.database.path, vault.database.key
    path.unlink()
    path.with_name("profile.commits").unlink()
    older = Database.create(path, key)
    migrate(older, is_new=True, steps=STEPS[:2])
    with older.writing() as connection:
        connection.execute("INSERT INTO identity VALUES ('profile', ?)", (b"i" * 32,))
        connection.execute(
            "INSERT INTO items (id, kind, text, field_text, fields, metadata, time_us, is_time_given, added_us,"
            " version, digest) VALUES ('a', 'note', 'an older text', '', '{}', '{}', 0, 1, 0, 1, x'00')"
        )
    older.close()


def upgrade(profile: Path) -> None:
    Vault.open(profile, OLD).close()


def check_upgrade(profile: Path) -> None:
    with opened(profile, OLD) as vault:
        is_whole(vault)
        assert vault.schema_version == len(STEPS)
        assert [ranked.row for ranked in vault.lexical.match(["older"], filter=None, limit=3)] == [1]


def create(profile: Path) -> None:
    Vault.create(profile, OLD).close()


def check_create(profile: Path) -> None:
    try:
        vault = Vault.open(profile, OLD)
    except NotFoundError:
        vault = Vault.create(profile, OLD)
    with vault:
        is_whole(vault)


def copy_out(profile: Path) -> None:
    with Vault.open(profile, OLD) as vault:
        vault.backup(profile.parent / "copy")
    Vault.restore(profile.parent / "copy", profile.parent / "restored", OLD)


def check_copy(profile: Path) -> None:
    for place in (profile, profile.parent / "copy", profile.parent / "restored"):
        if place.exists():
            with opened(place, OLD) as vault:
                is_whole(vault)
                assert vault.items.count() == 12


def index_of(vault: Vault) -> VectorIndex:
    return VectorIndex(vault.vectors, vault.sealed, "e", 384)


def save_snapshot(profile: Path) -> None:
    with Vault.open(profile, OLD) as vault:
        index = index_of(vault)
        index.search(vectors(12)[0], 3)
        index.save()
        vault.items.put_many([Draft(text="later")], vectors={"e": vectors(1)})
        index.search(vectors(12)[0], 3)
        index.save()


def check_snapshot(profile: Path) -> None:
    with opened(profile, OLD) as vault:
        is_whole(vault)
        rows, matrix, _ = vault.vectors.load("e")
        assert len(rows) == vault.items.count() in (12, 13)
        found = [index_of(vault).search(matrix[i], 1)[0].row for i in range(len(rows))]
        assert found == rows.tolist(), "a stored vector is not found by itself"


def fill_derived(profile: Path) -> None:
    fill(profile)
    with Vault.open(profile, OLD) as vault:
        vault.derived.put("checkpoint", "style", b"old" * 40_000, item_ids=["i0", "i5"])


def derive(profile: Path) -> None:
    with Vault.open(profile, OLD) as vault:
        vault.derived.put("checkpoint", "style", b"new" * 40_000, item_ids=["i1", "i6"])
        assert vault.forget(["i6"]).verified


def check_derived(profile: Path) -> None:
    with opened(profile, OLD) as vault:
        is_whole(vault)
        if vault.derived.get("checkpoint", "style").is_there:
            state = vault.derived.read("checkpoint", "style")[:3]
            wanted = {b"old": ["i0", "i5"], b"new": ["i1", "i6"]}[state]
            assert vault.derived.item_ids("checkpoint", "style") == wanted
            vault.forget(["i0", "i1"])
        else:
            assert vault.items.count() == 11
        assert not [name for name in vault.sealed.names() if name.startswith("checkpoint-")], "bytes without an origin"


def nothing(profile: Path) -> None:
    """Start from a path where nothing is."""


SCENARIOS = {
    "add": (fill, add, check_add),
    "forget": (fill, forget, check_forget),
    "rekey": (fill, rekey, check_rekey),
    "slot": (fill, change_slot, check_slot),
    "migration": (make_older, upgrade, check_upgrade),
    "create": (nothing, create, check_create),
    "backup": (fill, copy_out, check_copy),
    "derived": (fill_derived, derive, check_derived),
    "snapshot": (fill, save_snapshot, check_snapshot),
}


class Watch:
    """Notes the boundaries before which something on the disk has changed."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.last = b""
        self.found: list[int] = []

    def look(self, boundary: int) -> None:
        seen = blake2b()
        for path in sorted(self.place.rglob("*")):
            seen.update(f"{path} {path.stat().st_mode}".encode() + (path.read_bytes() if path.is_file() else b""))
        if seen.digest() != self.last:
            self.last = seen.digest()
            self.found.append(boundary)


class Stage:
    """Where the scenario is played, from the same beginning each time."""

    def __init__(self, scenario: str, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template"
        prepare, self.work, self.check = SCENARIOS[scenario]
        prepare(self.template)

    def watched(self) -> tuple[int, list[int]]:
        """Return how many boundaries there are, and those worth a kill."""
        notes = self.folder / "boundaries.json"

        def work(profile: Path) -> None:
            watch = Watch(profile.parent)
            fuse = Fuse(watch.look)
            fuse.light()
            self.work(profile)
            notes.write_text(json.dumps([fuse.count, watch.found]))

        status = self._play(work)
        assert status == 0, f"the work failed by itself: {status}"
        count, found = json.loads(notes.read_text())
        return count, found

    def killed_at(self, boundary: int) -> None:
        def kill(number: int) -> None:
            if number == boundary:
                os.kill(os.getpid(), signal.SIGKILL)

        def work(profile: Path) -> None:
            Fuse(kill).light()
            self.work(profile)

        assert self._play(work) == -signal.SIGKILL, f"boundary {boundary} was not reached"

    def _play(self, work: Callable[[Path], None]) -> int:
        place = self.folder / "run"
        place.mkdir()
        profile = place / "me.profile"
        if self.template.exists():
            shutil.copytree(self.template, profile)
        child = os.fork()
        if child == 0:
            try:
                work(profile)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        self.check(profile)
        shutil.rmtree(place)
        return os.waitstatus_to_exitcode(status)


def played(scenario: str, folder: Path) -> tuple[int, int] | str:
    try:
        stage = Stage(scenario, folder)
        count, boundaries = stage.watched()
        for boundary in boundaries:
            stage.killed_at(boundary)
    except Exception:
        return traceback.format_exc()
    return count, len(boundaries)


def main(folder: Path, *scenarios: str) -> None:
    found: dict[str, tuple[int, int] | str] = {}
    for scenario in scenarios:
        (folder / scenario).mkdir()
        found[scenario] = played(scenario, folder / scenario)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
