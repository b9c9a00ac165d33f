from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

from export.gate import cpu
from export.gate.cpu import cpu_class


@pytest.fixture(autouse=True)
def _no_memory() -> Iterator[None]:
    cpu_class.cache_clear()
    yield
    cpu_class.cache_clear()


@pytest.mark.parametrize(
    ("machine", "flags", "name"),
    [
        ("x86_64", "fpu sse2 avx avx2 fma avx_vnni avx512f avx512bw avx512vl avx512_vnni", "x86-64 avx512-vnni"),
        ("x86_64", "avx avx2 fma avx512f avx512bw avx512vl", "x86-64 avx512"),
        ("AMD64", "avx avx2 fma avx_vnni", "x86-64 avx2-vnni"),
        ("x86_64", "avx avx2 fma", "x86-64 avx2"),
        ("x86_64", "sse2 avx", "x86-64 avx"),
        ("x86_64", "sse2", "x86-64 sse"),
        ("aarch64", "fp asimd asimddp i8mm", "arm64 i8mm"),
        ("arm64", "fp asimd asimddp", "arm64 dotprod"),
        ("aarch64", "fp asimd", "arm64 neon"),
        ("x86_64", "", "x86-64 unknown"),
        ("riscv64", "rv64", "riscv64 unknown"),
    ],
)
def test_the_class_is_the_widest_integer_arithmetic(
    monkeypatch: pytest.MonkeyPatch, machine: str, flags: str, name: str
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(cpu, "_flags", lambda: frozenset(flags.split()))
    assert cpu_class() == name


def test_linux_tells_the_flags(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "x86").write_text("processor\t: 0\nflags\t\t: sse2 avx\n\nflags\t\t: none\n")
    (tmp_path / "arm").write_text("processor\t: 0\nFeatures\t: asimd i8mm\n")
    for name, flags in (("x86", {"sse2", "avx"}), ("arm", {"asimd", "i8mm"}), ("missing", set())):
        monkeypatch.setattr(cpu, "Path", lambda _, name=name: tmp_path / name)
        assert cpu._flags() == flags


def test_this_machine_has_a_class() -> None:
    assert cpu_class().split()[0] in ("x86-64", "arm64", platform.machine().lower())
