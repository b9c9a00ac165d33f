"""``ondevice audit``: test what a profile gives away; ``ondevice audit verify`` checks the evidence, without one."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ondevice.bundle.model_set import ModelSet
from ondevice.cli.access import ModelChoice, Unlocking
from ondevice.cli.audit_progress import CheckProgress
from ondevice.cli.failing import UsageError
from ondevice.cli.output import Output

if TYPE_CHECKING:
    from ondevice.privacy import Report


class FailOn(StrEnum):
    """From which level on a finding fails the command."""

    NOTE = "note"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    NEVER = "never"


def audit(
    context: typer.Context,
    output: Output,
    unlocking: Unlocking,
    use: ModelChoice,
    checks: Annotated[
        str | None,
        typer.Option("--checks", metavar="NAMES", help="Run only these checks: at-rest,egress", show_default="all"),
    ] = None,
    deep: Annotated[bool, typer.Option("--deep", help="Let checks take minutes to hours.")] = False,
    advisories: Annotated[
        Path | None,
        typer.Option(
            "--advisories", metavar="PATH", help="Known vulnerabilities in the OSV format: a JSON file, zip or folder."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Put the signed evidence there: audit.json and audit.html, both new files."
        ),
    ] = None,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="Exit with 1 if a finding is of this level or a graver one.")
    ] = FailOn.MEDIUM,
) -> None:
    """Test what a profile gives away: on disk, over the network, after forgetting, through its models.

    The profile is only read; what has to be tried is tried on copies, which are destroyed. It must not be open
    meanwhile. No text of the user stands in what the audit says, so its evidence may be shown to others.

    The exit code is 1 if a finding is as grave as --fail-on says. A check that could not be made to its end is a
    finding of the level medium. One that was not chosen is none.
    """
    if context.invoked_subcommand is not None:
        return
    chosen = None if checks is None else _names(checks)
    from ondevice.privacy.auditor import audit_with

    with CheckProgress(output.err) as progress:
        report = audit_with(
            unlocking.profile,
            unlocking.secret(),
            models=_models(use),
            checks=chosen,
            deep=deep,
            advisories=advisories,
            out=out,
            on_check=progress.on_check,
            on_progress=progress.on_progress,
        )
    _show(output, report, out)
    if fails(report, fail_on):
        raise typer.Exit(1)


def fails(report: Report, level: FailOn) -> bool:
    """Say whether a report has a finding of that level, or of a graver one."""
    from ondevice.privacy.findings import LEVELS

    if level is FailOn.NEVER or report.worst is None:
        return False
    return LEVELS.index(report.worst) >= LEVELS.index(level.value)


def _names(given: str) -> list[str]:
    from ondevice.privacy.checks import CHECKS

    names = [name.strip() for name in given.split(",") if name.strip()]
    unknown = [name for name in names if name not in CHECKS]
    if unknown or not names:
        about = f"there is no check {unknown[0]!r}" if unknown else "--checks names no check"
        raise UsageError(f"{about}: choose of {', '.join(CHECKS)}")
    return names


def _models(use: ModelChoice) -> ModelSet:
    return ModelSet(
        use.models, encoder=use.encoder, generator=use.generator, adapter=use.adapter, publishers=use.publishers
    )


def _show(output: Output, report: Report, out: Path | None) -> None:
    from ondevice.cli.audit_views import report_document, report_views

    files = None if out is None else {"report": out / "audit.json", "page": out / "audit.html"}
    document: dict[str, Any] = {"report": report_document(report), "files": files}
    output.result(document, *report_views(report))
    if out is None:
        output.say("note: nothing was kept; --out DIR writes the signed report and a page to read")
    else:
        output.say(f"the evidence lies in {out}: audit.json, audit.html")
