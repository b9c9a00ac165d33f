"""The same bundle on another class of CPU, emulated by qemu: is what int8 computes there still right?

Only numbers are comparable, never speed. qemu's user emulation (7.2 or later) has AVX2 without AVX-512 and without
VNNI, which is the class where signed 8-bit weights can overflow the 16-bit sums of two products. It emulates no
AVX-512, and on the processors before AVX2 that it emulates onnxruntime ends with an illegal instruction, so those
classes are not offered.
"""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from export.gate.child import TIMEOUT_S, run_child
from export.gate.vectors import TextEncoder, VectorParity, compare_vectors, encode
from ondevice.bundle import GateResult
from ondevice.errors import ConversionError, NotFoundError

QEMU = "qemu-x86_64"


@dataclass(frozen=True, kw_only=True, slots=True)
class EmulatedCpu:
    """One CPU that can be emulated.

    Args:
        model: qemu's name of it.
        cpu: Its class, as :func:`export.gate.cpu.cpu_class` would name it.
        has: What it must have, as numpy names it.
        lacks: What it must not have.
    """

    model: str
    cpu: str
    has: frozenset[str]
    lacks: frozenset[str]


EMULATED: Mapping[str, EmulatedCpu] = {
    "haswell": EmulatedCpu(
        model="Haswell",
        cpu="x86-64 avx2",
        has=frozenset({"AVX2", "FMA3"}),
        lacks=frozenset({"AVX512F", "AVX512VNNI"}),
    ),
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
    """Encode the texts with a bundle on an emulated CPU and compare; about a second a short text.

    Args:
        reference: The original.
        bundle: The encoder bundle's folder.
        texts: A few dozen short texts.
        emulate: A name of :data:`EMULATED`.
        data: What the texts are called in results.
        timeout_s: Seconds after which the emulator is ended.

    Raises:
        NotFoundError: If qemu is not installed.
        ConversionError: If this machine cannot emulate it, or the encoder fails there.
    """
    if emulate not in EMULATED:
        raise ValueError(f"there is no emulated CPU {emulate!r}; there are: {', '.join(EMULATED)}")
    chosen = EMULATED[emulate]
    run = run_child(bundle, texts, runner=(_qemu(), "-cpu", chosen.model), timeout_s=timeout_s)
    missing, extra = chosen.has - run.features, chosen.lacks & run.features
    if missing or extra:
        what = f"lacks {', '.join(sorted(missing))}" if missing else f"has {', '.join(sorted(extra))}"
        raise ConversionError(
            f"the emulated {chosen.model} {what}, so it does not stand for {chosen.cpu}",
            hint="install qemu-user 7.2 or later",
        )
    native = run_child(bundle, texts).vectors
    wanted = encode(reference.encode_passages, texts, "the reference", on_progress=None)
    return EmulatedParity(
        cpu=chosen.cpu,
        to_reference=compare_vectors(wanted, run.vectors, data=data),
        to_native=compare_vectors(native, run.vectors, data=data),
    )


def _qemu() -> str:
    if not sys.platform.startswith("linux") or platform.machine().lower() not in ("x86_64", "amd64"):
        raise ConversionError(f"other CPUs are emulated on Linux on x86-64 only, not on {platform.machine()}")
    path = shutil.which(QEMU)
    if path is None:
        raise NotFoundError(
            f"{QEMU} is not installed, which emulates other CPUs", hint="run: apt-get install qemu-user"
        )
    return path
