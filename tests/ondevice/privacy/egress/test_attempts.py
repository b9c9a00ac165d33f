"""Addresses, as text and as system calls pass them, by their class alone."""

from __future__ import annotations

import struct

import pytest

from ondevice.privacy.egress.attempts import class_of, ending_of
from ondevice.privacy.egress.sockets import target


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("10.1.2.3", "private"),
        ("fe80::1%eth0", "link-local"),
        ("224.0.0.251", "multicast"),
        ("8.8.8.8", "global"),
        ("0.0.0.0", "unspecified"),
        (bytes((8, 8, 8, 8)), "global"),
        ("example.invalid", "name"),
    ],
)
def test_an_address_is_told_by_its_class(address: str | bytes, expected: str) -> None:
    assert class_of(address) == expected


def test_bytes_of_addresses_are_read() -> None:
    four = struct.pack("=H", 2) + struct.pack("!H4s8x", 443, bytes((8, 8, 8, 8)))
    six = struct.pack("=H", 10) + struct.pack("!HI16sI", 53, 0, bytes(15) + bytes((1,)), 0)
    assert target(four, "connect") == ("connect", "IPv4", "global", 443)
    assert target(six, "send") == ("look-up", "IPv6", "loopback", 53)
    assert target(six, "listen") == ("listen", "IPv6", "loopback", 53)
    assert target(struct.pack("=H", 1) + b"\0/tmp/bus-1", "connect") == ("local", "Unix", "tmp/bus-1", None)
    assert target(struct.pack("=H", 1), "connect") == ("local", "Unix", "", None)
    assert target(struct.pack("=HHII", 16, 0, 0, 0), "send") == ("kernel", "netlink", "", None)
    assert target(b"", "connect") == ("connect", "unknown", "unknown", None)
    assert target(four[:4], "connect") == ("connect", "IPv4", "", None)


def test_a_path_tells_not_where_it_lies() -> None:
    assert ending_of("/home/somebody/secret/run/bus") == "run/bus"
    assert ending_of("C:\\Users\\somebody\\run\\bus") == "run/bus"
