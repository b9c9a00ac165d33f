"""Whether changes from outside are noticed and crashes lose nothing: tried on copies of the profile."""

from __future__ import annotations

from ondevice.privacy.findings import Section
from ondevice.privacy.subject import Subject


def check(subject: Subject) -> Section:
    """Change, roll back and crash copies of the profile.

    A byte of each file is flipped at its beginning, its middle, its end and at places drawn from a fixed seed; the file
    is cut, and removed. Then the copy is opened and checked, and where it is a backup's, restored: something must
    refuse or report. Older files are put under newer ones. The event log's chain is followed, and broken in copies, to
    see that this would be found. A process that adds and forgets items is killed again and again: what it was told is
    kept must be there, and what it was told is forgotten must not.

    Codes: ``robustness/damaged``, ``change-unseen``, ``change-crashes``, ``restore-unseen``, ``restore-refused``,
    ``rollback-unseen``, ``event-chain``, ``chain-unseen``, ``crash-lost``, ``crash-undead``, ``crash-damaged``,
    ``crash-not-run``.
    """
    from ondevice.privacy.robustness.examination import check as examine

    return examine(subject)
