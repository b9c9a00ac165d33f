"""The watch inside Python: its audit events tell of every socket, look-up, program and written file, and who asked.

An event is seen before the call is made. Native code makes none of its own; the system calls tell of that.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from types import FrameType
from typing import Any

from ondevice.privacy.egress.attempts import NAME_PORTS, Action, Attempt, class_of, ending_of, is_name_service
from ondevice.privacy.egress.networks import network_module
from ondevice.privacy.egress.switches import BY_MODULE

Said = Callable[[dict[str, Any]], None]

_FAMILIES = {"AF_INET": "IPv4", "AF_INET6": "IPv6", "AF_UNIX": "Unix", "AF_NETLINK": "netlink"}
_NUMBERS = {1: "AF_UNIX", 2: "AF_INET", -1: "AF_INET", 10: "AF_INET6", 16: "AF_NETLINK"}
_CLIENTS = (
    "http.client.connect",
    "ftplib.connect",
    "smtplib.connect",
    "poplib.connect",
    "imaplib.open",
    "nntplib.connect",
    "telnetlib.Telnet.open",
)
_FORWARDS = ("socket.getaddrinfo", "socket.gethostbyname")
_BACKWARDS = ("socket.gethostbyaddr", "socket.getnameinfo")
_WITH_ADDRESS: dict[str, Action] = {
    "socket.connect": "connect",
    "socket.sendto": "send",
    "socket.sendmsg": "send",
    "socket.bind": "listen",
}
_PROGRAMS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "os.startfile/2")
_FORKS = ("os.fork", "os.forkpty", "os.system", "pty.spawn")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Guard:
    """Tells what Python is asked to do; once it is installed it stays for the life of the process.

    Args:
        say: Takes one event.
        blocks: Refuse what would leave the process; for systems where nothing else holds it back.
        folder: Where the job may write; writing elsewhere is told.

    Attributes:
        written: The files that were opened for writing elsewhere.
    """

    def __init__(self, say: Said, *, blocks: bool, folder: str) -> None:
        self._say = say
        self._blocks = blocks
        self._folder = os.path.realpath(folder)
        self.written: set[str] = set()

    def install(self) -> None:
        """Begin."""
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "import":
            self._note_import(str(arguments[0]))
        elif event == "open":
            self._note_writing(*arguments)
        else:
            attempt = _attempt(event, arguments)
            if attempt is not None:
                self._say({"attempt": {**asdict(attempt), "by": _module()}})
                if self._blocks and attempt.action != "local" and event != "socket.__new__":
                    raise PermissionError(f"the audit lets no {attempt.action} through")

    def _note_import(self, name: str) -> None:
        if network_module(name) is not None:
            self._say({"import": name, "by": _module()})
        if name in BY_MODULE:
            self._say({"reporter": name, "is_off": BY_MODULE[name].is_off(os.environ)})

    def _note_writing(self, path: object, _mode: object, flags: int) -> None:
        if not flags & _WRITES or not isinstance(path, str | bytes):
            return
        place = os.path.realpath(os.fsdecode(path))
        is_file = os.path.isfile(place) or not os.path.exists(place)
        if is_file and not place.startswith((self._folder + os.sep, "/proc/")) and place not in self.written:
            self.written.add(place)
            self._say({"written": ending_of(place), "by": _module()})


def _attempt(event: str, arguments: tuple[Any, ...]) -> Attempt | None:
    """Return what an event tells of; ``None`` where it is no attempt to reach anything."""
    if event in _WITH_ADDRESS:
        return _to_address(_WITH_ADDRESS[event], _family(getattr(arguments[0], "family", "")), arguments[1])
    if event == "socket.__new__":
        family = _family(arguments[1])
        return None if family == "Unix" else _seen("kernel" if family == "netlink" else "socket", family)
    if event in _FORWARDS:  # an address that is written out is not looked up
        return _seen("look-up", to="name") if _class(arguments[0]) == "name" else None
    if event in _BACKWARDS:
        return _seen("look-up", to=_class(arguments[0]))
    if event in _CLIENTS:
        return _seen("connect", to=_class(arguments[1]), port=_port(arguments[2]))
    if event in ("urllib.Request", "webbrowser.open"):
        return _seen("connect", to="name")
    if event in _PROGRAMS:
        return _seen("program", to=ending_of(_text(arguments[0])))
    return _seen("program", to=event) if event in _FORKS else None


def _seen(action: Action, family: str = "", to: str = "", port: int | None = None) -> Attempt:
    return Attempt(layer="Python", action=action, family=family, to=to, port=port)


def _to_address(action: Action, family: str, address: object) -> Attempt | None:
    if family == "Unix":
        path = _text(address)
        return _seen("look-up" if is_name_service(path) else "local", family, ending_of(path.lstrip("\0")))
    if not isinstance(address, tuple):  # a message on a socket that has its address, or a family of another kind
        return None if address is None else _seen(action, family)
    port = _port(address[1]) if len(address) > 1 else None
    is_look_up = port in NAME_PORTS and action != "listen"
    return _seen("look-up" if is_look_up else action, family, _class(address[0]), port)


def _family(value: object) -> str:
    name = getattr(value, "name", None)
    if name is None:
        name = _NUMBERS.get(value, "") if isinstance(value, int) else ""
    return _FAMILIES.get(name, str(name))


def _class(host: object) -> str:
    return class_of(_text(host[0] if isinstance(host, tuple) else host)) if host is not None else "unspecified"


def _port(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _text(value: object) -> str:
    return os.fsdecode(value) if isinstance(value, str | bytes | os.PathLike) else ""


def _module() -> str:
    """Return the module that asked: the first caller outside of what Python brings along for it."""
    frame: FrameType | None = sys._getframe(1)
    names = []
    while frame is not None:
        name = str(frame.f_globals.get("__name__", "?"))
        root = name.partition(".")[0]
        if name != __name__ and root not in ("importlib", "_frozen_importlib", "lazy_loader"):
            names.append(name)
            if root not in sys.stdlib_module_names:
                return name
        frame = frame.f_back
    return names[0] if names else "?"
