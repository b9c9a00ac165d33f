"""What ``ondevice doctor`` checks of the machine: Python, libraries, the cipher, telemetry, disk space."""

from __future__ import annotations

import os
import platform
import secrets
import shutil
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from ondevice.cli.findings import Finding, attempt
from ondevice.cli.plaintext import scan_for_text
from ondevice.config import IndexConfig
from ondevice.errors import CipherUnavailableError
from ondevice.records import Draft
from ondevice.safety.machine import this_machine
from ondevice.safety.printable import one_line
from ondevice.safety.temporary_folder import temporary_folder

OLDEST_PYTHON = (3, 11)
LIBRARIES = (
    "cryptography",
    "filelock",
    "jinja2",
    "numpy",
    "onnxruntime",
    "platformdirs",
    "selectolax",
    "sqlcipher3",
    "sqlite-utils",
    "tokenizers",
    "webencodings",
)
MEMORY_BYTES_WANTED = 1_000_000_000
FREE_BYTES_WANTED = 500_000_000
SAMPLE = "hippopotamus marmalade"


def check_python() -> Finding:
    """Say which Python this is, and whether it is new enough."""
    is_new = sys.version_info >= OLDEST_PYTHON
    return Finding(
        name="python",
        state="ok" if is_new else "missing",
        detail=f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        hint=None if is_new else "install Python 3.11 or newer",
    )


def check_memory() -> Finding:
    """Say how much memory and how many processors there are for a language model."""
    machine = this_machine()
    if machine.memory_bytes is None:
        return Finding(name="machine", state="note", detail=f"{machine.cores} cores, memory unknown")
    free = "" if machine.free_bytes is None else f", {machine.free_bytes / 1e9:.1f} GB of it free"
    return Finding(
        name="machine",
        state="ok" if machine.memory_bytes >= MEMORY_BYTES_WANTED else "note",
        detail=f"{machine.cores} cores, {machine.memory_bytes / 1e9:.1f} GB of memory{free}",
        hint="the default models need about half a gigabyte: end other programs",
    )


def check_libraries() -> Iterator[Finding]:
    """Name the libraries' versions, or how to install what is not there."""
    for name in LIBRARIES:
        try:
            yield Finding(name=name, state="ok", detail=metadata.version(name))
        except metadata.PackageNotFoundError:
            yield Finding(name=name, state="missing", detail="not installed", hint=f"pip install {name}")


def check_llama() -> Finding:
    """Say which llama.cpp there is, and what it computes with."""
    return attempt("llama.cpp", _describe_llama, hint="pip install 'ondevice-sdk[prebuilt]'")


def _describe_llama() -> str:
    from ondevice.generation.llama.devices import build_of, devices

    found = [f"{device.name} ({device.description})" for device in devices()]
    gpu = "" if any(device.is_gpu for device in devices()) else "; no graphics processor that it can use"
    return one_line(f"{build_of()}; computes with {', '.join(found)}{gpu}")


def check_graphs() -> Finding:
    """Say whether many vectors can be searched by a graph."""
    try:
        return Finding(name="hnswlib", state="ok", detail=metadata.version("hnswlib"))
    except metadata.PackageNotFoundError:
        return Finding(
            name="hnswlib",
            state="note",
            detail=f"not installed: beyond {IndexConfig().exact_up_to:,} items every vector is compared",
            hint="pip install 'ondevice-sdk[hnsw]', which compiles it",
        )


def check_encryption() -> Finding:
    """Write a real item into a throw-away profile and look for it in the files."""
    return attempt("encryption", _encrypt_something, hint="pip install --force-reinstall sqlcipher3")


def _encrypt_something() -> str:
    from ondevice.vault.secrets import AppKey
    from ondevice.vault.vault import Vault

    with temporary_folder() as folder:
        profile = folder / "check.profile"
        with Vault.create(profile, AppKey(secrets.token_bytes(32))) as vault:
            vault.items.put_many([Draft(text=SAMPLE)])
            scan = scan_for_text(profile, [SAMPLE])
    if scan.n_found:
        raise CipherUnavailableError("the database does not encrypt what is written to it")
    return f"a written item is not readable in {scan.n_bytes:,} bytes on disk"


def check_telemetry() -> Finding:
    """Make sure that onnxruntime was told to report nothing before it was loaded."""
    return attempt("onnxruntime telemetry", _load_silently, hint="pip install onnxruntime")


def _load_silently() -> str:
    from ondevice.retrieval.encoding.session import TELEMETRY_OFF, load_runtime

    load_runtime()
    return f"off ({TELEMETRY_OFF}={os.environ[TELEMETRY_OFF]} before it is loaded)"


def check_disk(*places: Path) -> Iterator[Finding]:
    """Say how much room there is where profile and models lie, once per disk."""
    seen = set()
    for place in places:
        there = next(folder for folder in (place, *place.absolute().parents) if folder.exists())
        device = there.stat().st_dev
        if device not in seen:
            seen.add(device)
            free = shutil.disk_usage(there).free
            yield Finding(
                name="disk space",
                state="ok" if free >= FREE_BYTES_WANTED else "note",
                detail=f"{free / 1e9:.1f} GB free at {there}",
                hint="models and a backup need some hundred megabytes",
            )
