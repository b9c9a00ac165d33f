"""Whether what was forgotten is gone: what lies in the profile, and what a drill on a copy leaves."""

from __future__ import annotations

from ondevice.privacy.findings import Section
from ondevice.privacy.subject import Subject


def check(subject: Subject) -> Section:
    """See whether what was forgotten is gone.

    First an untouched copy is taken apart: every page is decrypted without SQLite and without the vault, and split
    into what is used and what merely lies there. Text and vectors in unused space or in the write-ahead log that
    nothing living holds, words in the search index's pages and keys that no item has, rows, snapshots, sealed files
    and learned things that rest on items which are gone: each is a finding.

    Then items of a copy are forgotten through ``Personalizer``: some of the user's of every sort, and some that the
    drill adds. What they hold is looked for before, which shows that it would be found, and afterwards, in every page,
    log frame, sealed file and raw file. The receipt must be the profile's own and say so; forged ones must be refused.

    Codes: ``erasure/unused-text``, ``unused-vector``, ``log-text``, ``search-words``, ``search-keys``,
    ``search-entries``, ``search-setting``, ``vectors-without-item``, ``versions-without-item``, ``index-snapshot``,
    ``index-traces``, ``old-cache``, ``loose-blob``, ``closed-blob``, ``learned-from-gone``, ``learned-from-expired``,
    ``gone-ids``, ``gone-words``, ``foreign-tables``, ``expired``, ``unfinished``, ``copies-elsewhere``; of the drill
    ``drill-left``, ``drill-items``, ``drill-learned``, ``receipt-unverified``, ``receipt-foreign``, ``receipt-forged``,
    ``drill-blind``, ``drill-refused``.
    """
    from ondevice.privacy.erasure.examination import check as examine

    return examine(subject)
