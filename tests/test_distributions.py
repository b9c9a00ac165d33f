"""Three distributions of one repository: an app that embeds the SDK gets the package ondevice and no other."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import ondevice

ROOT = Path(__file__).parent.parent
OTHERS = ("export", "ondevice_integrations")
PROJECTS = {folder: tomllib.loads((ROOT / folder / "pyproject.toml").read_text("utf-8")) for folder in (".", *OTHERS)}


@pytest.mark.parametrize("top", OTHERS)
def test_the_other_distributions_list_every_package_of_their_own(top: str) -> None:
    packages = sorted(".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / top).rglob("__init__.py"))
    assert PROJECTS[top]["tool"]["setuptools"]["packages"] == packages


def test_all_have_one_version_and_belong_together() -> None:
    assert {project["project"]["version"] for project in PROJECTS.values()} == {ondevice.__version__}
    for top in OTHERS:
        assert f"ondevice-sdk=={ondevice.__version__}" in PROJECTS[top]["project"]["dependencies"]


@pytest.mark.parametrize("top", OTHERS)
def test_all_bring_the_same_licence(top: str) -> None:
    assert (ROOT / top / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


@pytest.mark.parametrize(("folder", "top"), [(".", "ondevice"), *((top, top) for top in OTHERS)])
def test_a_wheel_holds_one_package_and_nothing_of_an_earlier_build(folder: str, top: str, tmp_path: Path) -> None:
    copy = shutil.copytree(ROOT / top, tmp_path / "repository" / top, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy.parent)
    for package in ("ondevice", *OTHERS):
        left = copy.parent / folder / "build" / "lib" / package / "former.py"
        left.parent.mkdir(parents=True)
        left.touch()
    built = subprocess.run(
        # What pip calls, too, after some seconds.
        [sys.executable, "-c", f"from setuptools.build_meta import build_wheel; build_wheel({str(tmp_path)!r})"],
        cwd=copy.parent / folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {top}
    assert f"{top}/former.py" not in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    for data in {
        "ondevice": ("py.typed", "__init__.pyi", "adaptation/recipes/priors/smollm2-135m-instruct.json"),
        "export": ("py.typed", "models/registry.json", "models/readers/smollm2-135m-instruct.gguf"),
        "ondevice_integrations": ("py.typed", "mcp/__main__.py", "server/page_files/page.html"),
    }[top]:
        assert f"{top}/{data}" in names
