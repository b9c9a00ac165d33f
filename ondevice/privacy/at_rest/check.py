"""The check: what somebody reads who has the files, and what the system may write of a process."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ondevice.errors import OndeviceError
from ondevice.privacy.at_rest.canaries import key_spellings, run_drill
from ondevice.privacy.at_rest.cipher_effect import check_cipher
from ondevice.privacy.at_rest.key_slots import check_slots
from ondevice.privacy.at_rest.outline import outline
from ondevice.privacy.at_rest.permissions import check_permissions
from ondevice.privacy.at_rest.places import Place, count_closed, files_in, places_of
from ondevice.privacy.at_rest.profile_files import Entry, check_files, entries_of, is_ours
from ondevice.privacy.at_rest.reading import Budget
from ondevice.privacy.at_rest.remains import Remains, Wanted, counted, look_through
from ondevice.privacy.at_rest.system import System, not_seen
from ondevice.privacy.at_rest.user_vectors import user_vectors
from ondevice.privacy.at_rest.user_words import MIN_FOREIGN_CHARS, MIN_OWN_CHARS, MIN_WHOLE_CHARS, UserWords
from ondevice.privacy.findings import Fact, Finding, Section
from ondevice.privacy.subject import Subject

NAME = "at-rest"
_SAMPLED, _SAMPLED_DEEP = 1_000, 100_000
_VECTORS, _VECTORS_DEEP = 200, 2_000
_PLACES_BYTES, _PLACES_BYTES_DEEP = 64 << 20, 16 << 30
_EVERYTHING = 1 << 62
_STEPS = 12

_LIMITS = (
    "bytes that look random and are not: what is compressed, or encrypted by somebody else, within an encrypted file",
    "files of other users and files outside the folders that are named above, backups and exports included, and what "
    "the file system keeps of deleted ones",
    "files packed with zstandard, lz4, brotli, 7-zip or a password, or in more than two layers, and text that is "
    "spelled otherwise than in UTF-8, UTF-16, UTF-32 and older character sets, in the escapes of programs, JSON, HTML, "
    "URLs and mail, in hexadecimal digits, base64 and base32: base85, uuencode, and what was scrambled on purpose",
    f"runs of the user's text of fewer than {MIN_OWN_CHARS} characters, or {MIN_FOREIGN_CHARS} in files that are not "
    f"the SDK's; whole texts of fewer than {MIN_WHOLE_CHARS}; what of a text is behind its first 400 characters; and "
    "items beyond the sample",
    "whether the passphrase or the place of an app's key is any good: no secret was looked at",
    "what a training, a merged model, a backup or a new key write while they are made: the drill makes none",
    "files that were there for a moment only, between two looks of the drill, unless they are still held open",
    "extended attributes of files, and memory that files map",
    "what a crash handler, the system's log or a backup program keeps",
    "the terminal, the screen, and what other programs keep of them",
)


@dataclass(kw_only=True)
class _Report:
    """What has been found so far."""

    subject: Subject
    findings: list[Finding] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    not_tested: list[str] = field(default_factory=list)
    n_steps: int = 0

    def step(self) -> None:
        """Tell of one step more."""
        self.n_steps += 1
        self.subject.on_progress(min(self.n_steps, _STEPS), _STEPS)

    def does_not_open(self, error: OndeviceError, what: str) -> None:
        """Note that a copy is of no use for something."""
        self.findings.append(
            Finding(
                code="at-rest/does-not-open",
                level="medium",
                text=f"{what} could not be tried on a copy: {type(error).__name__}",
                hint="see what is wrong with the profile: ondevice doctor --unlock",
            )
        )
        self.not_tested.append(what)


def check(subject: Subject) -> Section:
    """Look for what can be read without the user's secret.

    What is checked, with the codes of the findings (each begins with ``at-rest/``):

    - Every file of the profile, by its place, its first bytes, and 4096 bytes at a time by a chi-square test and by
      runs of text: ``plain-database``, ``readable-pages``, ``readable-file``, ``model-in-the-clear``, ``foreign-head``,
      ``foreign-file``, ``key-file``, ``not-a-file``, ``other-epoch``, ``second-name``, ``unreadable-file``.
    - The user's own words (of at most 1,000 items, of earlier wordings and summaries), vectors (at most 200 of each
      encoder) and the profile's keys, in the profile, the temporary folder, the
      SDK's folders and beside the profile: ``user-text``, ``user-vector``, ``published-text``, ``key-bytes``,
      ``core-file``, ``own-folder-text``.
    - A drill on a copy with random words: ``canary-text``, ``canary-vector``, ``canary-key``, ``canary-model``,
      ``control-not-found``, ``does-not-open``.
    - Modes, owners, access lists and the folders above: ``file-mode``, ``folder-mode``, ``owner``, ``access-list``,
      ``parent-readable``, ``parent-writable``, ``temporary-place``.
    - Key slots, against OWASP and RFC 9106: ``key-derivation``, ``key-derivation-low``, ``salt``, ``argon2id``,
      ``key-file-refused``.
    - The cipher in effect, on a copy: ``cipher-settings``, ``opens-without-key``, ``opens-with-another-key``,
      ``change-unseen``, ``pages-damaged``.
    - The system: ``core-limit``, ``core-limit-inherited``, ``core-handler``, ``process-readable``, ``swap``,
      ``swap-unknown``, ``hibernation``.

    The profile is only read. No finding names a text, a key or a vector; a file's name is withheld where it holds a
    word of the user's.
    """
    report = _Report(subject=subject)
    places = places_of(subject)
    wanted = _taken(report)
    words = wanted.words
    entries = entries_of(subject.profile)

    def shown(entry: Entry) -> str:
        return entry.within if is_ours(entry) else words.shown(entry.within)

    _look_into_profile(report, entries, wanted)
    _look_elsewhere(report, places, wanted)
    _try_copies(report, places, words)
    report.findings += check_permissions(subject.profile, entries, shown)
    report.step()
    findings, facts = check_slots(subject.profile)
    system = System.here()
    report.findings += [*findings, *system.findings()]
    report.facts += [*facts, *system.facts()]
    report.step()
    return Section(
        name=NAME,
        title="At rest",
        question="What can be read by somebody who has the files, without the user's secret?",
        findings=tuple(report.findings),
        facts=tuple(report.facts),
        tables=(outline(entries, shown),),
        not_tested=(*report.not_tested, *_LIMITS, *not_seen(), *_not_on_this_system()),
    )


def _taken(report: _Report) -> Wanted:
    """Read the user's words and the keys from a copy, in order to look for them."""
    subject, keys = report.subject, []
    vectors: list[bytes] = []
    with subject.copied() as copy:
        try:
            keys = key_spellings(copy)
            with copy.open() as vault:
                words = UserWords.of(vault, n_sampled=_SAMPLED_DEEP if subject.deep else _SAMPLED)
                vectors += user_vectors(vault, _VECTORS_DEEP if subject.deep else _VECTORS)
        except OndeviceError as error:
            report.does_not_open(error, "reading the user's words in order to look for them")
            words = UserWords.unread()
    report.step()
    report.facts += [Fact(name="items", value=words.n_items), Fact(name="items looked for", value=words.n_sampled)]
    return Wanted.of(words, keys, vectors)


def _look_into_profile(report: _Report, entries: tuple[Entry, ...], wanted: Wanted) -> None:
    budget, remains, words = Budget(n_bytes=_EVERYTHING), Remains(), wanted.words
    report.findings += check_files(report.subject.profile, entries, words.shown, budget)
    report.step()
    for entry in entries:
        if entry.within:
            # Of what is no file its name is looked at, and of a link where it leads.
            name = entry.within + (os.readlink(entry.path) if stat.S_ISLNK(entry.mode) else "")
            budget_here = Budget(n_bytes=_EVERYTHING if stat.S_ISREG(entry.mode) else 0)
            counts = counted(entry.path, budget_here, wanted.in_own, name=name)
            remains.add_counts("the profile", entry.within if is_ours(entry) else words.shown(entry.within), counts)
    report.findings += remains.findings()
    report.step()
    report.facts += [
        Fact(name="files of the profile read", value=budget.n_files_read),
        Fact(name="bytes of the profile read", value=budget.n_bytes_read, unit="bytes"),
    ]


def _look_elsewhere(report: _Report, places: Sequence[Place], wanted: Wanted) -> None:
    subject = report.subject
    budget = Budget(n_bytes=_PLACES_BYTES_DEEP if subject.deep else _PLACES_BYTES)
    files = files_in(places, without=[subject.profile, subject.scratch.parent])
    report.findings += look_through(files, wanted, budget)
    report.step()
    report.facts += [
        *(Fact(name=f"looked into: {place.name}", value=_home_hidden(place.path, wanted.words)) for place in places),
        Fact(name="other files read", value=budget.n_files_read),
        Fact(name="bytes of other files read", value=budget.n_bytes_read, unit="bytes"),
        Fact(name="other files left out, or read in part", value=budget.n_left_out),
    ]
    if n_closed := count_closed(places):
        report.not_tested.append(f"{n_closed} folders in and among these, which this user may not list")
    if budget.n_left_out or budget.n_unreadable:
        report.not_tested.append(
            f"{budget.n_left_out} files in these folders were left out or read only in part, for their size, and "
            f"{budget.n_unreadable} could not be read"
        )


def _home_hidden(path: Path, words: UserWords) -> str:
    home = Path.home()
    if path == home:
        return "~"
    return f"~/{words.shown(str(path.relative_to(home)))}" if path.is_relative_to(home) else words.shown(str(path))


def _try_copies(report: _Report, places: Sequence[Place], words: UserWords) -> None:
    subject = report.subject
    try:
        with subject.copied() as copy:
            findings, facts = check_cipher(copy)
        report.findings += findings
        report.facts += facts
    except OndeviceError as error:
        report.does_not_open(error, "the cipher in effect")
    report.step()
    try:
        with subject.copied() as copy:
            drill = run_drill(subject, copy, places, words, report.step)
    except OndeviceError as error:
        report.does_not_open(error, "the drill with canaries")
        return
    report.findings += drill.findings.values()
    report.not_tested += drill.not_done
    report.facts += [
        Fact(name="drill: steps looked after", value=", ".join(drill.stages)),
        Fact(name="drill: spellings looked for", value=drill.n_needles),
        Fact(name="drill: bytes read", value=drill.budget.n_bytes_read, unit="bytes"),
    ]
    if drill.not_done:
        report.findings.append(
            Finding(
                code="at-rest/drill-in-part",
                level="note",
                text="the drill could not do, or not see, all that it does elsewhere; what is missing is named below",
                hint="run it on Linux, with the profile's models, and with vectors of all items: ondevice reencode",
            )
        )


def _not_on_this_system() -> Iterator[str]:
    if os.name != "posix":
        yield "who may reach the files: their access lists are not read on this system"
