"""What may be said with an import, known without loading what imports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from ondevice.signals import Progress, Signal

if TYPE_CHECKING:
    from ondevice.importers.found import Format, Skipped


class ImportOptions(TypedDict, total=False):
    """What may be said with an import; each may be left out.

    Attributes:
        format: The format's name, or a :class:`~ondevice.importers.found.Format` itself; found out by default.
        kind: The items' kind, instead of what the format gives them.
        since: Leave out what is older (aware); what has no time stays.
        limit: Stop when so many things have been taken.
        me: The user's own names and addresses in the source.
        only_mine: Leave out what others wrote.
        keep_quotes: Keep what replies quote.
        with_rejected: Take spam and trash too.
        columns: A table's columns by what they are: ``{"text": "body", "time": "date"}``.
        time_zone: The zone of times that name none, as ``Europe/Berlin``; the device's by default.
        skip_broken: Leave out what is broken, which is the default; false adds nothing if anything is.
        dry_run: Write nothing, and tell what would become of it.
        sync: Forget afterwards what an earlier import took from this source and what is not in it any more; only
            where all of it could be read.
        on_progress: Called with (bytes read, bytes in all).
        on_skipped: Called with each :class:`~ondevice.importers.found.Skipped`.
        should_stop: Asked between things; true ends the import, and what was read stays.
    """

    format: str | Format | None
    kind: str | None
    since: datetime | None
    limit: int | None
    me: Sequence[str]
    only_mine: bool
    keep_quotes: bool
    with_rejected: bool
    columns: Mapping[str, str]
    time_zone: str | None
    skip_broken: bool
    dry_run: bool
    sync: bool
    on_progress: Progress | None
    on_skipped: Callable[[Skipped], None] | None
    should_stop: Signal | None
