"""The check ``robustness``: changes, older files, the event log's chain, and crashes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ondevice.errors import OndeviceError
from ondevice.privacy.findings import Fact, Finding, Section, Table
from ondevice.privacy.robustness.chain import BREAKS, is_chain_whole, unseen_breaks
from ondevice.privacy.robustness.crashing import DEEP_ROUNDS, ROUNDS, Crashes, crash
from ondevice.privacy.robustness.outcome import restores
from ondevice.privacy.robustness.rollback import Rollback, roll_back
from ondevice.privacy.robustness.tampering import Tampering, tamper_with
from ondevice.privacy.subject import Copy, Subject
from ondevice.vault.keyfile import KeyFile
from ondevice.vault.layout import KEYS_FILE

_STEPS = 5
_BACKUP = "restore a backup: ondevice restore"
_REPORT = "tell whoever made this release: a change of the files goes unnoticed, or a crash loses something"
_NOT_TESTED = (
    "The user's own key slots are not on the copies, which have one of their own of the same form: changes of the"
    " profile's keys.json itself were not tried.",
    "An older copy of the whole profile is noticed only by a slot in the system's keystore, and the copies have none.",
    "The empty file lock says nothing, so nothing notices its change; a removed cache is made again.",
    "An older profile.commits alone is what a crash leaves, and is taken for that; an older keys.json of the same epoch"
    " is genuine.",
    "A process was killed, the machine was not: power cuts, torn pages, full disks and failing calls were not tried.",
    "Two changes at once, and changes while the profile is open, were not tried.",
)


def check(subject: Subject) -> Section:
    """Do :func:`ondevice.privacy.robustness.check`."""
    findings: list[Finding] = []
    scratch = subject.scratch / "robustness"
    scratch.mkdir(mode=0o700, exist_ok=True)
    subject.on_progress(0, _STEPS)
    with subject.copied() as original:
        findings += _state(original, scratch)
        if any(finding.level == "high" for finding in findings):
            # A change could then not be told from what was wrong before.
            return _section(findings, not_tested=("Nothing was tried: the profile is damaged as it is.", *_NOT_TESTED))
        subject.on_progress(1, _STEPS)
        tampering = tamper_with(original, scratch, deep=subject.deep)
        subject.on_progress(2, _STEPS)
        rollbacks = roll_back(original, scratch)
    subject.on_progress(3, _STEPS)
    with subject.copied() as copy:
        unseen = unseen_breaks(copy)
    subject.on_progress(4, _STEPS)
    with subject.copied() as copy:
        crashes = crash(copy, rounds=DEEP_ROUNDS if subject.deep else ROUNDS)
    subject.on_progress(_STEPS, _STEPS)
    findings += [*_of_tampering(tampering), *_of_rollbacks(rollbacks), *_of_chain(unseen), *_of_crashes(crashes)]
    not_tested = list(_NOT_TESTED)
    if tampering.n_left_out:
        not_tested.insert(0, f"{tampering.n_left_out} planned changes were left out for lack of time: audit deep.")
    if crashes.why_not:
        not_tested.insert(0, f"The crash drill ended early: {crashes.why_not}.")
    return _section(
        findings,
        facts=(*_facts(tampering, crashes, unseen), _witness(subject.profile)),
        tables=(_table_of_changes(tampering), _table_of_rollbacks(rollbacks)),
        not_tested=tuple(not_tested),
    )


def _section(
    findings: list[Finding],
    *,
    not_tested: tuple[str, ...],
    facts: tuple[Fact, ...] = (),
    tables: tuple[Table, ...] = (),
) -> Section:
    return Section(
        name="robustness",
        title="Robustness",
        question="Are changes of the files noticed, and does a crash lose nothing?",
        findings=tuple(findings),
        facts=facts,
        tables=tables,
        not_tested=not_tested,
    )


def _state(original: Copy, scratch: Path) -> Iterator[Finding]:
    """Open an untouched copy once, so that it is closed properly, and yield what is wrong with it already."""
    try:
        with original.open() as vault:
            is_whole = is_chain_whole(vault.events)
            n_flaws = sum(flaw.part != "event log" for flaw in vault.check())
    except OndeviceError as error:
        text = f"an untouched copy does not open: {type(error).__name__}"
        yield Finding(code="robustness/damaged", level="high", text=text, hint=_BACKUP)
        return
    if not is_whole:
        text = "entries of the event log were changed, taken out or put in"
        yield Finding(code="robustness/event-chain", level="high", text=text, hint=_BACKUP)
    if n_flaws:
        text = f"the profile's own check finds damage: {n_flaws}"
        yield Finding(code="robustness/damaged", level="high", text=text, hint="see each: ondevice doctor --profile")
    elif is_whole and not restores(original, scratch / "restored.profile"):
        text = "an unchanged copy is refused as a backup"
        yield Finding(code="robustness/restore-refused", level="medium", text=text, hint=_REPORT)


def _of_tampering(found: Tampering) -> Iterator[Finding]:
    unseen = [trial for trial in found.trials if trial.outcome == "not seen" and not trial.is_by_design]
    rough = [trial for trial in found.trials if trial.outcome == "an error of another library"]
    restored = [trial for trial in found.trials if trial.restored]
    for code, level, trials, what in (
        ("change-unseen", "high", unseen, "changes were noticed by nothing"),
        ("restore-unseen", "high", restored, "changed copies were restored as backups"),
        ("change-crashes", "low", rough, "changes ended in an error that apps do not expect"),
    ):
        if trials:
            files = ", ".join(sorted({trial.file for trial in trials}))
            text = f"{what}, in {files}: {len(trials)} of {len(found.trials)}"
            yield Finding(code=f"robustness/{code}", level=level, text=text, hint=_REPORT)  # type: ignore[arg-type]


def _of_rollbacks(found: tuple[Rollback, ...]) -> Iterator[Finding]:
    for each in found:
        if each.must_be_seen and each.outcome == "not seen":
            text = f"an older copy was noticed by nothing: {each.what}"
            yield Finding(code="robustness/rollback-unseen", level="high", text=text, hint=_REPORT)


def _of_chain(unseen: list[str]) -> Iterator[Finding]:
    if unseen:
        text = f"a broken event log would pass for whole: {', '.join(unseen)}"
        yield Finding(code="robustness/chain-unseen", level="high", text=text, hint=_REPORT)


def _of_crashes(found: Crashes) -> Iterator[Finding]:
    for code, count, what in (
        ("crash-lost", found.n_lost, f"of {found.n_added} items that were said to be kept, missing after a kill"),
        ("crash-undead", found.n_undead, f"of {found.n_forgotten} forgotten items, there again after a kill"),
        ("crash-damaged", found.n_damaged, f"of {found.n_kills} kills left a copy that is damaged"),
    ):
        if count:
            yield Finding(code=f"robustness/{code}", level="high", text=f"{what}: {count}", hint=_REPORT)
    if found.why_not:
        text = f"the crash drill could not be run: {found.why_not}"
        yield Finding(code="robustness/crash-not-run", level="note", text=text)


def _facts(tampering: Tampering, crashes: Crashes, unseen: list[str]) -> tuple[Fact, ...]:
    outcomes = Counter(trial.outcome for trial in tampering.trials)
    return (
        Fact(name="changes tried", value=len(tampering.trials)),
        Fact(name="refused at opening", value=outcomes["refused at opening"]),
        Fact(name="found by the check", value=outcomes["found by the check"]),
        Fact(name="not seen, by design", value=sum(trial.is_by_design for trial in tampering.trials)),
        Fact(name="changed copies refused as backups", value=sum(t.restored is False for t in tampering.trials)),
        Fact(name="ways to break the event log that were found", value=len(BREAKS) - len(unseen)),
        Fact(name="kills", value=crashes.n_kills),
        Fact(name="items that were said to be kept, and were there", value=crashes.n_added - crashes.n_lost),
        Fact(name="items that were said to be forgotten, and were gone", value=crashes.n_forgotten - crashes.n_undead),
    )


def _witness(profile: Path) -> Fact:
    """Tell whether the profile itself has what notices an older copy of all of it."""
    has_one = any(slot.kind == "keystore" for slot in KeyFile.load(profile / KEYS_FILE, accepts_weak=True).slots)
    return Fact(name="the profile has a keystore slot, which notices an older copy of everything", value=has_one)


def _table_of_changes(found: Tampering) -> Table:
    counted = Counter((trial.file, trial.change, trial.outcome) for trial in found.trials)
    return Table(
        title="Changed files",
        header=("file", "change", "outcome", "times"),
        rows=tuple((*key, count) for key, count in sorted(counted.items())),
    )


def _table_of_rollbacks(found: tuple[Rollback, ...]) -> Table:
    return Table(
        title="Older files put back",
        header=("what", "outcome", "must be seen"),
        rows=tuple((each.what, each.outcome, each.must_be_seen) for each in found),
    )
