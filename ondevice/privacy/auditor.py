"""The audit: every check on one profile, one after the other, and what they found in one signed report."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Unpack

from ondevice import __version__
from ondevice.arguments import require_known
from ondevice.bundle.model_set import ModelSet
from ondevice.privacy.checks import CHECKS
from ondevice.privacy.evidence import EvidenceFolder
from ondevice.privacy.findings import Finding, Section
from ondevice.privacy.places import Places
from ondevice.privacy.report import Report, signed
from ondevice.privacy.section_documents import section_document, section_of
from ondevice.privacy.subject import Subject, subject_of
from ondevice.privacy.system import TRIED_ON, UNTRIED, this_system
from ondevice.signals import Progress, StrPath
from ondevice.vault.secrets import GivenSecrets, Secret, one_secret
from ondevice.vault.statements import Signatory, signatory_of
from ondevice.vault.times import from_micros, now_micros

_PACKAGE = Path(__file__).parents[1]


def audit(
    profile: StrPath,
    *,
    models: ModelSet | StrPath | None = None,
    checks: Sequence[str] | None = None,
    deep: bool = False,
    advisories: StrPath | None = None,
    out: StrPath | None = None,
    on_check: Callable[[str], None] | None = None,
    on_progress: Progress | None = None,
    **secret: Unpack[GivenSecrets],
) -> Report:
    """Test what a profile gives away, and return the signed report.

    The profile is only read. What has to be tried is tried on copies, which are destroyed.

    Args:
        profile: The profile's folder; it must not be open.
        models: Which models serve it: a set, or the folder of the default ones.
        checks: Names of checks, as ``at-rest``; all by default.
        deep: Whether checks may take minutes to hours.
        advisories: Known vulnerabilities of packages: a JSON file, a zip file, or a folder of them, in the OSV format.
        out: A folder for the evidence, ``audit.json`` and ``audit.html``, both signed; it may hold neither yet.
        on_check: Told the name of the check that begins.
        on_progress: Told (steps done, steps in all) of it.
        **secret: One, as ``Personalizer.open`` takes it.

    Raises:
        ValueError: If not exactly one secret is given, or there is no such check.
        TypeError: If an argument is unknown or of the wrong type.
        NotFoundError: If there is no profile.
        ProfileBusyError: If it is open somewhere.
        LockedError: If the secret does not open it.
        CorruptError: If its files were changed, so that not even a copy opens.
        StorageError: If the disk refuses, or there is evidence in ``out`` already.
    """
    require_known(secret, GivenSecrets, "an audit takes no argument")
    return audit_with(
        Path(profile),
        one_secret(secret, "to audit a profile"),
        models=_models(models),
        checks=checks,
        deep=deep,
        advisories=None if advisories is None else Path(advisories),
        out=None if out is None else Path(out),
        on_check=on_check,
        on_progress=on_progress,
    )


def audit_with(
    profile: Path,
    secret: Secret,
    *,
    models: ModelSet,
    checks: Sequence[str] | None,
    deep: bool,
    advisories: Path | None,
    out: Path | None,
    on_check: Callable[[str], None] | None,
    on_progress: Progress | None,
) -> Report:
    """Do :func:`audit` with a secret that its caller has made."""
    chosen = _chosen(checks)
    with (
        nullcontext() if out is None else EvidenceFolder(out, profile=profile) as evidence,
        subject_of(profile, secret, models, deep=deep, advisories=advisories, on_progress=on_progress) as subject,
    ):
        # Before the checks, so that what forbids a signature is told before hours have gone by.
        profile_id, signatory = _signing(subject)
        report = signed(
            Report(
                profile_id=profile_id,
                made_at=from_micros(now_micros()),
                sdk=__version__,
                system=this_system(),
                deep=deep,
                sections=run_checks(subject, chosen, on_check),
                public_key=signatory.public_key,
            ),
            signatory,
        )
        if evidence is not None:
            evidence.write(report, signatory)
    return report


def run_checks(
    subject: Subject, chosen: Sequence[str], on_check: Callable[[str], None] | None = None
) -> tuple[Section, ...]:
    """Run the chosen checks, and return what all have to say: those that were not chosen say so."""
    places = Places(subject.profile, subject.scratch)
    return tuple(_run(name, subject, places, on_check) if name in chosen else _left_out(name) for name in CHECKS)


def _chosen(checks: Sequence[str] | None) -> list[str]:
    if isinstance(checks, str):
        raise TypeError("checks is a sequence of names, not one str: write [name]")
    chosen = list(CHECKS) if checks is None else list(checks)
    unknown = [name for name in chosen if name not in CHECKS]
    if unknown:
        raise ValueError(f"there is no check {unknown[0]!r}: choose of {', '.join(CHECKS)}")
    if checks is not None and not chosen:
        raise ValueError(f"no check is chosen: choose of {', '.join(CHECKS)}")
    return chosen


def _models(given: ModelSet | StrPath | None) -> ModelSet:
    """Return the set that was given, or the default ones of that folder, which refuses what is none."""
    return given if isinstance(given, ModelSet) else ModelSet(given)


def _signing(subject: Subject) -> tuple[str, Signatory]:
    """Return the profile's id and who signs for it, both of a copy."""
    with subject.copied() as copy, copy.open() as vault:
        return vault.profile_id, signatory_of(vault.database)


def _run(name: str, subject: Subject, places: Places, on_check: Callable[[str], None] | None) -> Section:
    if on_check is not None:
        on_check(name)
    started = time.perf_counter()
    try:
        # Through its document, so that a value that no report can hold is the check's failure and not the audit's.
        section = section_of(places.hidden_in(section_document(CHECKS[name](subject))))
    except Exception as error:
        # The audit goes on: the others' evidence is worth having. A foreign error's words may quote what it was given.
        section = Section(
            name=name,
            title=_title(name),
            question="The check ended before it could answer.",
            findings=(
                Finding(
                    code=f"{name}/ended-early",
                    level="medium",
                    text=f"the check ended early, with {_kind_and_place(error)}; what it looks for is not known",
                    hint="run ondevice doctor; if all is well there, please report this as a defect",
                ),
            ),
            not_tested=("whatever this check looks for",),
        )
    not_tested = section.not_tested if sys.platform in TRIED_ON else (*section.not_tested, UNTRIED)
    return replace(section, seconds=round(time.perf_counter() - started, 3), not_tested=not_tested)


def _kind_and_place(error: Exception) -> str:
    """Say what kind of error it is and where in this package it came up: no values stand in either."""
    place, trace = "", error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.is_relative_to(_PACKAGE):
            place = f" at {file.relative_to(_PACKAGE.parent).as_posix()}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__}{place}"


def _left_out(name: str) -> Section:
    return Section(
        name=name,
        title=_title(name),
        question="Not asked.",
        not_tested=("this check was not chosen",),
        was_run=False,
    )


def _title(name: str) -> str:
    return name.replace("-", " ").capitalize()
