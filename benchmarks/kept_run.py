"""Keep what a run reported, in little: ``python -m benchmarks.kept_run FILE FOLDER``.

FILE is a ``lamp.json`` that ``ondevice eval lamp`` wrote, a ``notes.json`` of ``ondevice eval notes``, a
``harm.json`` of ``ondevice eval harm``, a ``results.json`` that ``ondevice-export`` wrote of a conversion, or what
``ondevice eval retrieval --json`` printed; FOLDER is one of ``results/``. The kept file has the same name, and its
tables stand beside it as Markdown.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks.study import read_study, write_study
from export.gate.report import Trials
from export.gate.report import markdown_of as trials_markdown
from ondevice.evaluation.harm.report import markdown_of as harm_markdown
from ondevice.evaluation.note_reading.report import markdown_of as notes_markdown
from ondevice.evaluation.report import Report
from ondevice.evaluation.report import markdown_of as lamp_markdown

LAMP, NOTES, HARM = "lamp.json", "notes.json", "harm.json"
TRIALS = "results.json"
_DRAWN = "\n`make report` draws quality against speed and against size.\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Keep the file that is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args(arguments)
    keep(given.file, given.folder)


def keep(file: Path, folder: Path) -> None:
    """Write the kept form of a run's file into a folder, and its Markdown, made of what is kept."""
    document = read_study(file)
    document.pop("written", None)
    path = folder / file.name
    write_study(path, document)
    text = markdown_of(path)
    if text is not None:
        (folder / ("report.md" if path.name == TRIALS else f"{path.stem}.md")).write_text(text, "utf-8")


def read_lamp(path: Path) -> Report:
    """Return a kept evaluation."""
    return Report.from_document(read_study(path))


def read_trials(path: Path) -> Trials:
    """Return a kept conversion."""
    return Trials.from_document(read_study(path))


def markdown_of(path: Path) -> str | None:
    """Return the tables of a kept run, or nothing where it has none."""
    if path.name == LAMP:
        return lamp_markdown(read_lamp(path))
    if path.name == NOTES:
        return notes_markdown(read_study(path))
    if path.name == HARM:
        return harm_markdown(read_study(path))
    if path.name == TRIALS:
        return trials_markdown(read_trials(path)) + _DRAWN
    return None


if __name__ == "__main__":
    main()
