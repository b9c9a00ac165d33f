"""Put older files of a copy under its newer ones, and see whether that is noticed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ondevice.privacy.robustness.outcome import Outcome, outcome_of
from ondevice.privacy.subject import Copy
from ondevice.records import Draft
from ondevice.vault.layout import COMMITS_FILE, DATABASE_FILE, KEYS_FILE, database_file
from ondevice.vault.secrets import AppKey

_KIND = "drill"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rollback:
    """One of them.

    Args:
        what: What was put back.
        outcome: What noticed it.
        must_be_seen: Whether something has to.
    """

    what: str
    outcome: Outcome
    must_be_seen: bool


def roll_back(original: Copy, scratch: Path) -> tuple[Rollback, ...]:
    """Let a copy live on, and put parts of what it was before back.

    Args:
        original: A closed profile; it stays as it is.
        scratch: A folder for the others.
    """
    older = _copied(original, scratch / "older.profile")
    newer = _copied(older, scratch / "newer.profile")
    with newer.open() as vault:
        epoch = vault.epoch
        stored = vault.items.put_many([Draft(text=f"{_KIND} {number}", kind=_KIND) for number in range(2)])
        vault.forget([stored[0].item.id])
    rekeyed = _copied(newer, scratch / "rekeyed.profile")
    with rekeyed.open() as vault:
        vault.rekey(AppKey(rekeyed.key))
    database = database_file(Path(), epoch)
    record = database.with_name(COMMITS_FILE)

    def tried(base: Copy, change: Callable[[Path], None]) -> Outcome:
        changed = _copied(base, scratch / "rolled-back.profile")
        change(changed.path)
        try:
            return outcome_of(changed)
        finally:
            shutil.rmtree(changed.path)

    def put(*names: Path) -> Callable[[Path], None]:
        def change(folder: Path) -> None:
            for name in names:
                (folder / name).parent.mkdir(exist_ok=True)
                shutil.copyfile(older.path / name, folder / name)

        return change

    found = (
        Rollback(what=f"{DATABASE_FILE} alone", outcome=tried(newer, put(database)), must_be_seen=True),
        Rollback(
            what=f"{KEYS_FILE} from before a new profile key",
            outcome=tried(rekeyed, put(Path(KEYS_FILE))),
            must_be_seen=True,
        ),
        Rollback(
            what=f"{DATABASE_FILE} from before a new profile key",
            outcome=tried(rekeyed, lambda folder: _put_over(older.path / database, database_file(folder, epoch + 1))),
            must_be_seen=True,
        ),
        # What a crash leaves: the record lags behind, and nothing is lost by it.
        Rollback(
            what=f"{COMMITS_FILE} alone",
            outcome=tried(newer, put(record)),
            must_be_seen=False,
        ),
        Rollback(
            what="everything", outcome=outcome_of(_copied(older, scratch / "everything.profile")), must_be_seen=False
        ),
    )
    for copy in (older, newer, rekeyed):
        shutil.rmtree(copy.path)
    shutil.rmtree(scratch / "everything.profile", ignore_errors=True)
    return found


def _put_over(source: Path, target: Path) -> None:
    """Copy a file's bytes over another's."""
    shutil.copyfile(source, target)


def _copied(copy: Copy, to: Path) -> Copy:
    shutil.copytree(copy.path, to)
    return Copy(to, copy.key)
