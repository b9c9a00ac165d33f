"""Draw what the kept run has shown, for the documentation: ``python docs/draw_evaluation.py``."""

from __future__ import annotations

from pathlib import Path

from benchmarks.kept_run import read_lamp
from ondevice.evaluation.effect_plot import effect_plot

ROOT = Path(__file__).parents[1]
RUNS = {"evaluation-retrieval": "smollm2-135m-folds", "evaluation-adapters": "smollm2-135m-folds/adapters"}
"""Picture → the run's folder below ``benchmarks/results/lamp``."""


def main() -> None:
    """Write every picture beside the page that shows it."""
    for name, run in RUNS.items():
        report = read_lamp(ROOT / "benchmarks" / "results" / "lamp" / run / "lamp.json")
        picture = effect_plot(report.findings)
        if "xmlns=" not in picture[:300]:
            picture = picture.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
        (ROOT / "docs" / "explanation" / f"{name}.svg").write_text(picture, "utf-8")


if __name__ == "__main__":
    main()
