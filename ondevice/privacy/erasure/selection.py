"""Choose which items a drill forgets: few, always the same ones, and of every sort that there is."""

from __future__ import annotations

from ondevice.privacy.erasure.connection import Connection

MOST = 24
_EACH = 2
_SORTS = (
    "SELECT row FROM items ORDER BY time_us DESC, row DESC",
    "SELECT row FROM items ORDER BY time_us, row",
    "SELECT row FROM items ORDER BY length(text) DESC, row",
    "SELECT row FROM items WHERE fields != '{}' ORDER BY length(fields) DESC, row",
    "SELECT row FROM items WHERE metadata != '{}' ORDER BY length(metadata) DESC, row",
    "SELECT DISTINCT row FROM versions ORDER BY row",
)
_LEARNED_FROM = "SELECT min(row) FROM lineage JOIN items USING (row) GROUP BY artifact ORDER BY artifact"


def choose_rows(connection: Connection) -> list[int]:
    """Return the rows of the newest, oldest and longest items, of such with fields, metadata and earlier versions.

    And one of those that each learned thing rests on. At least half of a profile's items stay.
    """
    n_items = connection.execute("SELECT count(*) FROM items").fetchone()[0]
    chosen = [row for (row,) in connection.execute(_LEARNED_FROM).fetchall()]
    for sql in _SORTS:
        chosen += [row for (row,) in connection.execute(f"{sql} LIMIT {_EACH}").fetchall()]
    return list(dict.fromkeys(chosen))[: min(MOST, n_items // 2)]
