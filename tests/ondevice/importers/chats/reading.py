"""Reads an invented export and sorts what comes of it."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ondevice.importers.found import Format, Found, ReadOptions, Skipped
from ondevice.importers.source import Source


@dataclass
class Read:
    found: list[Found]
    skipped: list[Skipped]

    @property
    def texts(self) -> list[str]:
        return [each.draft.text for each in self.found]

    @property
    def reasons(self) -> list[str]:
        return [each.reason for each in self.skipped]


def read(form: Format, path: Path, **options: Any) -> Read:
    source = Source(path)
    assert form.fits(source)
    return read_anyway(form, path, **options)


def read_anyway(form: Format, path: Path, **options: Any) -> Read:
    every = list(form.read(Source(path), ReadOptions(**options)))
    return Read(
        [each for each in every if isinstance(each, Found)], [each for each in every if isinstance(each, Skipped)]
    )


def write_json(path: Path, value: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), "utf-8")
    return path


def zipped(folder: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for each in sorted(folder.rglob("*")):
            if each.is_file():
                archive.write(each, each.relative_to(folder).as_posix())
    return path
