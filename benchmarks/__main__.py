"""Run the benchmarks named and write their results: ``python -m benchmarks [NAME …]``.

Without names those run that need nothing but the models and, for ``adaptation``, the extra ``adapt``. The others also
need the extra ``export`` and the evaluation data, in the folder that ``ONDEVICE_DATA`` names (``lamp/``, ``locomo/``).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console

from benchmarks import (
    adaptation_cases,
    adapter_cases,
    busy_cases,
    encoder_cases,
    generation_cases,
    import_cases,
    machine,
    merged_cases,
    passage_cases,
    passage_costs,
    persona_cases,
    private_cases,
    quantization_cases,
    recipe_cases,
    search_cases,
    selector_cases,
    tables,
    vault_cases,
)
from benchmarks.lamp_answers import DATA
from benchmarks.measure import Row
from ondevice.config import default_models_dir

SUITES: dict[str, Callable[[Path], Iterator[Row]]] = {
    "vault": vault_cases.run,
    "search": search_cases.run,
    "import": import_cases.run,
    "generation": generation_cases.run,
    "adaptation": adaptation_cases.run,
    "busy": busy_cases.run,
    "merged": merged_cases.run,
    "recipe-search": recipe_cases.run,
    "selector": selector_cases.run,
    "persona": persona_cases.run,
    "privacy": private_cases.run,
    "passage-costs": passage_costs.run,
}
WITH_DATA: dict[str, Callable[[Path], Iterator[Row]]] = {
    "encoders": encoder_cases.run,
    "default-encoder": encoder_cases.run_default,
    "quantization": quantization_cases.run,
    "adapters": adapter_cases.run,
    "passages": passage_cases.run,
}


def main(names: list[str]) -> int:
    """Measure, print each row as it comes, write the results; return 1 if an aim was missed."""
    console = Console(stderr=True)
    every = {**SUITES, **WITH_DATA}
    unknown = [name for name in names if name not in every]
    if unknown:
        console.print(f"no such benchmark: {', '.join(unknown)} (there are {', '.join(every)})")
        return 2
    if WITH_DATA.keys() & set(names) and not DATA.is_dir():
        console.print(f"the evaluation data is not at {DATA}: name its folder in ONDEVICE_DATA")
        return 2
    missed = 0
    facts = machine.describe()  # before the first result is written, which would make the tree look changed
    for name in names or list(SUITES):
        rows = []
        for row in every[name](default_models_dir()):
            rows.append(row)
            missed += row.verdict == "MISSED"
            figures = f"{row.median:.4g} {row.unit} [{row.low:.3g} … {row.high:.3g}]"
            console.print(f"{row.case} · {row.condition}: {figures} {row.verdict}")
        console.print(f"wrote {tables.write(name, facts, rows)}")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
