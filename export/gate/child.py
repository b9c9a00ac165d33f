"""A process of its own for one encoder: what it computes there, and how much memory it takes.

Run as ``python -m export.gate.child``: a JSON object comes in on the standard input (``bundle``, ``texts``,
``threads``), one goes out on the standard output (the vectors as base64 of little-endian float32, the memory in bytes,
what numpy found the CPU to have). Texts pass through pipes alone, never through a file or the command line.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from export.errors import ConversionError
from ondevice.errors import OndeviceError

TIMEOUT_S = 600.0
_MARK = b"ondevice-child: "  # what runs the interpreter may have words of its own to say
_UNITS = {"darwin": 1}  # ru_maxrss is in bytes there, in KiB elsewhere


@dataclass(frozen=True, kw_only=True, slots=True)
class ChildRun:
    """What a process that held one encoder tells.

    Args:
        vectors: float32[n, d], the texts encoded as passages.
        start_bytes: Resident memory before the model was opened.
        resident_bytes: Resident memory after the texts were encoded.
        peak_bytes: The most that was ever resident, the interpreter included.
        features: What the CPU has, as numpy names it (``AVX2``, ``AVX512F``).
    """

    vectors: NDArray[np.float32] = field(repr=False)
    start_bytes: int
    resident_bytes: int
    peak_bytes: int
    features: frozenset[str]


def run_child(
    bundle: Path,
    texts: Sequence[str],
    *,
    threads: int | None = 1,
    runner: Sequence[str] = (),
    timeout_s: float = TIMEOUT_S,
) -> ChildRun:
    """Encode the texts in a new process that runs nothing but this encoder.

    Args:
        bundle: The encoder bundle's folder.
        texts: What it encodes.
        threads: CPU threads; ``None`` takes the physical cores.
        runner: What runs the interpreter, such as an emulator and its options.
        timeout_s: Seconds after which the process is ended.

    Raises:
        ConversionError: If the process fails, or takes too long.
    """
    if not texts:
        raise ValueError("there must be texts to encode")
    request = json.dumps({"bundle": str(bundle), "texts": list(texts), "threads": threads}).encode()
    try:
        done = subprocess.run(  # noqa: S603 (our own interpreter and module)
            [*runner, sys.executable, "-m", "export.gate.child"], input=request, capture_output=True, timeout=timeout_s
        )
    except subprocess.TimeoutExpired:
        raise ConversionError(
            f"the encoder took more than {timeout_s:.0f} s for {len(texts)} texts in a process of its own",
            hint="give fewer or shorter texts",
        ) from None
    lines = [line for line in done.stdout.splitlines() if line.startswith(_MARK)]
    if done.returncode or not lines:  # killed, say, or an emulated CPU lacks an instruction
        raise ConversionError(f"the process of the encoder ended with code {done.returncode}, without an answer")
    answer = json.loads(lines[-1].removeprefix(_MARK))
    if "error" in answer:
        raise ConversionError(f"the encoder failed in a process of its own: {answer['error']}")
    rows = np.frombuffer(base64.b64decode(answer["vectors"]), dtype="<f4").reshape(len(texts), -1)
    return ChildRun(
        vectors=rows.astype(np.float32),
        start_bytes=answer["start_bytes"],
        resident_bytes=answer["resident_bytes"],
        peak_bytes=answer["peak_bytes"],
        features=frozenset(answer["features"]),
    )


def main() -> None:
    """Answer the one request on the standard input."""
    request = json.loads(sys.stdin.buffer.read())
    try:
        answer = _answer(Path(request["bundle"]), request["texts"], request["threads"])
    except OndeviceError as error:
        answer = {"error": str(error)}
    sys.stdout.write(f"\n{_MARK.decode()}{json.dumps(answer)}\n")


def _answer(folder: Path, texts: list[str], threads: int | None) -> dict[str, object]:
    from ondevice.bundle import Bundle
    from ondevice.retrieval.encoding.encoder import Encoder

    bundle = Bundle.open(folder, kind="encoder")
    start = _resident_bytes()
    with Encoder.open(bundle, threads=threads) as encoder:
        vectors = encoder.encode_passages(texts)
        resident = _resident_bytes()
    return {
        "vectors": base64.b64encode(vectors.astype("<f4").tobytes()).decode(),
        "start_bytes": start,
        "resident_bytes": resident,
        "peak_bytes": max(_peak_bytes(), resident),  # the kernel counts in strides, so the peak may lag behind
        "features": sorted(name for name, has in _features().items() if has),
    }


def _features() -> dict[str, bool]:
    # numpy asks the CPU itself; /proc/cpuinfo would tell of the machine below an emulator. The module that knows has
    # had two names.
    for name in ("numpy._core._multiarray_umath", "numpy.core._multiarray_umath"):
        try:
            return dict(import_module(name).__cpu_features__)
        except ImportError:
            continue
    raise ConversionError("this numpy does not tell what the CPU has", hint="install numpy 1.26 or later")


def _status_bytes(name: str) -> int | None:
    try:
        lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith(f"{name}:")), None)


def _peak_bytes() -> int:
    # A child begins with its parent's ru_maxrss on Linux, but with a VmHWM of its own.
    return _status_bytes("VmHWM") or _most_resident_bytes()


def _resident_bytes() -> int:
    return _status_bytes("VmRSS") or _most_resident_bytes()


def _most_resident_bytes() -> int:
    try:
        import resource
    except ImportError:
        raise ConversionError("memory cannot be measured on this operating system") from None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNITS.get(sys.platform, 1024)


if __name__ == "__main__":
    main()
