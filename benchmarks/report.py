"""Draw the kept results: ``python -m benchmarks.report [FOLDER]``, or ``make report``.

Pages and pictures are made of the files in ``results/``; no model is run. They lie in FOLDER (``build/report``) as the
results do in theirs.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.kept_run import LAMP, TRIALS, read_lamp, read_trials
from benchmarks.private_plot import privacy_plot
from benchmarks.recipe_plot import regret_plot
from benchmarks.study import RESULTS
from benchmarks.tables import read_rows
from export.gate.report import plots_of, write_plots
from ondevice.evaluation.page import page_of

_OUT = Path(__file__).parents[1] / "build" / "report"


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw all that is kept, and say where it lies."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=_OUT)
    given = parser.parse_args(arguments)
    console = Console(stderr=True)
    for path in draw_all(RESULTS, given.folder):
        console.print(str(path), soft_wrap=True)


def draw_all(results: Path, out: Path) -> Iterator[Path]:
    """Draw every kept file below ``results`` that has pictures, and yield the path of each picture or page."""
    for path in sorted(results.rglob("*.json")):
        if path.name in _DRAWERS:
            folder = out / path.parent.relative_to(results)
            folder.mkdir(parents=True, exist_ok=True)
            yield from _DRAWERS[path.name](path, folder)


def _draw_lamp(path: Path, folder: Path) -> list[Path]:
    return [_written(folder / "lamp.html", page_of(read_lamp(path)))]


def _draw_trials(path: Path, folder: Path) -> list[Path]:
    return write_plots(folder, plots_of(read_trials(path)))


def _draw_searches(path: Path, folder: Path) -> list[Path]:
    return [_written(folder / "recipe-search.svg", regret_plot(read_rows(path)))]


def _draw_privacy(path: Path, folder: Path) -> list[Path]:
    return [_written(folder / "privacy.svg", privacy_plot(read_rows(path)))]


_DRAWERS = {
    LAMP: _draw_lamp,
    TRIALS: _draw_trials,
    "recipe-search.json": _draw_searches,
    "privacy.json": _draw_privacy,
}
"""What has pictures, by the kept file's name."""


def _written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


if __name__ == "__main__":
    main()
