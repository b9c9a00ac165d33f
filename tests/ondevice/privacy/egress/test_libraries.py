"""ELF files tell which functions they take from others."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ondevice.privacy.egress.libraries import read_library, undefined_names
from tests.ondevice.privacy.egress.faults import compile_native


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return compile_native(tmp_path, "connect(socket(2, 1, 0), to, 16);")


def test_functions_of_the_network_are_named(library: Path) -> None:
    read = read_library(library)
    assert (read.name, read.owner, read.functions) == ("native.so", "the system", ("connect", "socket"))


def test_a_librarys_own_functions_are_not_taken_from_others(tmp_path: Path) -> None:
    source = tmp_path / "own.c"
    source.write_text("int connect(void) { return 0; }")
    subprocess.run(["cc", "-shared", "-fPIC", "-w", "-o", tmp_path / "own.so", source], check=True)
    assert read_library(tmp_path / "own.so").functions == ()


def test_the_names_agree_with_what_the_systems_own_tool_reads(library: Path) -> None:
    told = subprocess.run(["nm", "-D", "--undefined-only", library], capture_output=True, text=True, check=True)
    expected = {line.split()[-1].partition("@")[0] for line in told.stdout.splitlines()}
    assert undefined_names(library.read_bytes()) == expected


def test_what_cannot_be_read_says_so(library: Path, tmp_path: Path) -> None:
    content = library.read_bytes()
    for number, damaged in enumerate([b"", b"MZ" + content, content[: len(content) // 2], content[:70]]):
        path = tmp_path / f"{number}.so"
        path.write_bytes(damaged)
        assert read_library(path).functions is None
    assert read_library(tmp_path / "missing.so").functions is None


def test_a_packages_library_names_its_package(tmp_path: Path) -> None:
    assert read_library(tmp_path / "site-packages" / "some_package" / "lib.so").owner == "some_package"
