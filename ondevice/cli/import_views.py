"""What an import says: which things were left out, on stderr as they come, and in the end a table of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import RenderableType

from ondevice.cli.output import Output
from ondevice.cli.views import pairs_table, receipt_document, receipt_panel

if TYPE_CHECKING:
    from ondevice.importers.found import Skipped
    from ondevice.personalizer.reports import IntakeReport

MOST_NAMED = 20
_WORTH_NAMING = ("broken", "too long", "unsupported")
"""What may be missed. That spam was left out, or what others wrote, is in the table."""


class NamedSkips:
    """Names on stderr the first things that are left out."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._n_named = self._n_more = 0

    def take(self, skipped: Skipped) -> None:
        """Name one thing that is left out, unless many were."""
        if skipped.reason not in _WORTH_NAMING:
            return
        if self._n_named >= MOST_NAMED:
            self._n_more += 1
            return
        self._n_named += 1
        self._output.say(f"left out: {skipped.place}: {skipped.detail or skipped.reason}")

    def end(self) -> None:
        """Say how many more there were."""
        if self._n_more:
            self._output.say(f"left out: {self._n_more} more")


def report_document(report: IntakeReport) -> dict[str, Any]:
    """Return a report as a JSON document."""
    return {
        "format": report.format,
        "source": report.source,
        "n_read": report.n_read,
        "n_added": report.n_added,
        "n_known": report.n_known,
        "n_updated": report.n_updated,
        "n_skipped": report.n_skipped,
        "skipped": dict(report.skipped),
        "n_forgotten": report.n_forgotten,
        "end": report.end,
        "failure": report.failure,
        "is_dry_run": report.is_dry_run,
        "kept_because": report.kept_because,
        "n_tables_beside": report.n_tables_beside,
        "receipt": None if report.receipt is None else receipt_document(report.receipt),
    }


def report_view(report: IntakeReport) -> list[RenderableType]:
    """Return the sum of a report in a line, and in a table what else there is to tell."""
    would = "would be " if report.is_dry_run else ""
    line = f"{report.n_added} {would}added, {report.n_known} known already"
    more: dict[str, object] = {}
    if report.n_updated or report.n_skipped or report.n_forgotten or report.kept_because or "," in report.format:
        more = {"read": report.n_read, "updated": report.n_updated}
        more |= {f"left out ({reason})": number for reason, number in report.skipped.items()}
    if report.n_forgotten:
        more["forgotten"] = report.n_forgotten
    if report.kept_because:
        more["forgotten"] = f"0, because {report.kept_because}"
    views: list[RenderableType] = [line]
    if more:
        views.append(pairs_table({**more, "format": report.format, "source": report.source}))
    if report.receipt is not None:
        views.append(receipt_panel(report.receipt))
    return views
