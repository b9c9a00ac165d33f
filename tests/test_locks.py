"""The pinned packages: the demonstration's are some of all, whole, and bound to no index."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = {name: (ROOT / ".ci" / name).read_text("utf-8") for name in ("demo.lock", "prebuilt.lock", "requirements.lock")}

DEMOS = {"demo.lock": "compiled", "prebuilt.lock": "prebuilt"}


def pinned(lock: str) -> dict[tuple[str, str], set[str]]:
    """Return the hashes of each package and version."""
    found = {}
    for block in re.split(r"\n(?=\S)", lock):
        if pin := re.match(r"([\w.-]+)==(\S+)", block):
            found[pin[1], pin[2]] = set(re.findall(r"--hash=(sha256:[0-9a-f]{64})", block))
    return found


@pytest.mark.parametrize("name", DEMOS)
def test_the_demonstration_s_packages_are_some_of_all_in_the_same_versions(name: str) -> None:
    demo, every = pinned(LOCKS[name]), pinned(LOCKS["requirements.lock"])
    assert all(demo.values())
    assert {pin: every.get(pin) for pin in demo} == demo
    assert len(demo) < len(every) / 2


@pytest.mark.parametrize(("name", "extra"), DEMOS.items())
def test_the_demonstration_s_packages_are_all_that_the_sdk_and_its_fetcher_need(name: str, extra: str) -> None:
    sdk, *others = (
        tomllib.loads((ROOT / file).read_text("utf-8"))["project"]
        for file in ("pyproject.toml", "export/pyproject.toml", "ondevice_integrations/pyproject.toml")
    )
    requirements = [*sdk["dependencies"], *sdk["optional-dependencies"][extra]]
    requirements += [each for other in others for each in other["dependencies"]]
    needed = {re.match(r"[\w.-]+", requirement)[0] for requirement in requirements}  # type: ignore[index]
    assert {package.lower() for package in needed} - {"ondevice-sdk"} <= {package for package, _ in pinned(LOCKS[name])}


def test_no_lock_names_an_index() -> None:
    for lock in LOCKS.values():
        assert "://" not in lock
        assert not re.search(r"^--(?:extra-)?index-url|^--find-links", lock, re.MULTILINE)
