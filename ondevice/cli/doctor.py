"""``ondevice doctor``: what works here, what is missing, and how to get it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from ondevice.cli.access import ModelChoice, PersonaOption, Unlocking
from ondevice.cli.checks_machine import (
    check_disk,
    check_encryption,
    check_graphs,
    check_libraries,
    check_llama,
    check_memory,
    check_python,
    check_telemetry,
)
from ondevice.cli.checks_models import check_model_runs, check_models
from ondevice.cli.checks_profile import check_keystore, check_profile
from ondevice.cli.findings import Finding
from ondevice.cli.output import Output

MARKS = {"ok": ("ok", "green"), "note": ("note", "yellow"), "missing": ("MISSING", "bold red")}


def doctor(
    output: Output,
    unlocking: Unlocking,
    use: ModelChoice,
    persona: PersonaOption = None,
    unlock: Annotated[
        bool, typer.Option("--unlock", help="Ask for the passphrase, to check the profile inside too.")
    ] = False,
    accept_loss: Annotated[
        bool,
        typer.Option(
            "--accept-loss", help="Go on with a profile whose last changes were taken away by something else."
        ),
    ] = False,
) -> None:
    """Explain what is missing and how to get it; the exit code is 0 only when everything needed works.

    Checks Python, libraries, which llama.cpp there is and what it computes with, that the cipher really encrypts,
    telemetry, models (every byte, and a trial run), the keystore, disk space, and the profile: modes without a key, and
    with one (--unlock, --passphrase-fd, …) every page, the event log and the sealed files. A profile whose last changes
    are missing, because its files were cut, removed or put back from an older copy, opens no more until its files are
    back or, with --accept-loss, it is opened without those changes; its event log then says so.
    """
    findings = []
    with output.working("looking around"):
        for finding in _examine(
            unlocking,
            replace(use, persona=persona),
            wants_inside=unlock or unlocking.source.is_given,
            accept_loss=accept_loss,
        ):
            findings.append(finding)
    is_usable = all(finding.state != "missing" for finding in findings)
    table = Table("what", "state", "found", box=None, header_style="bold", pad_edge=False)
    for finding in findings:
        mark, style = MARKS[finding.state]
        table.add_row(finding.name, Text(mark, style=style), Text(finding.detail))
        if finding.hint and finding.state != "ok":
            table.add_row("", "", Text(f"→ {finding.hint}", style="dim"))
    output.result({"usable": is_usable, "findings": findings}, table)
    if not is_usable:
        raise typer.Exit(1)


def _examine(unlocking: Unlocking, use: ModelChoice, *, wants_inside: bool, accept_loss: bool) -> Iterator[Finding]:
    yield check_python()
    yield check_memory()
    yield from check_libraries()
    yield check_llama()
    yield check_graphs()
    yield check_encryption()
    yield check_telemetry()
    yield from check_models(use)
    yield from check_model_runs(use)
    yield check_keystore(unlocking)
    yield from check_disk(unlocking.profile, use.models)
    yield from check_profile(unlocking, use.models, wants_inside=wants_inside or accept_loss, accept_loss=accept_loss)
