"""The shape of the house: file sizes, one door, a light import."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import ondevice

ROOT = Path(__file__).parent.parent
PACKAGES = ("ondevice", "ondevice_integrations", "export")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
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


def named(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_files_stay_below_the_wall() -> None:
    assert len(SOURCES) > 300
    assert named([path for path in SOURCES if len(path.read_text("utf-8").splitlines()) > WALL_LINES]) == []


def test_no_file_has_a_catch_all_name() -> None:
    assert named([path for path in SOURCES if path.stem in {"utils", "helpers", "common", "misc"}]) == []


def test_the_door_is_complete_and_alphabetical() -> None:
    assert list(ondevice.__all__) == sorted(ondevice.__all__, key=str)
    for name in ondevice.__all__:
        assert getattr(ondevice, name) is not None


def test_import_loads_nothing_heavy() -> None:
    code = f"import sys, ondevice; print([name for name in {HEAVY!r} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_command_starts_without_what_only_some_commands_use() -> None:
    heavy = [name for name in HEAVY if name not in ("typer", "rich")]
    code = f"import sys, ondevice.cli; print([name for name in {heavy!r} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_every_package_ships_its_type_marker() -> None:
    for package in PACKAGES:
        assert (ROOT / package / "py.typed").exists()


POSSESSIVE_GROUP = re.compile(r"\)[*+?]\+")
NOT_BACKTRACKING = {"ondevice/importers/chats/json_stream.py", "ondevice/generation/grammar/formats.py"}
"""What the first repeats cannot be matched in two ways, and so it is matched rightly everywhere; the second has a list
of signs."""


def test_no_pattern_repeats_a_group_possessively() -> None:
    """Python before 3.11.5 matches less of such a pattern than stands there (CPython's issue 106052)."""
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for room in PACKAGES
        for path in sorted((ROOT / room).rglob("*.py"))
        if str(path.relative_to(ROOT)) not in NOT_BACKTRACKING
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if 'r"' in line and POSSESSIVE_GROUP.search(line.replace(r"\)", ""))
    ]
    assert found == []
