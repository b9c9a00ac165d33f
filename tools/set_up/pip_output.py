"""What pip says with ``--verbose``, read for what it is doing; lines that are not understood change nothing."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import PurePath

from tools.set_up.showing import spoken

_TAKEN = re.compile(r"(?:Collecting|Processing|Obtaining|Requirement already satisfied:) (\S+)")
_NAME = re.compile(r"[A-Za-z0-9._]+(?:-[A-Za-z][A-Za-z0-9._]*)*")
_LARGE = re.compile(r"  Downloading \S+ \((\S+ [MG]B)\)")
_TO_BUILD = re.compile(r"Building wheels for collected packages: (.+)")
_BUILDING = re.compile(r"\s+Building (?:wheel|editable) for (\S+) .*: started")
_BUILD_TOOLS = re.compile(r"\s+(?:Installing build dependencies|Preparing .*metadata.*): started")
_INSTALLING = re.compile(r"Installing collected packages: (.+)")
_OF_FILES = re.compile(r"\s*\[(\d+)/(\d+)\]")
_PERCENT = re.compile(r"\s*\[ *(\d+)%\]")
_MIN_S_TO_GUESS = 10.0
"""The first files of a build say little about how long the rest will take."""


class PipOutput:
    """Where pip is: fetching, compiling or installing."""

    def __init__(self, n_packages: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Know how many packages there are at most: pip names those that are not for this machine."""
        self._n_packages, self._clock = n_packages, clock
        self._n_taken = 0
        self._taking = ""
        self._to_build: list[str] = []
        self._compiling = ""
        self._build_began = 0.0
        self.detail = "asking the index"
        self.left = ""
        self.coming = "fetch the packages"

    @property
    def is_compiling(self) -> bool:
        """Whether a package is being built."""
        return bool(self._compiling)

    def read(self, line: str) -> None:
        """Take in one line."""
        if line.startswith("Ignoring "):
            self._n_packages -= 1
        elif found := _TAKEN.match(line):
            self._n_taken += 1
            self._taking = "the project" if line.startswith("Obtaining") else _short_name(found[1])
            self._fetch(f"fetching {self._taking}")
        elif (found := _LARGE.match(line)) and not self._to_build:
            self._fetch(f"fetching {self._taking}, {found[1]}")
        elif _BUILD_TOOLS.match(line) and not self._to_build:
            self._fetch(f"getting what builds {self._taking}")
        elif found := _TO_BUILD.match(line):
            self._to_build = found[1].split(", ")
        elif found := _BUILDING.match(line):
            self._build(found[1])
        elif found := _INSTALLING.match(line):
            names = found[1].split(", ")
            what = names[0] if len(names) == 1 else f"{len(names)} packages"
            self.detail, self.left, self.coming, self._compiling = f"installing {what}", "", "", ""
        else:
            self._read_build(line)

    def _fetch(self, detail: str) -> None:
        share = f" ({self._n_taken} of {self._n_packages})" if self._n_packages > 1 else ""
        self.detail, self.coming = f"{detail}{share}", "compile what has no wheel, install"

    def _build(self, name: str) -> None:
        at = self._to_build.index(name) if name in self._to_build else len(self._to_build) - 1
        left = self._to_build[at + 1 :]
        self._compiling = name
        self._build_began = self._clock()
        self.detail, self.left = f"compiling {name}", ""
        self.coming = f"compile {', '.join(left)}, install" if left else "install"

    def _read_build(self, line: str) -> None:
        """Take in how many files a compiler's driver has done, as ninja and make tell it."""
        if not self._compiling:
            return
        if found := _OF_FILES.match(line):
            done, total, amount = int(found[1]), int(found[2]), f"{found[1]} of {found[2]} files"
        elif found := _PERCENT.match(line):
            done, total, amount = int(found[1]), 100, f"{found[1]} %"
        else:
            return
        self.detail = f"compiling {self._compiling}, {amount}"
        spent = self._clock() - self._build_began
        if 0 < done < total and spent >= _MIN_S_TO_GUESS:
            self.left = spoken(spent * (total - done) / done)


def _short_name(requirement: str) -> str:
    """Return a package's name from a requirement, or from the path of a wheel or a source archive."""
    found = _NAME.match(PurePath(requirement.partition("==")[0]).name)
    return found[0] if found else requirement
