"""How much room an encoder takes: on the disk, and in memory while it works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from export.gate.child import run_child
from export.gate.cpu import cpu_class
from ondevice.bundle import Bundle, GateResult


@dataclass(frozen=True, kw_only=True, slots=True)
class MemoryUse:
    """Bytes on the disk and in memory.

    Args:
        n: Texts that were encoded.
        file_bytes: All files of the bundle that the manifest names.
        resident_bytes: What loading the runtime, opening the model and encoding the texts has added and stays.
        peak_bytes: The most that such a process ever held, the interpreter and the libraries included.
    """

    n: int
    file_bytes: int
    resident_bytes: int
    peak_bytes: int

    def results(self, *, data: str, cpu: str | None = None) -> tuple[GateResult, ...]:
        """Return the three numbers as a manifest holds them."""
        found = (
            ("file_bytes", self.file_bytes),
            ("resident_bytes", self.resident_bytes),
            ("peak_bytes", self.peak_bytes),
        )
        return tuple(
            GateResult(measure=name, value=float(value), bound=None, data=data, n=self.n, cpu=cpu or cpu_class())
            for name, value in found
        )


def measure_memory(bundle: Path, texts: Sequence[str], *, threads: int | None = None) -> MemoryUse:
    """Encode the texts in a process that runs nothing else, and read what it took.

    Raises:
        BundleError: If the folder holds no encoder bundle.
        ConversionError: If the process fails.
    """
    files = Bundle.open(bundle, kind="encoder").manifest.files
    run = run_child(bundle, texts, threads=threads)
    return MemoryUse(
        n=len(texts),
        file_bytes=sum(file.bytes for file in files.values()),
        resident_bytes=max(0, run.resident_bytes - run.start_bytes),
        peak_bytes=run.peak_bytes,
    )
