"""One check's part of the page: what was asked, the outcome, what was found and measured, what was not tested."""

from __future__ import annotations

from itertools import count

from ondevice.privacy.charts import chart
from ondevice.privacy.findings import LEVELS, Finding, Section, Table, Verdict
from ondevice.privacy.markup import element, listed, shown, table, value_text
from ondevice.privacy.summary import LEVEL_WORDS

_MARKS: dict[Verdict, str] = {"failed": "✕ failed", "noted": "! noted", "passed": "✓ passed", "not run": "○ not run"}
"""Verdicts as they are read where colours are not seen."""


def badge(verdict: Verdict) -> str:
    """Return a verdict in its colour and in words."""
    return element("span", element("span", _MARKS[verdict], class_="badge"), class_=tone(verdict))


def tone(verdict: Verdict) -> str:
    """Return the class that colours what belongs to a verdict."""
    return "idle" if verdict == "not run" else verdict


def section_part(section: Section, number: int, plot_numbers: count[int]) -> str:
    """Return a check's part.

    Args:
        section: What it has to say.
        number: Which one of the page it is; its address is made of it.
        plot_numbers: Numbers for the plots of the whole page.
    """
    parts = [
        element("h2", f"{shown(section.title)} {badge(section.verdict)}", id=f"check-{number}-title"),
        element("p", shown(section.question), class_="question"),
    ]
    if section.was_run:
        parts += [*_findings(section), *_measures(section)]
        parts += [_table(each) for each in section.tables]
        parts += [chart(plot, next(plot_numbers)) for plot in section.plots]
        parts.append(element("p", f"It took {value_text(section.seconds, 'seconds')}. {_limits(section, number)}"))
    else:
        parts.append(listed([shown(each) for each in section.not_tested]))
    return (
        element(
            "section",
            *(part + "\n" for part in parts),
            id=f"check-{number}",
            aria_labelledby=f"check-{number}-title",
        )
        + "\n"
    )


def limits_id(number: int) -> str:
    """Return the address of what the check of that number did not test."""
    return f"not-tested-{number}"


def _limits(section: Section, number: int) -> str:
    n_limits = len(section.not_tested)
    if not n_limits:
        return ""
    things = "1 thing" if n_limits == 1 else f"{n_limits} things"
    return f"It did not test {element('a', things, href=f'#{limits_id(number)}')}."


def _findings(section: Section) -> list[str]:
    if not section.findings:
        return [element("p", "Nothing was found.")]
    gravest_first = sorted(section.findings, key=lambda finding: -LEVELS.index(finding.level))
    return [element("h3", "Found"), *(_finding(finding) for finding in gravest_first)]


def _finding(finding: Finding) -> str:
    label = element("span", shown(finding.level), class_="badge")
    parts = [
        element(
            "p",
            f"{label} {shown(LEVEL_WORDS[finding.level])} · {element('code', shown(finding.code))}",
            class_=finding.level,
        ),
        element("p", shown(finding.text)),
    ]
    if finding.hint:
        parts.append(element("p", f"{element('strong', 'What to do:')} {shown(finding.hint)}"))
    return element("div", *parts, class_=f"finding {finding.level}")


def _measures(section: Section) -> list[str]:
    if not section.facts:
        return []
    pairs = [
        element("dt", shown(fact.name)) + element("dd", shown(value_text(fact.value, fact.unit)))
        for fact in section.facts
    ]
    return [element("h3", "Measured"), element("dl", *(pair + "\n" for pair in pairs))]


def _table(given: Table) -> str:
    columns = range(len(given.header))
    numeric = {n for n in columns if given.rows and all(type(row[n]) in (int, float) for row in given.rows)}
    rows = [[shown(value_text(value)) for value in row] for row in given.rows]
    return table(given.title, list(given.header), rows, numeric=numeric)
