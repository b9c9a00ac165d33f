"""A report's outcome in plain words, for a reader who knows nothing of it: the same on the page and at the terminal."""

from __future__ import annotations

from ondevice.privacy.findings import Level, Verdict
from ondevice.privacy.report import Report

LIMIT = "An audit can show that something is wrong. It cannot prove that nothing is."

LEVEL_WORDS: dict[Level, str] = {
    "high": "breaks a promise",
    "medium": "breaks a promise for somebody with special means, or leaves it unknown",
    "low": "weakens a promise",
    "note": "good to know",
}

_HEADLINES: dict[Verdict, str] = {
    "failed": "A promise does not hold, or could not be checked.",
    "noted": "No promise is broken. There is something to look at.",
    "passed": "Nothing wrong was found.",
    "not run": "Nothing was tested.",
}


def headline_of(report: Report) -> str:
    """Return the outcome as one sentence."""
    return _HEADLINES[report.verdict]


def counts_of(report: Report) -> str:
    """Return how much was asked and found, as one or two sentences."""
    n_run = sum(section.was_run for section in report.sections)
    n_findings = len(report.findings)
    n_not_run = len(report.sections) - n_run
    found = ", ".join(
        f"{n} {level}" for level in LEVEL_WORDS if (n := sum(each.level == level for each in report.findings))
    )
    text = f"{_counted(n_run, 'check')} ran and found {_counted(n_findings, 'thing')}{f' ({found})' if found else ''}."
    return text + (f" {_counted(n_not_run, 'check')} did not run." if n_not_run else "")


def _counted(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
