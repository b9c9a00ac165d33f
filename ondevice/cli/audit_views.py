"""An audit's report at the terminal: each check, what was found, and what to do."""

from __future__ import annotations

import json
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ondevice.privacy.findings import LEVELS
from ondevice.privacy.report import Report, report_to_json
from ondevice.privacy.summary import LIMIT, counts_of, headline_of

_STYLES = {"passed": "green", "noted": "yellow", "failed": "bold red", "not run": "dim"}
_LEVEL_STYLES = {"high": "bold red", "medium": "red", "low": "yellow", "note": "dim"}


def report_document(report: Report) -> dict[str, Any]:
    """Return a report as the JSON object of docs/reference/audit-report.md: what is signed, and the signature."""
    document: dict[str, Any] = json.loads(report_to_json(report))
    return document


def report_views(report: Report) -> list[RenderableType]:
    """Return what is shown of a report."""
    table = Table("check", "verdict", "findings", "seconds", box=None, header_style="bold", pad_edge=False)
    table.columns[2].justify = table.columns[3].justify = "right"
    for section in report.sections:
        seconds = f"{section.seconds:.1f}" if section.was_run else "-"
        n_findings = str(len(section.findings)) if section.was_run else "-"
        table.add_row(section.name, Text(section.verdict, style=_STYLES[section.verdict]), n_findings, seconds)
    return [table, Text(), *_findings(report), Text(headline_of(report), style=_STYLES[report.verdict]), *_end(report)]


def _findings(report: Report) -> list[RenderableType]:
    shown: list[RenderableType] = []
    for finding in sorted(report.findings, key=lambda each: -LEVELS.index(each.level)):
        shown.append(Text.assemble((finding.level, _LEVEL_STYLES[finding.level]), f" {finding.code}: {finding.text}"))
        if finding.hint:
            shown.append(Padding(Text(f"→ {finding.hint}", style="dim"), (0, 0, 0, 2)))
    return [*shown, Text()] if shown else []


def _end(report: Report) -> list[RenderableType]:
    n_limits = sum(len(section.not_tested) for section in report.sections)
    things = "1 thing was not tested" if n_limits == 1 else f"{n_limits} things were not tested"
    return [Text(counts_of(report)), Text(f"{LIMIT} {things}: the report lists what.")]
