"""Nothing leaves: a test that tries a connection fails."""

from __future__ import annotations

import socket

import pytest


def test_the_guard_bites() -> None:
    with pytest.raises(AssertionError, match="network connection"), socket.socket() as probe:
        probe.connect(("192.0.2.1", 9))
    with pytest.raises(AssertionError, match="look up"):
        socket.getaddrinfo("example.invalid", 80)
