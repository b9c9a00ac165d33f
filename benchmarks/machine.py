"""Name the machine and the versions a result was made with."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

LIBRARIES = (
    "ondevice-sdk",
    "sqlcipher3",
    "cryptography",
    "hnswlib",
    "onnxruntime",
    "tokenizers",
    "llama-cpp-python",
    "numpy",
)


def describe() -> dict[str, str]:
    """Return processor, cores, memory, system, Python, libraries, commit and date."""
    facts = {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": _memory(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "commit": _commit(),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }
    return facts | {name: version(name) for name in LIBRARIES}


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        text = cpuinfo.read_text("utf-8")
        names = [line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")]
        flags = " ".join(flag for flag in ("avx2", "avx512f", "avx512_vnni") if f" {flag}" in text)
        if names:
            return f"{names[0]} ({flags})"
    return platform.processor() or platform.machine()


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    except (AttributeError, ValueError):
        return "unknown"


def _commit() -> str:
    result = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return result.stdout.strip() or "unknown"
