from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from export.errors import ConversionError
from export.gate import emulation
from export.gate.emulation import EMULATED, EmulatedCpu, measure_emulated
from ondevice.bundle import Bundle
from ondevice.errors import NotFoundError
from ondevice.retrieval.encoding.encoder import Encoder
from tests.tiny_models import make_tiny_encoder

TEXTS = ["the train to paris", "tea and cake"]


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return make_tiny_encoder(tmp_path / "e")


@pytest.fixture
def emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program where qemu would be that runs what it is given on this very CPU."""
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / emulation.QEMU
    script.write_text('#!/bin/sh\n[ "$1" = -cpu ] || exit 9\nshift 2\nexec "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(sys, "platform", "linux")


def cpu(*, has: tuple[str, ...] = (), lacks: tuple[str, ...] = ()) -> dict[str, EmulatedCpu]:
    return {"here": EmulatedCpu(model="Here", cpu="x86-64 here", has=frozenset(has), lacks=frozenset(lacks))}


@pytest.mark.usefixtures("emulator")
def test_results_carry_the_emulated_class(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulation, "EMULATED", cpu(lacks=("NO_SUCH_THING",)))
    with Encoder.open(bundle) as reference:
        found = measure_emulated(reference, bundle.folder, TEXTS, emulate="here", data="tiny")
    assert [(each.measure, each.data, each.n, each.cpu) for each in found.results()] == [
        (name, "tiny", 2, "x86-64 here") for name in ("cosine_mean", "cosine_p1", "cosine_worst", "cosine_across_cpus")
    ]
    assert found.to_native.cosine_worst == pytest.approx(1.0)


@pytest.mark.usefixtures("emulator")
def test_an_emulator_that_emulates_another_cpu_is_refused(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulation, "EMULATED", cpu(has=("NO_SUCH_THING",)))
    with (
        Encoder.open(bundle) as reference,
        pytest.raises(ConversionError, match="lacks NO_SUCH_THING, so it does not stand for x86-64 here"),
    ):
        measure_emulated(reference, bundle.folder, TEXTS, emulate="here")


def test_without_qemu_there_is_an_error_and_no_silence(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(bundle.folder))
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(sys, "platform", "linux")
    with Encoder.open(bundle) as reference:
        with pytest.raises(NotFoundError, match="qemu-x86_64 is not installed") as caught:
            measure_emulated(reference, bundle.folder, TEXTS, emulate="haswell")
        assert caught.value.hint == "run: apt-get install qemu-user"
        with pytest.raises(ValueError, match="no emulated CPU 'zen'; there are: haswell, avx2, avx512"):
            measure_emulated(reference, bundle.folder, TEXTS, emulate="zen")
        monkeypatch.setattr(platform, "machine", lambda: "aarch64")
        with pytest.raises(ConversionError, match="on Linux on x86-64 only, not on aarch64"):
            measure_emulated(reference, bundle.folder, TEXTS, emulate="haswell")


def test_a_cpu_can_only_be_made_less(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(emulation, "cpu_class", lambda: "x86-64 avx2")
    with (
        Encoder.open(bundle) as reference,
        pytest.raises(ConversionError, match="this CPU, x86-64 avx2, cannot stand for x86-64 avx512"),
    ):
        measure_emulated(reference, bundle.folder, TEXTS, emulate="avx512")


def test_what_is_emulated_has_no_feature_that_it_must_not_have() -> None:
    assert all(not each.has & each.lacks for each in EMULATED.values())
