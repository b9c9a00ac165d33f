"""What sizes, times and names tell whoever sees the folder, and no more than that."""

from __future__ import annotations

import stat
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from ondevice.privacy.at_rest.profile_files import Entry
from ondevice.privacy.findings import Table

_MOST_ROWS = 100


def outline(entries: Sequence[Entry], shown: Callable[[Entry], str]) -> Table:
    """Return the files with what can be seen of them from outside, the newest first."""
    files = sorted((entry for entry in entries if stat.S_ISREG(entry.mode)), key=lambda entry: -entry.changed_ns)
    return Table(
        title="What can be seen without a key",
        header=("file", "bytes", "changed at", "mode"),
        rows=tuple(
            (
                shown(entry),
                entry.size,
                datetime.fromtimestamp(entry.changed_ns // 10**9, UTC).isoformat(),
                f"{stat.S_IMODE(entry.mode):04o}",
            )
            for entry in files[:_MOST_ROWS]
        ),
    )
