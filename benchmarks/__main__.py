"""Run the benchmarks named, or all, and write their results.

Run it as ``python -m benchmarks [vault|search|generation|encoders|adapters]``; the last two need the evaluation data and
the extra ``export``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console

from benchmarks import adapter_cases, encoder_cases, generation_cases, machine, report, search_cases, vault_cases
from benchmarks.measure import Row
from ondevice.config import default_models_dir

SUITES: dict[str, Callable[[Path], Iterator[Row]]] = {
    "vault": vault_cases.run,
    "search": search_cases.run,
    "generation": generation_cases.run,
    "encoders": encoder_cases.run,
    "adapters": adapter_cases.run,
}


def main(names: list[str]) -> int:
    """Measure, print each row as it comes, write the results; return 1 if an aim was missed."""
    console = Console(stderr=True)
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        console.print(f"no such benchmark: {', '.join(unknown)} (there are {', '.join(SUITES)})")
        return 2
    missed = 0
    facts = machine.describe()  # before the first result is written, which would make the tree look changed
    for name in names or list(SUITES):
        rows = []
        for row in SUITES[name](default_models_dir()):
            rows.append(row)
            missed += row.verdict == "MISSED"
            figures = f"{row.median:.4g} {row.unit} [{row.low:.3g} … {row.high:.3g}]"
            console.print(f"{row.case} · {row.condition}: {figures} {row.verdict}")
        console.print(f"wrote {report.write(name, facts, rows)}")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
