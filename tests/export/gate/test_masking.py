from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

from export.errors import ConversionError
from export.gate.masking import NO_AVX512, NO_VNNI, masked
from ondevice.errors import NotFoundError


def put(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a gdb that runs its program as it is, and an objdump that finds two instructions."""
    put(tmp_path / "bin", "gdb", 'while [ "$1" != --args ]; do shift; done\nshift\nexec "$@"')
    put(tmp_path / "bin", "objdump", "echo '  a0:\tcpuid'\necho '  b1:\tret'\necho ' 1c2:\tcpuid'")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    return tmp_path / "bin"


@pytest.mark.usefixtures("programs")
def test_the_script_is_valid_knows_the_places_and_goes_away() -> None:
    with masked(NO_VNNI) as runner:
        script = Path(runner[runner.index("-x") + 1])
        text = script.read_text()
        assert subprocess.run([*runner, "echo", "hello"], capture_output=True, text=True).stdout == "hello\n"
    ast.parse(text)
    assert "[160, 450]" in text
    assert "'rcx': (11,)" in text
    assert not script.parent.exists()


@pytest.mark.parametrize("missing", ["gdb", "objdump"])
def test_a_program_that_is_missing_is_named(programs: Path, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    (programs / missing).unlink()
    monkeypatch.setenv("PATH", str(programs))
    with pytest.raises(NotFoundError, match=f"{missing} is not installed"), masked(NO_VNNI):
        pytest.fail("nothing is masked")


def test_a_library_without_the_question_is_refused(programs: Path) -> None:
    put(programs, "objdump", "echo '  b1:\tret'")
    with pytest.raises(ConversionError, match="objdump finds no cpuid instruction"), masked(NO_AVX512):
        pytest.fail("nothing is masked")


def test_hiding_avx512_hides_vnni_too() -> None:
    for less, more in zip(NO_VNNI, NO_AVX512, strict=True):
        assert all(set(bits) <= set(more[register]) for register, bits in less.items())
