"""The report of a run: a document for programs, tables for readers, and both as files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from ondevice.errors import StorageError
from ondevice.evaluation.harm.figures import Figure, OwnAgainstOther, StaleRow, WayRow
from ondevice.evaluation.harm.gate import Gate, Verdict
from ondevice.evaluation.harm.tables import (
    GATE_HEAD,
    OTHER_HEAD,
    STALE_HEAD,
    WAY_HEAD,
    gate_lines,
    kind_head,
    kind_lines,
    other_lines,
    stale_lines,
    way_lines,
)

_ABOUT_FIGURES = (
    "Means over users of each one's mean, with 95 % intervals by Student's t over users. Nats are those of the right",
    "answer, a token. What is lost is above 0. The p-values are those of what is lost: they flip the signs of users,",
    "and are adjusted by Holm for the number of ways with the own profile.",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Leak:
    """An answer that holds something of a profile that nobody asked for."""

    user: str
    way: str
    whose: str
    request: str = field(repr=False)
    answer: str = field(repr=False)
    pieces: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class HarmReport:
    """What a run found.

    Args:
        about: Who was asked, and with which models.
        rows: Each way's figures.
        others: How much more the own profile takes than another's.
        stale: What became of questions whose answer has changed; empty for histories of a data set.
        leaks: Some answers that hold something of a profile.
        gate: What the gate says, or ``None`` where none was asked for.
    """

    about: Mapping[str, Any]
    rows: Sequence[WayRow]
    others: Sequence[OwnAgainstOther]
    stale: Sequence[StaleRow]
    leaks: Sequence[Leak] = field(default=(), repr=False)
    gate: Gate | None = None

    def document(self) -> dict[str, Any]:
        """Return the figures as JSON has them."""
        return {
            "about": dict(self.about),
            "rows": [asdict(row) for row in self.rows],
            "own_against_other": [asdict(each) for each in self.others],
            "stale": [asdict(row) for row in self.stale],
            "leaks": [asdict(leak) for leak in self.leaks],
            "gate": None if self.gate is None else {**asdict(self.gate), "is_open": self.gate.is_open},
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the report of :meth:`document`."""
        gate = document["gate"]
        return cls(
            about=document["about"],
            rows=[WayRow(**_figured(row)) for row in document["rows"]],
            others=[OwnAgainstOther(**_figured(each)) for each in document["own_against_other"]],
            stale=[StaleRow(**_figured(row)) for row in document["stale"]],
            leaks=[Leak(**{**leak, "pieces": tuple(leak["pieces"])}) for leak in document["leaks"]],
            gate=None if gate is None else Gate(verdicts=[Verdict(**each) for each in gate["verdicts"]]),
        )


def markdown_of(document: Mapping[str, Any]) -> str:
    """Return a written report as a Markdown page, with the command that made it."""
    report = HarmReport.from_document(document)
    lines = ["# Harm where no history is needed", "", "```", document["command"], "```", ""]
    lines += [f"- {name}: {value}" for name, value in report.about.items()]
    lines += ["", *_ABOUT_FIGURES]
    lines += ["", *_table(WAY_HEAD, way_lines(report.rows))]
    lines += ["", "## Nats lost by what is asked", "", *_table(kind_head(report.rows), kind_lines(report.rows))]
    if report.others:
        lines += ["", "## The own profile against another's", "", *_table(OTHER_HEAD, other_lines(report.others))]
    if report.stale:
        lines += ["", "## Answers that have changed", "", *_table(STALE_HEAD, stale_lines(report.stale))]
    if report.gate is not None:
        lines += ["", f"## The gate is {'open' if report.gate.is_open else 'closed'}", ""]
        lines += _table(GATE_HEAD, gate_lines(report.gate))
    if report.leaks:
        lines += ["", "## Some answers that hold something of the profile", ""]
        lines += [*_table(("user", "way", "request", "answer", "leaked"), _leak_lines(report.leaks))]
    return "\n".join([*lines, ""])


def write_harm_report(folder: Path, report: HarmReport, command: str) -> list[Path]:
    """Write ``harm.json`` and ``harm.md`` into ``folder`` (created) and return their paths.

    Raises:
        StorageError: If the disk refuses.
    """
    # As a program would read it, so that a page made again from the file is the same.
    document = json.loads(json.dumps({"command": command, **report.document()}))
    written = {
        "harm.json": json.dumps(document, ensure_ascii=False, indent=1) + "\n",
        "harm.md": markdown_of(document),
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


def _figured(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: Figure(**value) if _is_figure(value) else value for name, value in row.items()}


def _is_figure(value: object) -> bool:
    return isinstance(value, Mapping) and "n_users" in value


def _leak_lines(leaks: Sequence[Leak]) -> Iterator[list[str]]:
    for leak in leaks:
        way = leak.way if leak.whose == "own" else f"{leak.way}, another's profile"
        said = (" ".join(text.split()).replace("|", "\\|") for text in (leak.request, leak.answer))
        yield [leak.user, way, *said, ", ".join(leak.pieces)]


def _table(head: Sequence[str], lines: Iterator[list[str]]) -> list[str]:
    rows = [list(head), ["---"] * len(head), *lines]
    return ["| " + " | ".join(row) + " |" for row in rows]
