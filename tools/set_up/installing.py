"""Installing with pip, which says little by itself while a compiler works for minutes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from tools.set_up.pip_output import PipOutput
from tools.set_up.running import StepFailedError, run_logged
from tools.set_up.showing import Display

_PIP = ("-m", "pip", "install", "--verbose", "--no-input", "--disable-pip-version-check", "--progress-bar", "off")
_DECORATION = ("note:", "hint:", "full command:", "cwd:", "\N{MULTIPLICATION SIGN}", "│", "╰─>", "[end of output]")
_SHOWN_LINES = 12
_COMPILERS = ("c++", "g++", "clang++", "cl")


def install(what: Sequence[str | Path], n_packages: int, python: Path, log: Path, display: Display) -> None:
    """Install into the environment of an interpreter.

    Args:
        what: Arguments of ``pip install``.
        n_packages: How many packages these are at most.
        python: The environment's interpreter.
        log: Where pip's whole output goes.
        display: Told what pip is doing.

    Raises:
        StepFailedError: If pip fails.
    """
    output = PipOutput(n_packages)

    def read(line: str) -> None:
        output.read(line)
        display.now(output.detail, left=output.left, coming=output.coming)

    code, lines = run_logged([python, *_PIP, *what], log, on_line=read, on_tick=display.refresh)
    if code:
        raise StepFailedError(
            f"pip failed while {output.detail}",
            lines=[line for line in lines if line.strip() and not line.lstrip().startswith(_DECORATION)][
                -_SHOWN_LINES:
            ],
            hint=f"{_remedy(output)}; all that pip said is in {log}",
        )


def _remedy(output: PipOutput) -> str:
    has_compiler = os.environ.get("CXX") or any(shutil.which(name) for name in _COMPILERS)
    if output.is_compiling and not has_compiler:
        compilers = "apt install build-essential, or xcode-select --install"
        return f"a C/C++ compiler is needed: {compilers}; make demo PREBUILT=1 needs none"
    return "run the same command again: what is done is kept"
