"""The pinned packages: the demonstration's are some of all, whole, and bound to no index."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCKS = {name: (ROOT / ".ci" / name).read_text("utf-8") for name in ("demo.lock", "requirements.lock")}


def pinned(lock: str) -> dict[tuple[str, str], set[str]]:
    """Return the hashes of each package and version."""
    found = {}
    for block in re.split(r"\n(?=\S)", lock):
        if pin := re.match(r"([\w.-]+)==(\S+)", block):
            found[pin[1], pin[2]] = set(re.findall(r"--hash=(sha256:[0-9a-f]{64})", block))
    return found


def test_the_demonstration_s_packages_are_some_of_all_in_the_same_versions() -> None:
    demo, every = pinned(LOCKS["demo.lock"]), pinned(LOCKS["requirements.lock"])
    assert all(demo.values())
    assert {pin: every.get(pin) for pin in demo} == demo
    assert len(demo) < len(every) / 2


def test_the_demonstration_s_packages_are_all_that_the_sdk_and_its_fetcher_need() -> None:
    needed = {
        re.match(r"[\w.-]+", requirement)[0]  # type: ignore[index]
        for file in ("pyproject.toml", "export/pyproject.toml", "ondevice_integrations/pyproject.toml")
        for requirement in tomllib.loads((ROOT / file).read_text("utf-8"))["project"]["dependencies"]
    }
    assert needed - {"ondevice-sdk"} <= {name for name, _ in pinned(LOCKS["demo.lock"])}


def test_no_lock_names_an_index() -> None:
    for lock in LOCKS.values():
        assert "://" not in lock
        assert not re.search(r"^--(?:extra-)?index-url|^--find-links", lock, re.MULTILINE)
