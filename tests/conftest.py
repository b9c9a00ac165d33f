"""What every test shares: no road to the network, and a short way to a real profile."""

from __future__ import annotations

import gc
import os
import shutil
import socket
import sys
from functools import cache
from pathlib import Path
from typing import Any

# The workers and a hundred child processes import the same modules, which are compiled once for all of them. Said
# before Hypothesis is imported: pytest rewrites its hundred modules too, for seconds.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

import pytest  # noqa: E402
import typer.testing  # noqa: E402
from hypothesis import settings  # noqa: E402

# Several workers share the cores. OpenMP's threads spin while they wait for each other, on cores that another worker
# needs: on two busy ones a real model's answer then costs half as much again. Read when llama.cpp, and PyTorch with an
# OpenMP of its own, are loaded. The tiny models' matrices are too small to be shared out at all, whatever number of
# threads a test asks for: two would meet at every layer, and each wait for a core. Scenes with forks lift the limit.
os.environ.setdefault("GOMP_SPINCOUNT", "0")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_THREAD_LIMIT", "1")

# A profile waits for the disk at each commit, and there are some ten thousand: tests lie in memory where the system
# has a folder there that is large enough. Another place: `--basetemp`, or this variable, which is pytest's own.
MEMORY, NEEDED_BYTES = Path("/dev/shm"), 2 << 30
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > NEEDED_BYTES:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

# Typer's runner builds all of an app's commands anew for each call, which takes longer than most of them.
typer.testing._get_command = cache(typer.testing._get_command)  # type: ignore[attr-defined]

# A busy machine is no failure: no test asserts a time.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


# Files of many seconds, last by name. One process would end them while the other has nothing left to do.
LONGEST_LAST = (
    "tools/test_set_up.py",
    "test_docs.py",
    "privacy/test_adapting_canaries.py",
    "privacy/test_canaries.py",
    "test_docs_site.py",
    "test_contracts.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long files that would come last."""
    first = {Path(__file__).parent / name for name in LONGEST_LAST}
    items.sort(key=lambda item: item.path not in first)


def pytest_collection_finish() -> None:
    """Spare Python's garbage collector what was imported: half a million objects that live to the end."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Close the two files on the null device that llama_cpp opens for good, about which Python would complain."""
    files = sys.modules.get("llama_cpp._utils")
    if files is not None:
        files.outnull_file.close()
        files.errnull_file.close()


class NetworkTouchedError(AssertionError):
    """A test, or the code it runs, tried to open a network connection."""


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Fail on any connection and any name look-up, except to this machine for tests marked ``loopback``."""
    local_ok = request.node.get_closest_marker("loopback") is not None
    connect, connect_ex, resolve = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def allowed(address: Any) -> bool:
        host = address[0] if isinstance(address, tuple) else address
        return local_ok and host in ("127.0.0.1", "localhost", "::1")

    def guarded(original: Any) -> Any:
        def call(self: socket.socket, address: Any) -> Any:
            if self.family != socket.AF_UNIX and not allowed(address):
                raise NetworkTouchedError("a test tried to open a network connection")
            return original(self, address)

        return call

    def guarded_resolve(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not allowed((host,)):
            raise NetworkTouchedError("a test tried to look up a host name")
        return resolve(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded(connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(connect_ex))
    monkeypatch.setattr(socket, "getaddrinfo", guarded_resolve)


@pytest.fixture
def profile_path(tmp_path: Path) -> Path:
    """Return a path where no profile is yet."""
    return tmp_path / "me.profile"


@pytest.fixture(scope="session")
def default_models() -> Path:
    """Return the folder of the real default models; without them the test fails rather than skips."""
    from ondevice.config import default_models_dir

    folder = default_models_dir()
    missing = [
        name
        for name in ("bge-small-en-int8", "smollm2-135m-instruct")
        if not (folder / name / "manifest.json").is_file()
    ]
    if missing:
        pytest.fail(f"the models {', '.join(missing)} are missing: run `make models`", pytrace=False)
    return folder
