"""The report of a run: a document for programs, tables for readers, and both as files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from ondevice.errors import StorageError
from ondevice.evaluation.note_reading.asking import Scored
from ondevice.evaluation.note_reading.figures import (
    ALL_FOUND,
    ANY_FOUND,
    CITED,
    MADE_UP,
    SUPPORTED,
    TOKENS,
    CategoryCount,
    ConditionRow,
    Figure,
)
from ondevice.evaluation.note_reading.questions import (
    AFTER_FORGETTING,
    ANSWERED,
    RIGHT,
    RIGHTLY_REFUSED,
    WRONG,
    WRONGLY_REFUSED,
    Holder,
)
from ondevice.evaluation.note_reading.talks import F1, SAME_DATES
from ondevice.evaluation.note_reading.transcript import transcript_lines

ORDER = (
    RIGHT, WRONG, F1, SAME_DATES, WRONGLY_REFUSED, RIGHTLY_REFUSED, ANSWERED, AFTER_FORGETTING, ALL_FOUND, ANY_FOUND,
    CITED, SUPPORTED, MADE_UP, TOKENS,
)  # fmt: skip
"""The figures as tables list them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotesReport:
    """What a run found, with everything that was asked, for whoever wants to read it."""

    about: Mapping[str, Any]
    rows: Sequence[ConditionRow]
    scored: Sequence[Scored] = field(repr=False)
    holders: Sequence[Holder] = field(repr=False)

    def document(self) -> dict[str, Any]:
        """Return the figures as JSON has them."""
        return {"about": dict(self.about), "rows": [asdict(row) for row in self.rows]}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the report of :meth:`document`, without what was asked."""
        rows = [
            ConditionRow(
                condition=row["condition"],
                figures={name: Figure(**figure) for name, figure in row["figures"].items()},
                categories={name: CategoryCount(**count) for name, count in row["categories"].items()},
                seconds=row["seconds"],
            )
            for row in document["rows"]
        ]
        return cls(about=document["about"], rows=rows, scored=(), holders=())

    def figure_names(self) -> list[str]:
        """Return the figures that any condition has, in the tables' order."""
        return [name for name in ORDER if any(name in row.figures for row in self.rows)]

    def category_names(self) -> list[str]:
        """Return the categories that were asked."""
        return sorted({name for row in self.rows for name in row.categories})


def figure_lines(report: NotesReport) -> Iterator[list[str]]:
    """Yield the table of figures, a list of cells a line: its name, its questions, and a cell for each condition."""
    for name in report.figure_names():
        figures = [row.figures.get(name) for row in report.rows]
        counts = sorted({figure.n for figure in figures if figure is not None})
        n = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
        yield [name, n, *(_cell(figure, whole=name == TOKENS) for figure in figures)]
    yield ["seconds a question, median", "", *(f"{row.seconds:.2f}" for row in report.rows)]


def category_lines(report: NotesReport) -> Iterator[list[str]]:
    """Yield the table of categories: its name, and what each condition's answers gained, of so many."""
    for name in report.category_names():
        counts = [row.categories.get(name) for row in report.rows]
        yield [name, *("" if count is None else f"{_gained(count.total)}/{count.n}" for count in counts)]


def markdown_of(document: Mapping[str, Any]) -> str:
    """Return a written report as a Markdown page, with the command that made it."""
    report, command = NotesReport.from_document(document), document["command"]
    conditions = [row.condition for row in report.rows]
    lines = ["# Answers from notes", "", "```", command, "```", ""]
    lines += [f"- {name}: {value}" for name, value in report.about.items()]
    lines += ["", "Means over questions, with 95 % intervals by resampling people.", ""]
    lines += _table(["figure", "questions", *conditions], figure_lines(report))
    lines += ["", "Answered rightly, or refused where the notes do not say it, of all questions of a category"]
    lines[-1] += " (conversations: token F1, summed):"
    lines += ["", *_table(["category", *conditions], category_lines(report))]
    if told := document.get("transcript"):
        *told_lines, _ = transcript_lines(told)
        lines += ["", "## Some of the questions", "", "```text", *told_lines, "```"]
    return "\n".join([*lines, ""])


def write_notes_report(
    folder: Path, report: NotesReport, command: str, *, transcript: Sequence[Mapping[str, Any]] = ()
) -> list[Path]:
    """Write ``notes.json`` and ``notes.md`` into ``folder`` (created) and return their paths.

    Raises:
        StorageError: If the disk refuses.
    """
    document = {"command": command, **report.document(), **({"transcript": list(transcript)} if transcript else {})}
    written = {
        "notes.json": json.dumps(document, ensure_ascii=False, indent=1) + "\n",
        "notes.md": markdown_of(document),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in written.items():
            draft = folder / f".{name}.new"
            draft.write_text(text, encoding="utf-8")
            draft.replace(folder / name)  # so that a run that is killed leaves the report before, or the whole one
    except OSError as error:
        raise StorageError(f"the report in {folder.name!r} cannot be written: {error.strerror}") from None
    return [folder / name for name in written]


def _gained(total: float) -> str:
    return f"{total:.0f}" if total == round(total) else f"{total:.2f}"


def _cell(figure: Figure | None, *, whole: bool) -> str:
    if figure is None:
        return ""
    spoken = "{:.0f}" if whole else "{:.2f}"
    value = spoken.format(figure.value)
    if figure.low is None or figure.high is None:
        return value
    return f"{value} ({spoken.format(figure.low)} to {spoken.format(figure.high)})"


def _table(head: Sequence[str], lines: Iterator[list[str]]) -> list[str]:
    rows = [list(head), ["---"] * len(head), *lines]
    return ["| " + " | ".join(row) + " |" for row in rows]
