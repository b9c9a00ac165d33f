"""Ask the package index which systems can install the SDK from wheels alone: ``python -m tools.wheels``.

Nothing is installed, and of most packages only their metadata arrives. The answers are compared with what
``docs/how-to/install.md`` promises, so that a package that drops a system's wheels does not go unnoticed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_PROJECTS = (_ROOT / "pyproject.toml", _ROOT / "export" / "pyproject.toml")
_OWN = "ondevice-"


@dataclass(frozen=True, kw_only=True, slots=True)
class System:
    """A kind of machine, by the tags of the wheels that it takes, and what must be compiled there.

    Args:
        name: As people say it.
        tags: Platform tags, as in wheels' names.
        python: The oldest Python for which everything else has wheels.
        lacks: Of our extras those that cannot be had without a compiler.
    """

    name: str
    tags: Sequence[str]
    python: str = "3.11"
    lacks: frozenset[str] = field(default=frozenset())


def _linux(machine: str) -> Sequence[str]:
    return [f"manylinux_2_{minor}_{machine}" for minor in (28, 27, 26, 24, 17)] + [f"manylinux2014_{machine}"]


SYSTEMS = (
    System(name="Linux x86-64", tags=_linux("x86_64")),
    System(name="Linux arm64", tags=_linux("aarch64")),
    System(name="macOS arm64", tags=["macosx_14_0_arm64"]),
    System(name="macOS x86-64", tags=["macosx_14_0_x86_64"], lacks=frozenset({"prebuilt"})),
    System(name="Windows x86-64", tags=["win_amd64"]),
    System(name="Windows arm64", tags=["win_arm64"], python="3.12"),
)
EXTRAS = ("", "prebuilt")
"""Nothing, which stores and searches, and what answers."""


def requirements(extra: str) -> list[str]:
    """Return what both distributions need of others, with one of the SDK's extras."""
    projects = [tomllib.loads(path.read_text("utf-8"))["project"] for path in _PROJECTS]
    needed = [requirement for project in projects for requirement in project["dependencies"]]
    if extra:
        needed += projects[0]["optional-dependencies"][extra]
    return sorted(requirement for requirement in needed if not requirement.startswith(_OWN))


def complaint_of(system: System, needed: Sequence[str]) -> str | None:
    """Let pip find wheels for a system, and return what it says it lacks; ``None`` where it lacks nothing."""
    python = f"cp{system.python.replace('.', '')}"
    options = ["--dry-run", "--quiet", "--ignore-installed", "--only-binary=:all:", "--python-version", system.python]
    options += ["--implementation", "cp", *(part for abi in (python, "abi3", "none") for part in ("--abi", abi))]
    options += [part for tag in system.tags for part in ("--platform", tag)]
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run(
            [sys.executable, "-m", "pip", "install", *options, "--target", folder, *needed],
            capture_output=True,
            text=True,
            check=False,
        )
    if ran.returncode == 0:
        return None
    said = [line.removeprefix("ERROR: ") for line in ran.stderr.splitlines() if line.startswith("ERROR: ")]
    return said[-1] if said else ran.stderr.strip()[-200:]


def main(needs: Mapping[str, Sequence[str]] | None = None) -> int:
    """Ask for every system, say what came of it, and return 1 if it is not what is promised."""
    broken = 0
    for system in SYSTEMS:
        for extra in EXTRAS:
            complaint = complaint_of(system, (needs or {}).get(extra) or requirements(extra))
            is_promised = extra not in system.lacks
            broken += (complaint is None) != is_promised
            what = f"the SDK with {extra!r}" if extra else "the SDK"
            found = "from wheels alone" if complaint is None else f"not from wheels alone: {complaint}"
            mark = "" if (complaint is None) == is_promised else "  ← not what is promised"
            print(f"{system.name}, Python {system.python}, {what}: {found}{mark}", flush=True)
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
