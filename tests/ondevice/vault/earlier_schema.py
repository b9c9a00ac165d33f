"""A profile as an earlier release left it: what later steps of the schema added is taken away."""

from __future__ import annotations

from ondevice.vault.vault import Vault


def without_passages(vault: Vault) -> None:
    """Take step 11 back: an item has one vector of each encoder, and nothing says how far it reaches."""
    with vault.database.writing() as connection:
        connection.execute("DELETE FROM vectors WHERE passage > 0")
        for index in ("vectors_of", "vectors_further", "vectors_unsplit"):
            connection.execute(f"DROP INDEX {index}")
        for column in ("passage", "starts", "ends"):
            connection.execute(f"ALTER TABLE vectors DROP COLUMN {column}")
        connection.execute("CREATE UNIQUE INDEX vectors_of ON vectors (encoder, row)")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name LIKE '11 %'")
        connection.execute("PRAGMA user_version = 10")
