"""Addresses as system calls pass them: the bytes of a ``sockaddr``, as Linux lays them out."""

from __future__ import annotations

import struct

from ondevice.privacy.egress.attempts import NAME_PORTS, Action, class_of, ending_of, is_name_service

UNIX, IPV4, IPV6, NETLINK = 1, 2, 10, 16
MOST_BYTES = 128
"""The length of the longest address."""

_NAMES = {UNIX: "Unix", IPV4: "IPv4", IPV6: "IPv6", NETLINK: "netlink", 17: "packet", 31: "Bluetooth", 40: "VM"}
_KERNEL = (15, NETLINK, 38)
"""Families that reach the system itself and no machine: keys, netlink, ciphers."""


def family_name(number: int) -> str:
    """Return what a family of addresses is called."""
    return _NAMES.get(number, f"family {number}")


def socket_action(family: int) -> Action:
    """Return what making a socket of a family amounts to."""
    if family == UNIX:
        return "local"
    return "kernel" if family in _KERNEL else "socket"


def target(raw: bytes, otherwise: Action) -> tuple[Action, str, str, int | None]:
    """Return what an address says: action, family, class or name, port.

    Args:
        raw: The bytes of the address; too few say nothing.
        otherwise: What is done with it, unless its family or port says more.
    """
    if len(raw) < 2:
        return otherwise, "unknown", "unknown", None
    family = struct.unpack_from("=H", raw)[0]
    name = family_name(family)
    if family == UNIX:
        # An abstract name begins with a zero byte; any other ends with one.
        path = raw[2:].lstrip(b"\0").split(b"\0")[0].decode("utf-8", "replace")
        return ("look-up" if is_name_service(path) else "local"), name, ending_of(path), None
    if family == IPV4 and len(raw) >= 8:
        port, address = struct.unpack_from("!H4s", raw, 2)
    elif family == IPV6 and len(raw) >= 24:
        port, address = struct.unpack_from("!H4x16s", raw, 2)
    else:
        return (socket_action(family) if family in _KERNEL else otherwise), name, "", None
    is_look_up = port in NAME_PORTS and otherwise != "listen"
    return ("look-up" if is_look_up else otherwise), name, class_of(address), port
