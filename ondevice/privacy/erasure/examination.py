"""The check ``erasure``: what lies in the profile now, and what a drill on a copy leaves."""

from __future__ import annotations

from ondevice.errors import OndeviceError
from ondevice.privacy.erasure.drill import N_FORGED, Drill, forget_in
from ondevice.privacy.erasure.judgement import findings_of_drill, findings_of_state
from ondevice.privacy.erasure.needles import KINDS
from ondevice.privacy.erasure.state import State, is_of_earlier_release, state_of
from ondevice.privacy.findings import Fact, Finding, Section, Table
from ondevice.privacy.subject import Subject

_STEPS = 2
_NOT_TESTED = (
    "Of what was forgotten before the audit nothing is known any more, so its words cannot be looked for: only text,"
    " vectors and rows that belong to no item are, and in unused space only pieces: 15 bytes of text, 32 numbers of a"
    " vector, 192 bytes of anything else.",
    "Words of fewer than six bytes, and whatever another item holds too, cannot show whether they are gone.",
    "Blocks that the file system or a flash medium has freed are not read; they hold encrypted pages at most.",
    "Memory, swap and hibernation files are not read.",
    "Backups, exports and copies elsewhere are counted from the event log, not looked for: no erasure reaches them.",
    "Other epochs and foreign files in the profile's folder are not opened.",
    "Rows that a persona makes are computed of the vectors for each request and kept nowhere: they are not compared.",
    "What language models and encoders keep in memory while they run is not looked into.",
)
_EARLIER = (
    "An earlier release wrote the profile last: the copy was brought up to date before it was looked into, which may"
    " have tidied up what was looked for."
)


def check(subject: Subject) -> Section:
    """Do :func:`ondevice.privacy.erasure.check`."""
    subject.on_progress(0, _STEPS)
    not_tested = list(_NOT_TESTED)
    with subject.copied() as copy:
        if is_of_earlier_release(copy):
            copy.open().close()
            not_tested.insert(0, _EARLIER)
        state = state_of(copy)
    subject.on_progress(1, _STEPS)
    findings = findings_of_state(state)
    drill: Drill | None = None
    try:
        with subject.copied() as copy:
            drill = forget_in(copy, subject.models)
    except OndeviceError as error:
        findings.append(
            Finding(
                code="erasure/drill-refused",
                level="medium",
                text=f"items of a copy could not be forgotten: {type(error).__name__}",
                hint="look at the profile with ondevice check, and repeat the audit",
            )
        )
        not_tested.insert(0, "No drill: the copy could not be opened, or would not forget.")
    else:
        known = {finding.code for finding in findings}
        findings += findings_of_drill(drill)
        # What the profile had before says nothing of the forgetting.
        left = findings_of_state(drill.state, is_after_drill=True)
        findings += [finding for finding in left if finding.code not in known]
        if not drill.with_encoder:
            not_tested.insert(
                0,
                "The encoder was not at hand, or items lack its vectors: the drill had no index, in memory or sealed.",
            )
        if state.blobs.n_stale:
            not_tested.append("In an index snapshot of an earlier state, vectors that changed since were not compared.")
    subject.on_progress(_STEPS, _STEPS)
    return Section(
        name="erasure",
        title="Erasure",
        question="Is what was forgotten gone, and would what is forgotten next be gone too?",
        findings=tuple(findings),
        facts=_facts(state, drill),
        tables=() if drill is None else (_table(drill),),
        not_tested=tuple(not_tested),
    )


def _facts(state: State, drill: Drill | None) -> tuple[Fact, ...]:
    facts = [
        Fact(name="database pages decrypted", value=state.n_pages),
        Fact(name="free pages among them", value=state.n_free),
        Fact(name="write-ahead log frames decrypted", value=state.n_frames),
        Fact(name="sealed files looked into", value=state.blobs.n_files),
        Fact(name="words in the search index", value=state.words.n_read),
        Fact(name="erasures known to the event log", value=state.erasures),
        Fact(name="backups and exports known to the event log", value=state.backups),
    ]
    if drill is not None:
        facts += [
            Fact(name="items forgotten in the drill", value=drill.n_chosen),
            Fact(name="items that the drill added and forgot", value=drill.n_planted),
            Fact(name="learned things that had to go with them", value=drill.n_learned),
            Fact(name="through the profile's own encoder and index", value=drill.with_encoder),
            Fact(name="needles that no other item holds", value=drill.unique.total()),
            Fact(name="of them found before", value=drill.before.total()),
            Fact(name="of them found afterwards", value=drill.after.total()),
            Fact(name="receipt verified against the profile's key", value=drill.is_genuine and drill.is_verified),
            Fact(name="forged receipts refused", value=N_FORGED - drill.n_forged_taken),
            Fact(name="time to forget", value=round(drill.seconds, 3), unit="s"),
        ]
    return tuple(facts)


def _table(drill: Drill) -> Table:
    left = {kind: sum(n for (each, _), n in drill.after.items() if each == kind) for kind in KINDS}
    return Table(
        title="What was looked for",
        header=("kind", "needles", "held by no other item", "found before", "found afterwards"),
        rows=tuple(
            (kind, drill.needles[kind], drill.unique[kind], drill.before[kind], left[kind])
            for kind in KINDS
            if drill.needles[kind]
        ),
    )
