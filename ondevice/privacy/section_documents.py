"""Sections as JSON objects and back: every value plain, of its own type, and finite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any

from ondevice.privacy.findings import LEVELS, Fact, Finding, Plot, Section, Table, Value

_MOST_WHOLE = 2**53
"""Larger whole numbers are not the same number in every program that reads JSON."""
_MOST = 1e300
"""Differences of larger numbers may be infinite."""


def section_document(section: Section) -> dict[str, Any]:
    """Return a section as a JSON object, its verdict included.

    Raises:
        ValueError, TypeError: If it holds what a report cannot: a number that is none, a value of another type.
    """
    return {
        "name": _text(section.name),
        "title": _text(section.title),
        "question": _text(section.question),
        "verdict": section.verdict,
        "findings": [_finding_document(each) for each in section.findings],
        "facts": [
            {"name": _text(each.name), "value": _plain(each.value), "unit": _text(each.unit)} for each in section.facts
        ],
        "tables": [
            {
                "title": _text(each.title),
                "header": [_text(name) for name in each.header],
                "rows": [[_plain(value) for value in row] for row in each.rows],
            }
            for each in section.tables
        ],
        "plots": [_plot_document(each) for each in section.plots],
        "not_tested": [_text(each) for each in section.not_tested],
        "seconds": _number(section.seconds),
        "was_run": _truth(section.was_run),
    }


def section_of(document: Mapping[str, Any]) -> Section:
    """Return the section that :func:`section_document` wrote; what it would have written otherwise, its caller tells.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: If it has another form.
    """
    return Section(
        name=_text(document["name"]),
        title=_text(document["title"]),
        question=_text(document["question"]),
        findings=tuple(_finding(each) for each in document["findings"]),
        facts=tuple(
            Fact(name=_text(each["name"]), value=_plain(each["value"]), unit=_text(each["unit"]))
            for each in document["facts"]
        ),
        tables=tuple(
            Table(
                title=_text(each["title"]),
                header=tuple(_text(name) for name in each["header"]),
                rows=tuple(tuple(_plain(value) for value in row) for row in each["rows"]),
            )
            for each in document["tables"]
        ),
        plots=tuple(_plot(each) for each in document["plots"]),
        not_tested=tuple(_text(each) for each in document["not_tested"]),
        seconds=_number(document["seconds"]),
        was_run=_truth(document["was_run"]),
    )


def _finding_document(finding: Finding) -> dict[str, Any]:
    if finding.level not in LEVELS:
        raise ValueError(f"there is no level {finding.level!r}")
    return {
        "code": _text(finding.code),
        "level": finding.level,
        "text": _text(finding.text),
        "hint": None if finding.hint is None else _text(finding.hint),
    }


def _finding(document: Mapping[str, Any]) -> Finding:
    level, hint = document["level"], document["hint"]
    if level not in LEVELS:
        raise ValueError("there is no such level")
    return Finding(
        code=_text(document["code"]),
        level=level,
        text=_text(document["text"]),
        hint=None if hint is None else _text(hint),
    )


def _plot_document(plot: Plot) -> dict[str, Any]:
    return {
        "title": _text(plot.title),
        "x_label": _text(plot.x_label),
        "y_label": _text(plot.y_label),
        "lines": [{"name": _text(name), "points": _points(points)} for name, points in plot.lines],
    }


def _plot(document: Mapping[str, Any]) -> Plot:
    return Plot(
        title=_text(document["title"]),
        x_label=_text(document["x_label"]),
        y_label=_text(document["y_label"]),
        lines=tuple(
            (_text(line["name"]), tuple((x, y) for x, y in _points(line["points"]))) for line in document["lines"]
        ),
    )


def _points(points: Sequence[Sequence[Any]]) -> list[list[float]]:
    return [[_number(x), _number(y)] for x, y in points]


def _plain(value: object) -> Value:
    """Return a value as Python's own; what NumPy counts with is taken for what it is."""
    if value is None or type(value) is bool or type(value) is str:
        return value
    if isinstance(value, Integral):
        if abs(int(value)) > _MOST_WHOLE:
            raise ValueError("a whole number is too large")
        return int(value)
    return _number(value)


def _number(value: object) -> float:
    if type(value) is bool or not isinstance(value, Real):
        raise TypeError(f"a number is wanted, not {type(value).__name__}")
    number = float(value)
    if not abs(number) <= _MOST:
        raise ValueError("a number is not finite")
    return number


def _text(value: object) -> str:
    if type(value) is not str:
        raise TypeError(f"a text is wanted, not {type(value).__name__}")
    return value


def _truth(value: object) -> bool:
    if type(value) is not bool:
        raise TypeError(f"true or false is wanted, not {type(value).__name__}")
    return value
