"""The shape of the house: file sizes, one door, a light import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import ondevice

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for package in ("ondevice", "export") for path in (ROOT / package).rglob("*.py"))
WALL_LINES = 400
HEAVY = (
    "torch",
    "onnxruntime",
    "llama_cpp",
    "hnswlib",
    "tokenizers",
    "sqlcipher3",
    "sqlite_utils",
    "numpy",
    "typer",
    "rich",
    "keyring",
)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_stays_below_the_wall(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= WALL_LINES


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_has_no_catch_all_name(path: Path) -> None:
    assert path.stem not in {"utils", "helpers", "common", "misc"}


def test_the_door_is_complete_and_alphabetical() -> None:
    assert list(ondevice.__all__) == sorted(ondevice.__all__, key=str)
    for name in ondevice.__all__:
        assert getattr(ondevice, name) is not None


def test_import_loads_nothing_heavy() -> None:
    code = f"import sys, ondevice; print([name for name in {HEAVY!r} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_every_package_ships_its_type_marker() -> None:
    assert (ROOT / "ondevice" / "py.typed").exists()
    assert (ROOT / "export" / "py.typed").exists()
