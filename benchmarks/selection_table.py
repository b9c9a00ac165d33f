"""What choosing a retriever for each request is worth, as the kept file and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.study import RESULTS as ALL_RESULTS
from benchmarks.study import read_study, write_study

RESULTS = ALL_RESULTS / "selection" / "selection.json"


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What one way of choosing is worth: the mean reward of each task, and their mean with its interval over users."""

    name: str
    by_task: dict[str, float]
    mean: float
    low: float
    high: float
    lead: float
    lead_low: float
    lead_high: float
    success: float


@dataclass(frozen=True, kw_only=True)
class Selection:
    """All that was measured.

    Args:
        machine: What it was measured on.
        settings: What the command was given, without the files.
        n: Questions.
        n_users: Users who asked them.
        n_retrievers: What there was to choose from.
        k: Items that each retriever finds.
        best: The best single retriever here, over which the others lead.
        rows: Each way of choosing.
    """

    machine: Mapping[str, str]
    settings: str
    n: int
    n_users: int
    n_retrievers: int
    k: int
    best: str
    rows: Sequence[Worth]


def write(path: Path, selection: Selection) -> None:
    """Write the kept file, and its table beside it."""
    write_study(path, asdict(selection))
    path.with_suffix(".md").write_text(markdown_of(path), "utf-8")


def markdown_of(path: Path) -> str:
    """Return the table of a kept file."""
    document = read_study(path)
    found = Selection(**{**document, "rows": [Worth(**row) for row in document["rows"]]})
    tasks = list(found.rows[0].by_task)
    lines = [
        "# selection",
        "",
        f"Reproduce: `python -m benchmarks.selection LAMP MODELS {found.settings} --answers … --train … --selector …` "
        "([results](../lamp/README.md) has the commands before it)",
        "",
        f"{found.n} dev questions of {found.n_users} users, {found.n_retrievers} retrievers with {found.k} items; "
        f"rewards from 0 to 1 (LaMP-3: 1 less the error's share of the worst); the lead is over {found.best!r}, the "
        "best single one here; intervals by resampling users.",
        "",
        f"| choice | {' | '.join(tasks)} | mean | 95 % | lead | 95 % | a best one |",
        f"|---|{'--:|' * (len(tasks) + 5)}",
    ]
    for each in found.rows:
        shown = " | ".join(f"{each.by_task[task]:.3f}" for task in tasks)
        lines.append(
            f"| {each.name} | {shown} | {each.mean:.3f} | {each.low:.3f} to {each.high:.3f} "
            f"| {each.lead:+.3f} | {each.lead_low:+.3f} to {each.lead_high:+.3f} | {each.success:.0%} |"
        )
    return "\n".join(lines) + "\n"
