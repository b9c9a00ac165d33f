"""An attempt to reach something outside the process, as one of the layers of the watch saw it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Literal, TypeAlias

Layer = Literal["system calls", "Python"]
Action = Literal["connect", "send", "look-up", "socket", "listen", "local", "kernel", "program", "ring"]
"""What was tried.

``connect`` and ``send`` name an address, ``look-up`` a name service. ``socket`` was only made, ``listen`` waits for
others. ``local`` goes to another program of this machine, ``kernel`` to the system itself (netlink: which addresses
and interfaces there are). ``program`` was started. A ``ring`` (io_uring) could open sockets without further calls.
"""

NAME_PORTS = (53, 853, 5353, 5355)
"""Where name services listen."""

NAME_SERVICES = ("io.systemd.Resolve", "avahi-daemon/socket")
"""How the local sockets end through which a look-up is handed to another program.

Not nscd's: it is asked for names of users as well, and where it does not answer, a look-up of hosts goes on by itself.
"""

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One attempt.

    Args:
        layer: Which layer saw it.
        action: What was tried.
        family: The family of addresses, as ``IPv4``.
        to: The class of the address, as ``loopback`` or ``global``, or the end of a local socket's or program's name.
        port: The port, where there is one.
        step: Which step of the job was under way.
        by: Who tried: a module, or which process.
    """

    layer: Layer
    action: Action
    family: str = ""
    to: str = ""
    port: int | None = None
    step: str = ""
    by: str = ""


def class_of(address: str | bytes) -> str:
    """Return the class of an IP address, given as text or as its bytes; ``name`` where it is none."""
    text = address if isinstance(address, bytes) else address.partition("%")[0]
    try:
        found: Address = ipaddress.ip_address(text)
    except ValueError:
        return "name"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    kinds = ("unspecified", "loopback", "link_local", "multicast", "private", "reserved", "global")
    return next((kind.replace("_", "-") for kind in kinds if getattr(found, f"is_{kind}")), "other")


def ending_of(path: str) -> str:
    """Return the last two parts of a path, which tell what it is and nothing of where the user keeps it."""
    return "/".join(path.replace("\\", "/").split("/")[-2:])[:80]


def is_name_service(path: str) -> bool:
    """Say whether a local socket belongs to a program that looks names up."""
    return path.endswith(NAME_SERVICES)
