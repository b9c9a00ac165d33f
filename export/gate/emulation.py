"""The same bundle on another class of CPU: is what int8 computes there still right?

Without VNNI, signed 8-bit weights can overflow the 16-bit sums of two products. Two ways show it on a machine that has
VNNI: qemu emulates a Haswell (7.2 or later; a second a short text), and gdb hides features of this CPU (full speed).
qemu emulates no AVX-512, and on the processors before AVX2 that it emulates onnxruntime ends with an illegal
instruction, so those classes are not offered.
"""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from export.errors import ConversionError
from export.gate.child import TIMEOUT_S, ChildRun, run_child
from export.gate.cpu import cpu_class
from export.gate.masking import NO_AVX512, NO_VNNI, Mask, masked
from export.gate.vectors import TextEncoder, VectorParity, compare_vectors, encode
from ondevice.bundle import GateResult
from ondevice.errors import NotFoundError

QEMU = "qemu-x86_64"


@dataclass(frozen=True, kw_only=True, slots=True)
class EmulatedCpu:
    """One CPU that this machine can stand for: by qemu where a model is named, else by hiding features.

    Args:
        cpu: Its class, as :func:`export.gate.cpu.cpu_class` would name it.
        model: qemu's name of it.
        has: What qemu's must have, as numpy names it.
        lacks: What qemu's must not have, as numpy names it.
        mask: What is hidden of this CPU.
        needs: The classes that it can be made from by hiding.
    """

    cpu: str
    model: str | None = None
    has: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()
    mask: Mask = ({}, {})
    needs: frozenset[str] = frozenset()


EMULATED: Mapping[str, EmulatedCpu] = {
    "haswell": EmulatedCpu(
        model="Haswell",
        cpu="x86-64 avx2",
        has=frozenset({"AVX2", "FMA3"}),
        lacks=frozenset({"AVX512F", "AVX512VNNI"}),
    ),
    "avx2": EmulatedCpu(
        cpu="x86-64 avx2",
        mask=NO_AVX512,
        needs=frozenset({"x86-64 avx512-vnni", "x86-64 avx512", "x86-64 avx2-vnni"}),
    ),
    "avx512": EmulatedCpu(cpu="x86-64 avx512", mask=NO_VNNI, needs=frozenset({"x86-64 avx512-vnni"})),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class EmulatedParity:
    """How near a bundle's vectors on an emulated CPU are to the original's, and to the bundle's own on this CPU.

    Args:
        cpu: The emulated CPU's class.
        to_reference: Cosines to the original.
        to_native: Cosines between the emulated and this CPU; below 1 means that the bundle depends on the CPU.
    """

    cpu: str
    to_reference: VectorParity
    to_native: VectorParity

    def results(self) -> tuple[GateResult, ...]:
        """Return the cosines as a manifest holds them, all for the emulated class."""
        native = self.to_native
        across = GateResult(
            measure="cosine_across_cpus",
            value=native.cosine_worst,
            bound=None,
            data=native.data,
            n=native.n,
            cpu=self.cpu,
        )
        return (*self.to_reference.results(cpu=self.cpu), across)


def measure_emulated(
    reference: TextEncoder,
    bundle: Path,
    texts: Sequence[str],
    *,
    emulate: str,
    data: str = "texts",
    timeout_s: float = TIMEOUT_S,
) -> EmulatedParity:
    """Encode the texts with a bundle on another class of CPU and compare.

    Args:
        reference: The original.
        bundle: The encoder bundle's folder.
        texts: A few dozen short texts.
        emulate: A name of :data:`EMULATED`.
        data: What the texts are called in results.
        timeout_s: Seconds after which the emulator is ended.

    Raises:
        NotFoundError: If qemu, gdb or objdump is not installed.
        ConversionError: If this machine cannot emulate it, or the encoder fails there.
    """
    if emulate not in EMULATED:
        raise ValueError(f"there is no emulated CPU {emulate!r}; there are: {', '.join(EMULATED)}")
    chosen = EMULATED[emulate]
    run = _run(chosen, bundle, texts, timeout_s)
    native = run_child(bundle, texts).vectors
    wanted = encode(reference.encode_passages, texts, "the reference", on_progress=None)
    return EmulatedParity(
        cpu=chosen.cpu,
        to_reference=compare_vectors(wanted, run.vectors, data=data),
        to_native=compare_vectors(native, run.vectors, data=data),
    )


def _run(chosen: EmulatedCpu, bundle: Path, texts: Sequence[str], timeout_s: float) -> ChildRun:
    if not sys.platform.startswith("linux") or platform.machine().lower() not in ("x86_64", "amd64"):
        raise ConversionError(f"other CPUs are emulated on Linux on x86-64 only, not on {platform.machine()}")
    if chosen.model is None:
        if cpu_class() not in chosen.needs:
            raise ConversionError(f"this CPU, {cpu_class()}, cannot stand for {chosen.cpu} by hiding what it has")
        with masked(chosen.mask) as runner:
            return run_child(bundle, texts, runner=runner, timeout_s=timeout_s)
    run = run_child(bundle, texts, runner=(_qemu(), "-cpu", chosen.model), timeout_s=timeout_s)
    missing, extra = chosen.has - run.features, chosen.lacks & run.features
    if missing or extra:
        what = f"lacks {', '.join(sorted(missing))}" if missing else f"has {', '.join(sorted(extra))}"
        raise ConversionError(
            f"the emulated {chosen.model} {what}, so it does not stand for {chosen.cpu}",
            hint="install qemu-user 7.2 or later",
        )
    return run


def _qemu() -> str:
    path = shutil.which(QEMU)
    if path is None:
        raise NotFoundError(
            f"{QEMU} is not installed, which emulates other CPUs", hint="run: apt-get install qemu-user"
        )
    return path
