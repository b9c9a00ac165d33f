"""The database's schema, as numbered steps; a released step never changes, new ones go to the end.

sqlite-utils applies each step in one transaction together with the record that it ran. ``user_version`` counts the
steps, so that an older release sees at once that a database is newer.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from ondevice.errors import CorruptError, VersionError
from ondevice.records import Scalar
from ondevice.vault.database import Database
from ondevice.vault.separators import replace_dead_keys
from ondevice.vault.word_index import make_words_anew

if TYPE_CHECKING:
    from sqlite3 import Connection

    from sqlite_utils import Database as Tables

Step = Callable[["Tables"], None]

_VERSION_COLUMNS = ("text", "fields", "metadata")


def _settings_and_events(db: Tables) -> None:
    db.execute("CREATE TABLE identity (name TEXT PRIMARY KEY, secret BLOB NOT NULL) STRICT")
    db.execute("CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT")
    db.execute(
        "CREATE TABLE events (seq INTEGER PRIMARY KEY AUTOINCREMENT, at_us INTEGER NOT NULL, kind TEXT NOT NULL,"
        " details TEXT NOT NULL, mac BLOB NOT NULL) STRICT"
    )


def _items(db: Tables) -> None:
    # The text columns stand side by side after the id: an erasure looks for the row as it lies in the page.
    db.execute(
        "CREATE TABLE items (row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,"
        " text TEXT NOT NULL, field_text TEXT NOT NULL, fields TEXT NOT NULL, metadata TEXT NOT NULL,"
        " time_us INTEGER NOT NULL, is_time_given INTEGER NOT NULL, added_us INTEGER NOT NULL, expires_us INTEGER,"
        " version INTEGER NOT NULL, digest BLOB NOT NULL) STRICT"
    )
    db.execute("CREATE INDEX items_digest ON items (digest)")
    db.execute("CREATE INDEX items_time ON items (time_us, kind, expires_us)")
    db.execute("CREATE INDEX items_expiry ON items (expires_us) WHERE expires_us IS NOT NULL")
    db.execute(
        "CREATE TABLE versions (row INTEGER NOT NULL REFERENCES items (row) ON DELETE CASCADE, item_id TEXT NOT NULL,"
        " text TEXT NOT NULL, fields TEXT NOT NULL, metadata TEXT NOT NULL, version INTEGER NOT NULL,"
        " replaced_us INTEGER NOT NULL) STRICT"
    )
    db.execute("CREATE UNIQUE INDEX versions_of ON versions (row, version)")


def _words(db: Tables) -> None:
    db.execute("CREATE VIEW item_words AS SELECT row, fold(text) AS text, fold(field_text) AS field_text FROM items")
    db.execute(
        "CREATE VIRTUAL TABLE items_fts USING fts5(text, field_text, content='item_words', content_rowid='row',"
        " tokenize='porter unicode61 remove_diacritics 2')"
    )
    # Without it a deleted item's words stay in the index until segments happen to be merged.
    db.execute("INSERT INTO items_fts (items_fts, rank) VALUES ('secure-delete', 1)")
    db.execute("CREATE VIRTUAL TABLE items_vocab USING fts5vocab(items_fts, row)")
    put = "INSERT INTO items_fts (rowid, text, field_text) VALUES (new.row, fold(new.text), fold(new.field_text));"
    drop = (
        "INSERT INTO items_fts (items_fts, rowid, text, field_text)"
        " VALUES ('delete', old.row, fold(old.text), fold(old.field_text));"
    )
    db.execute(f"CREATE TRIGGER items_added AFTER INSERT ON items BEGIN {put} END")
    db.execute(f"CREATE TRIGGER items_removed AFTER DELETE ON items BEGIN {drop} END")
    db.execute(f"CREATE TRIGGER items_changed AFTER UPDATE OF text, field_text ON items BEGIN {drop} {put} END")
    db.execute("INSERT INTO items_fts (items_fts) VALUES ('rebuild')")


def _vectors(db: Tables) -> None:
    db.execute(
        "CREATE TABLE encoders (number INTEGER PRIMARY KEY, encoder_id TEXT NOT NULL UNIQUE, dim INTEGER NOT NULL,"
        " revision INTEGER NOT NULL) STRICT"
    )
    db.execute(
        "CREATE TABLE vectors (encoder INTEGER NOT NULL REFERENCES encoders (number),"
        " row INTEGER NOT NULL REFERENCES items (row), revision INTEGER NOT NULL, vector BLOB NOT NULL) STRICT"
    )
    db.execute("CREATE UNIQUE INDEX vectors_of ON vectors (encoder, row)")
    db.execute("CREATE INDEX vectors_of_row ON vectors (row)")
    db.execute("CREATE INDEX vectors_revised ON vectors (encoder, revision)")


def _lineage_and_erasures(db: Tables) -> None:
    db.execute(
        "CREATE TABLE artifacts (number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, name TEXT NOT NULL,"
        " sealed_name TEXT, made_us INTEGER NOT NULL, UNIQUE (kind, name)) STRICT"
    )
    db.execute(
        "CREATE TABLE lineage (artifact INTEGER NOT NULL REFERENCES artifacts (number) ON DELETE CASCADE,"
        " row INTEGER NOT NULL REFERENCES items (row) ON DELETE CASCADE, PRIMARY KEY (artifact, row))"
        " STRICT, WITHOUT ROWID"
    )
    db.execute("CREATE INDEX lineage_of_row ON lineage (row)")
    db.execute(
        "CREATE TABLE pending_erasures (number INTEGER PRIMARY KEY AUTOINCREMENT, at_us INTEGER NOT NULL,"
        " reason TEXT NOT NULL, item_ids TEXT NOT NULL, item_rows TEXT NOT NULL, blobs TEXT NOT NULL) STRICT"
    )


def _commits(db: Tables) -> None:
    # The last commit, and the last one that was in the file itself when the present write-ahead log was begun.
    db.execute("CREATE TABLE commits (number INTEGER NOT NULL, in_file INTEGER NOT NULL) STRICT")
    db.execute("INSERT INTO commits (number, in_file) VALUES (0, 0)")


def _living_separators(db: Tables) -> None:
    replace_dead_keys(db.conn)


def _no_ends_of_text(db: Tables) -> None:
    """Put U+FFFD in the place of U+0000, behind which an earlier release's search index saw nothing."""
    for table, columns in (("items", ("text", "field_text", "fields", "metadata")), ("versions", _VERSION_COLUMNS)):
        selected = ", ".join(columns)
        for rowid, *values in db.execute(f"SELECT rowid, {selected} FROM {table}").fetchall():
            clean = [
                _without_end(value, is_json=name in ("fields", "metadata"))
                for name, value in zip(columns, values, strict=True)
            ]
            if clean != values:
                sets = ", ".join(f"{name} = ?" for name in columns)
                db.execute(f"UPDATE {table} SET {sets} WHERE rowid = ?", [*clean, rowid])


def _lists_in_metadata(db: Tables) -> None:
    """Change nothing, but let no earlier release open the profile.

    It would find no item by a value in a list, and read a composed filter in a note as one that lets more pass.
    """


def _words_of_languages(db: Tables) -> None:
    make_words_anew(db.conn)


def _passages(db: Tables) -> None:
    """Let an item have several vectors of one encoder; of those that are there nobody knows how far they reach."""
    db.execute("ALTER TABLE vectors ADD COLUMN passage INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE vectors ADD COLUMN starts INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE vectors ADD COLUMN ends INTEGER")
    db.execute("DROP INDEX vectors_of")
    db.execute("CREATE UNIQUE INDEX vectors_of ON vectors (encoder, row, passage)")
    db.execute("CREATE INDEX vectors_further ON vectors (encoder) WHERE passage > 0")
    db.execute("CREATE INDEX vectors_unsplit ON vectors (encoder, row) WHERE ends IS NULL")


def _without_end(value: str, *, is_json: bool) -> str:
    if not is_json:
        return value.replace("\0", "\ufffd")
    if "\\u0000" not in value:
        return value
    pairs = json.loads(value).items()
    scalars = {name.replace("\0", "\ufffd"): _text_without_end(scalar) for name, scalar in pairs}
    return json.dumps(scalars, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _text_without_end(value: Scalar) -> Scalar:
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


STEPS: tuple[tuple[str, Step], ...] = (
    ("1 settings and events", _settings_and_events),
    ("2 items", _items),
    ("3 words", _words),
    ("4 vectors", _vectors),
    ("5 lineage and erasures", _lineage_and_erasures),
    ("6 commits", _commits),
    ("7 separators of living words", _living_separators),
    ("8 no ends of text", _no_ends_of_text),
    ("9 lists in metadata", _lists_in_metadata),
    ("10 words of languages", _words_of_languages),
    ("11 passages", _passages),
)

COMMITS_SINCE = 6
"""The step from which on a database counts its commits."""


def migrate(database: Database, *, is_new: bool = False, steps: tuple[tuple[str, Step], ...] = STEPS) -> int:
    """Bring the schema up to this release's, and return how many steps that took.

    A step that fails, or is interrupted, leaves the database as the step before it did.

    Raises:
        VersionError: If the database is newer than this release.
        CorruptError: If an existing database has no schema.
        StorageError: If the disk refuses.
    """
    found = schema_version(database)
    if found > len(steps):
        raise VersionError(
            f"the database has schema {found}, and this release knows up to {len(steps)}", hint="update ondevice-sdk"
        )
    if found == 0 and not is_new:
        raise CorruptError("the database has no schema")
    if found < len(steps):
        _apply(database, steps)
    return len(steps) - found


def schema_version(database: Database) -> int:
    """Return how many steps the database has taken."""
    with database.exclusive() as connection:
        return version_of(connection)


def version_of(connection: Connection) -> int:
    """Return how many steps the database of this connection has taken."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def is_counting(connection: Connection) -> bool:
    """Whether a database counts its commits."""
    return version_of(connection) >= COMMITS_SINCE


def _apply(database: Database, steps: tuple[tuple[str, Step], ...]) -> None:
    # At first use: it takes longer to load than an up-to-date profile takes to open.
    from sqlite_utils import Database as Tables
    from sqlite_utils import Migrations

    migrations = Migrations("ondevice")
    for number, (name, step) in enumerate(steps, 1):
        migrations(name=name)(_numbered(number, step))
    with database.exclusive() as connection:
        migrations.apply(Tables(connection))


def _numbered(number: int, step: Step) -> Step:
    """Let a step count itself in the transaction it runs in."""

    def run(db: Tables) -> None:
        step(db)
        db.execute(f"PRAGMA user_version = {number}")

    return run
