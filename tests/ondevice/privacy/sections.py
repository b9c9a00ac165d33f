"""An audit's sections, without a report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ondevice.bundle.model_set import ModelSet
from ondevice.privacy.auditor import run_checks
from ondevice.privacy.checks import CHECKS
from ondevice.privacy.findings import Section
from ondevice.privacy.subject import subject_of
from ondevice.signals import Progress
from ondevice.vault.secrets import Secret


def sections_of(
    profile: Path,
    secret: Secret,
    *,
    models: ModelSet | None = None,
    checks: Sequence[str] | None = None,
    deep: bool = False,
    advisories: Path | None = None,
    on_progress: Progress | None = None,
) -> tuple[Section, ...]:
    """Run the checks as an audit runs them, and return what those that were chosen say."""
    with subject_of(
        profile, secret, models or ModelSet(), deep=deep, advisories=advisories, on_progress=on_progress
    ) as subject:
        chosen = list(checks or CHECKS)
        return tuple(each for each in run_checks(subject, chosen) if each.name in chosen)
