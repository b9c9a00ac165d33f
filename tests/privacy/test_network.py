"""Nothing leaves: the whole journey runs where there is no network at all, and tries none."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

JOURNEY = Path(__file__).with_name("journey.py")


def test_the_guard_bites() -> None:
    with pytest.raises(AssertionError, match="network connection"), socket.socket() as probe:
        probe.connect(("192.0.2.1", 9))
    with pytest.raises(AssertionError, match="look up"):
        socket.getaddrinfo("example.invalid", 80)


def test_a_journey_needs_no_network(tmp_path: Path, default_models: Path) -> None:
    """Run the journey with no interface, with ``CI`` unset so that no library is quiet only for a test's sake."""
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rn", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this system does not let a test make a network namespace (needs util-linux and user namespaces)")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("CI", "ORT_", "XDG_"))}
    environment |= {"HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    command = [
        unshare,
        "-rn",
        sys.executable,
        str(JOURNEY),
        str(tmp_path / "me.profile"),
        str(default_models),
        "quokka",
    ]
    result = subprocess.run(
        command, env=environment, input="\n" * 20, capture_output=True, text=True, check=False, timeout=300
    )
    assert result.returncode == 0, result.stderr[-2000:]
    assert result.stdout.splitlines()[-1] == "reopened"
