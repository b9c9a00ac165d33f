"""Packages of a few lines that build without any tool, and a project that pins them: what setting up is tried on."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

BACKEND = """
import base64, hashlib, pathlib, sys, time, zipfile

HERE = pathlib.Path(__file__).parent

NAME, VERSION = (HERE / "NAME").read_text().split()
INFO = f"{NAME}-{VERSION}.dist-info"
ABOUT = {
    f"{INFO}/METADATA": f"Metadata-Version: 2.1\\nName: {NAME}\\nVersion: {VERSION}\\n",
    f"{INFO}/WHEEL": "Wheel-Version: 1.0\\nGenerator: tiny\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
}
if (HERE / "SCRIPTS").exists():
    ABOUT[f"{INFO}/entry_points.txt"] = (HERE / "SCRIPTS").read_text()

def hash_of(text):
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")

def wheel(folder, extra):
    files = {f"{NAME}.py": "ANSWER = 42\\n", **extra, **ABOUT}
    record = "".join(f"{path},sha256={hash_of(text)},{len(text)}\\n" for path, text in files.items())
    files[f"{INFO}/RECORD"] = record + f"{INFO}/RECORD,,\\n"
    path = f"{NAME}-{VERSION}-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder) / path, "w") as archive:
        for each, text in files.items():
            archive.writestr(each, text)
    return path

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    for path, text in ABOUT.items():
        (pathlib.Path(folder) / path).parent.mkdir(exist_ok=True)
        (pathlib.Path(folder) / path).write_text(text)
    return INFO

prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel

def build_wheel(folder, config_settings=None, metadata_directory=None):
    for step in range(1, 4):
        print(f"[{step}/3] c++ -c part{step}.cpp", flush=True)
        time.sleep(0.4 if (HERE / "SLOW").exists() else 0)
    if (HERE / "BROKEN").exists():
        sys.exit("part3.cpp:1: error: nothing here can be compiled")
    return wheel(folder, {})

def build_editable(folder, config_settings=None, metadata_directory=None):
    return wheel(folder, {f"{NAME}.pth": f"{HERE}\\n"})
"""
BUILD_SYSTEM = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
FETCHER = """
import json, os, pathlib, sys

def main():
    folder = pathlib.Path(os.environ["ONDEVICE_MODELS"])
    if not folder.is_dir():
        print(json.dumps({"error": {"message": "no source has the models", "hint": "connect to a network"}}))
        sys.exit(9)
    print("fetching", file=sys.stderr)
    for name in ("weights.gguf", "manifest.json"):
        (folder / name).write_text("bytes")
    print(json.dumps({"models": [{"folder": str(folder), "files": [{"path": "weights.gguf"}]}]}))
"""


def make_source(folder: Path, name: str, *, broken: bool = False, slow: bool = False) -> str:
    """Write a package's source archive into a folder, and return the lines that pin it.

    Args:
        folder: The index.
        name: Of the package.
        broken: Whether it cannot be built.
        slow: Whether building takes long enough to be looked at.
    """
    files = {"backend.py": BACKEND, "pyproject.toml": BUILD_SYSTEM, "NAME": f"{name} 1.0"}
    files["PKG-INFO"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    for mark, is_set in (("BROKEN", broken), ("SLOW", slow)):
        if is_set:
            files[mark] = ""
    path = folder / f"{name}-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for each, text in files.items():
            entry = tarfile.TarInfo(f"{name}-1.0/{each}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return f"{name}==1.0 \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n    # via tiny\n"


def make_project(folder: Path, lock: str) -> None:
    """Write a project of the tools' expected shape: its locks, itself, and a command that fetches models."""
    for each in (".ci", "export/models", "ondevice_integrations"):
        (folder / each).mkdir(parents=True)
    for name in ("demo.lock", "prebuilt.lock", "requirements.lock"):
        (folder / ".ci" / name).write_text(lock)
    (folder / "export" / "models" / "registry.json").write_text("{}")
    parts = ((folder, "project"), (folder / "export", "builder"), (folder / "ondevice_integrations", "integrations"))
    for place, name in parts:
        (place / "pyproject.toml").write_text(f'{BUILD_SYSTEM}[project]\nname = "{name}"\nversion = "1.0"\n')
        (place / "backend.py").write_text(BACKEND)
        (place / "NAME").write_text(f"{name} 1.0")
    (folder / "SCRIPTS").write_text("[console_scripts]\nondevice-models = fetcher:main\n")
    (folder / "fetcher.py").write_text(FETCHER)
