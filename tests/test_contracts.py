"""Every import contract breaks where it is violated: a violation of each is planted in a copy of the packages."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("ondevice", "ondevice_integrations", "export")
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
    "contracts"
]
NAMES = [contract["name"] for contract in CONTRACTS]
EVERYWHERE = {"_typeshed", "filelock", "lazy_loader", "numpy", "platformdirs"}
"""Foreign libraries that no room keeps to itself; the first is there for the type checker alone."""
BY_HAND: Mapping[str, Mapping[str, str]] = {
    "the device never imports the server": {"ondevice.personalizer": "import export.drafting"},
    "neither the device nor the server imports the integrations": {
        "ondevice.words": "import ondevice_integrations",
        "export.drafting": "import ondevice_integrations",
    },
    "the integrations import what any app may": {
        "ondevice_integrations.profiles": "import ondevice.config",
        "ondevice_integrations.ledger": "import ondevice.vault.events\nimport export.drafting",
    },
    "the integrations open no connection of their own": {
        "ondevice_integrations.profiles": "import socket",
        "ondevice_integrations.mcp.session": "import asyncio\nimport starlette\nimport uvicorn",
        "ondevice_integrations.server.desk": "import socket\nimport urllib\nimport uvicorn",
    },
    "each foreign library of the integrations has one room": {
        "ondevice_integrations.profiles": "import anyio\nimport mcp\nimport mcp_types\nimport pydantic"
    },
    "adaptation never touches stores": {"ondevice.adaptation.lessons.pairs": "import ondevice.importers.notes"},
    "statistics know neither models nor data": {
        "ondevice.evaluation.statistics.power": "import ondevice.generation.prompts.texts"
    },
    "the server never touches keys, stores or profiles": {"export.drafting": "import ondevice.vault.times"},
    "ondevice is layered": {"ondevice.errors": "import ondevice.words"},
    "export is layered": {"export.drafting": "import export.gate"},
    "the integrations are layered": {"ondevice_integrations.secrets_in": "import ondevice_integrations.profiles"},
}
"""Contract → module → lines that must not stand there, for contracts that are not about all of ondevice."""
FOREIGN = {name for name in NAMES if name not in BY_HAND}
ROOMS = sorted(path.parent for path in (ROOT / "ondevice").rglob("__init__.py") if any(path.parent.glob("[a-z]*.py")))
LOOSE = ("ondevice", "ondevice.personalizer", "ondevice.words")
PLACES = (
    *LOOSE,
    *(".".join(min(room.glob("[a-z]*.py")).relative_to(ROOT).with_suffix("").parts) for room in ROOMS[1:]),
)
"""Where foreign libraries are planted: in loose modules, and in one module of every room and room within it."""

DRIVER = """
import contextlib, io, json, sys
from pathlib import Path

import grimp
from importlinter.cli import lint_imports

told = []
for plants in json.load(sys.stdin):
    before = {name: Path(name).read_text("utf-8") for name in plants}
    for name, lines in plants.items():
        Path(name).write_text(before[name] + "\\n" + lines + "\\n", "utf-8")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = lint_imports(config_filename="pyproject.toml", cache_dir=".cache")
    told.append((code, said.getvalue()))
    for name, text in before.items():
        Path(name).write_text(text, "utf-8")
graph = grimp.build_graph("ondevice", include_external_packages=True, cache_dir=None)
foreign = {name for name in graph.modules if name.split(".")[0] != "ondevice"}
print(json.dumps([told, sorted(foreign)]))
"""


@dataclass(frozen=True)
class Told:
    """What import-linter said of planted violations, and of the packages as they are."""

    code: int
    text: str

    @property
    def broken(self) -> set[str]:
        return {name for name in NAMES if f"{name} BROKEN" in self.text}

    def refused(self, name: str) -> set[str]:
        """Return the imports that one contract refused."""
        section = re.search(rf"^{re.escape(name)}\n-+\n(.*?)(?=^[^\n]+\n-+\n|\Z)", self.text, re.MULTILINE | re.DOTALL)
        return set() if section is None else set(re.findall(r"(\S+ -> \S+) \(l\.", section[1]))


def may(contract: Mapping[str, Any], module: str) -> bool:
    """Whether a contract's exceptions name the module, or the room it is in."""
    excepted = [line.split(" -> ")[0] for line in contract.get("ignore_imports", ())]
    return any(module == one or (one.endswith("**") and module.startswith(one[:-2])) for one in excepted)


def planted(contract: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return module → import lines that this contract, and no other, must refuse."""
    if contract["name"] in BY_HAND:
        return {module: lines.splitlines() for module, lines in BY_HAND[contract["name"]].items()}
    lines = [f"import {name}" for name in contract["forbidden_modules"]]
    return {module: lines for module in PLACES if not may(contract, module)}


def path_of(module: str) -> str:
    path = module.replace(".", "/")
    return f"{path}/__init__.py" if (ROOT / path).is_dir() else f"{path}.py"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Told], set[str]]:
    """Plant the violations in one copy, and return what was said of each contract's, and ondevice's imports.

    Imports of foreign libraries lead nowhere further, so those of all contracts are planted together.
    """
    place = tmp_path_factory.mktemp("planted")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, place / package, ignore=shutil.ignore_patterns("__pycache__", "*.json*"))
    shutil.copy(ROOT / "pyproject.toml", place)
    together: dict[str, list[str]] = {}
    for contract in CONTRACTS:
        if contract["name"] in FOREIGN:
            for module, lines in planted(contract).items():
                together.setdefault(path_of(module), []).extend(lines)
    by_hand = [{path_of(module): line for module, line in plants.items()} for plants in BY_HAND.values()]
    plants = [{}, {path: "\n".join(lines) for path, lines in together.items()}, *by_hand]
    result = subprocess.run(
        [sys.executable, "-c", DRIVER],
        cwd=place,
        input=json.dumps(plants),
        env={**os.environ, "COLUMNS": "1000", "NO_COLOR": "1", "PYTHONPATH": str(place)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    said, foreign = json.loads(result.stdout)
    untouched, foreigners, *others = (Told(*one) for one in said)
    alone = dict(zip(BY_HAND, others, strict=True))
    return {"": untouched, **dict.fromkeys(FOREIGN, foreigners), **alone}, set(foreign)


Outcome = tuple[dict[str, Told], set[str]]


def test_the_packages_as_they_are_break_no_contract(told: Outcome) -> None:
    assert (told[0][""].code, told[0][""].broken) == (0, set()), told[0][""].text


@pytest.mark.parametrize("contract", CONTRACTS, ids=NAMES)
def test_a_violation_breaks_the_contract_and_no_other(told: Outcome, contract: dict[str, Any]) -> None:
    name = contract["name"]
    said = told[0][name]
    assert (said.code, said.broken) == (1, FOREIGN if name in FOREIGN else {name}), said.text
    assert said.refused(name) == {
        f"{module} -> {line.removeprefix('import ')}" for module, lines in planted(contract).items() for line in lines
    }


def test_no_contract_is_without_a_planted_violation() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert BY_HAND.keys() <= set(NAMES)
    for contract in CONTRACTS:
        assert planted(contract), contract["name"]
        if contract["name"] not in BY_HAND:
            assert contract["source_modules"] == ["ondevice"]
            assert set(LOOSE[1:]) < planted(contract).keys()
            excepted = set(PLACES) - planted(contract).keys()
            rooms = {place.split(".")[1] for place in excepted}
            assert len(rooms) <= 1 or len(excepted) <= 2, "an exception is for one room, or for single modules"


def test_no_library_is_outside_the_contracts(told: Outcome) -> None:
    named = {name for contract in CONTRACTS for name in contract.get("forbidden_modules", ())}
    assert told[1] - named - sys.stdlib_module_names == EVERYWHERE


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_is_imported_behind_the_contracts_back(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        assert "__import__" not in path.read_text("utf-8"), path
