"""The audit: every check on one profile, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from ondevice.bundle.model_set import ModelSet
from ondevice.privacy.checks import CHECKS
from ondevice.privacy.findings import Finding, Section
from ondevice.privacy.subject import Subject, subject_of
from ondevice.signals import Progress, StrPath
from ondevice.vault.secrets import Secret


def run_checks(
    profile: StrPath,
    secret: Secret,
    *,
    models: ModelSet | None = None,
    checks: Sequence[str] | None = None,
    deep: bool = False,
    advisories: StrPath | None = None,
    on_check: Callable[[str], None] | None = None,
    on_progress: Progress | None = None,
) -> tuple[Section, ...]:
    """Run the checks and return what each has to say; those that were not chosen say so.

    Args:
        profile: The profile's folder; it must not be open.
        secret: One that opens it.
        models: Which models serve it.
        checks: Names of :data:`~ondevice.privacy.checks.CHECKS`; all by default.
        deep: Whether checks may take minutes to hours.
        advisories: Known vulnerabilities: a JSON file, a zip file, or a folder of them, in the OSV format.
        on_check: Told the name of the check that begins.
        on_progress: Told (steps done, steps in all) of it.

    Raises:
        ValueError: If there is no such check.
        NotFoundError, ProfileBusyError, LockedError, CorruptError, StorageError: As
            :func:`~ondevice.privacy.subject.subject_of`.
    """
    chosen = list(CHECKS) if checks is None else list(checks)
    unknown = [name for name in chosen if name not in CHECKS]
    if unknown:
        raise ValueError(f"there is no check {unknown[0]!r}: choose of {', '.join(CHECKS)}")
    given = None if advisories is None else Path(advisories)
    with subject_of(
        Path(profile), secret, models or ModelSet(), deep=deep, advisories=given, on_progress=on_progress
    ) as subject:
        return tuple(_run(name, subject, on_check) if name in chosen else _left_out(name) for name in CHECKS)


def _run(name: str, subject: Subject, on_check: Callable[[str], None] | None) -> Section:
    if on_check is not None:
        on_check(name)
    started = time.perf_counter()
    try:
        section = CHECKS[name](subject)
    except Exception as error:
        # The audit goes on: the others' evidence is worth having. A foreign error's words may quote what it was given.
        section = Section(
            name=name,
            title=name.replace("-", " ").capitalize(),
            question="The check ended before it could answer.",
            findings=(
                Finding(
                    code=f"{name}/ended-early",
                    level="medium",
                    text=f"the check ended early, with {type(error).__name__}; what it looks for is not known",
                ),
            ),
        )
    return replace(section, seconds=time.perf_counter() - started)


def _left_out(name: str) -> Section:
    return Section(
        name=name,
        title=name.replace("-", " ").capitalize(),
        question="Not asked.",
        not_tested=("this check was not chosen",),
        was_run=False,
    )
