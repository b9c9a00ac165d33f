"""What a check reports: what it found wrong, what it measured, and what it did not look at.

None of it may hold the user's text, a key, or a vector: a report is made to be shown to others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

Level = Literal["note", "low", "medium", "high"]
"""How much a finding matters: a ``note`` weakens no promise; ``low`` weakens one; ``medium`` breaks one for somebody
with special means; ``high`` breaks one."""
LEVELS: tuple[Level, ...] = get_args(Level)

Verdict = Literal["passed", "noted", "failed", "not run"]
Value: TypeAlias = "str | int | float | bool | None"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    Args:
        code: What kind of thing, as ``at-rest/file-mode``; the same in every release.
        level: How much it matters.
        text: What was found, in one sentence, with counts and places but nothing of the user's.
        hint: What to do about it.
    """

    code: str
    level: Level
    text: str
    hint: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One thing that was measured or counted: ``Fact(name="bytes read", value=81920)``."""

    name: str
    value: Value
    unit: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Rows of values under a header; every row is as long as the header."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]

    def __post_init__(self) -> None:
        """Refuse a row of another length."""
        if any(len(row) != len(self.header) for row in self.rows):
            raise ValueError(f"every row of {self.title!r} must have {len(self.header)} values")


@dataclass(frozen=True, kw_only=True, slots=True)
class Plot:
    """Points to draw, where a figure says more than a table.

    Args:
        title: What it shows.
        x_label: What goes from left to right.
        y_label: What goes upwards.
        lines: Name of a line → its points, in the order of x.
    """

    title: str
    x_label: str
    y_label: str
    lines: tuple[tuple[str, tuple[tuple[float, float], ...]], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """What one check has to say.

    Args:
        name: The check's name, as ``at-rest``.
        title: The same for a person, as "At rest".
        question: What was asked, in one sentence that a lay reader understands.
        findings: What is not as it should be; empty where all is well.
        facts: What was measured.
        tables: More of it.
        plots: And drawn.
        not_tested: What this check could not or did not look at, one sentence each. Never empty: every test has limits.
        seconds: How long it took; the run fills it in.
        was_run: Whether it was run at all; ``not_tested`` then says why not.
    """

    name: str
    title: str
    question: str
    findings: tuple[Finding, ...] = ()
    facts: tuple[Fact, ...] = ()
    tables: tuple[Table, ...] = ()
    plots: tuple[Plot, ...] = ()
    not_tested: tuple[str, ...] = ()
    seconds: float = 0.0
    was_run: bool = True

    @property
    def worst(self) -> Level | None:
        """The gravest level among the findings; ``None`` without any."""
        return worst_of(self.findings)

    @property
    def verdict(self) -> Verdict:
        """``failed`` where something is ``medium`` or ``high``, ``noted`` where something less is, or ``passed``."""
        if not self.was_run:
            return "not run"
        worst = self.worst
        if worst is None:
            return "passed"
        return "failed" if LEVELS.index(worst) >= LEVELS.index("medium") else "noted"


def worst_of(findings: Sequence[Finding]) -> Level | None:
    """Return the gravest level among findings; ``None`` without any."""
    return max((finding.level for finding in findings), key=LEVELS.index, default=None)
