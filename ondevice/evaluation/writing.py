"""A run written down: one JSON file for programs, one Markdown file for readers, one HTML page with the plots."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from ondevice.errors import StorageError
from ondevice.evaluation.fold_answers import FOLD_FILE
from ondevice.evaluation.page import page_of
from ondevice.evaluation.panels import require_plots
from ondevice.evaluation.report import Report, markdown_of


def prepare_report(folder: Path) -> None:
    """Make the folder of a report, and try whether one can be written there: now, not after hours of measuring.

    Raises:
        StorageError: If the disk refuses.
        ImportError: If the plots' library is not installed; it names the install command.
    """
    require_plots()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StorageError(f"the report in {folder.name!r} cannot be written: {error.strerror}") from None


def write_report(folder: Path, report: Report) -> list[Path]:
    """Write ``lamp.json``, ``lamp.md`` and ``lamp.html`` into ``folder`` (created) and return their paths.

    Of a run that asked one fold, ``fold.json`` holds the answers, to be put together with the other fold's.

    Raises:
        StorageError: If the disk refuses.
        ImportError: If the plots' library is not installed; it names the install command.
    """
    written = {
        "lamp.json": json.dumps(report.document(), ensure_ascii=False, indent=1) + "\n",
        "lamp.md": markdown_of(report),
        "lamp.html": page_of(report),
    }
    if report.answers is not None:
        # Its ids and answers may be any text that JSON can write, also what UTF-8 cannot.
        written[FOLD_FILE] = json.dumps(report.answers.to_json(), indent=1) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in written.items():
            draft = folder / f".{name}.new"
            draft.write_text(text, encoding="utf-8")
            draft.replace(folder / name)  # so that a full disk leaves the file before, or the whole one
    except OSError as error:
        raise StorageError(f"the report in {folder.name!r} cannot be written: {error.strerror}") from None
    return [folder / name for name in written]
