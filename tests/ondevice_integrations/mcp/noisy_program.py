"""``ondevice-mcp`` with a library that prints and reaches out; what the audit's guard sees goes into a file."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from contextlib import suppress
from typing import Any

from ondevice.privacy.egress.guard import Guard
from ondevice_integrations.mcp import command, tools

FILE = sys.argv.pop(1)


def note(event: dict[str, Any]) -> None:
    attempt = event.get("attempt")
    if attempt and attempt["action"] != "local":
        with open(FILE, "a", encoding="utf-8") as file:
            file.write(f"{attempt['action']} by {attempt['by']}\n")


def noisy(call: tools.Call, asked: Any) -> str:
    sys.stdout.write("printed by Python\n")
    os.write(1, b"printed by C\n")
    ctypes.CDLL(None).puts(b"printed into C's buffer, which is written when the process ends")
    with socket.socket(type=socket.SOCK_DGRAM) as outwards:
        outwards.connect(("192.0.2.1", 9))  # which sends nothing
    return recent(call, asked)


if __name__ == "__main__":
    Guard(note, blocks=False, folder=os.path.dirname(FILE)).install()
    recent = tools.OFFERS["recent"].does
    object.__setattr__(tools.OFFERS["recent"], "does", noisy)
    with suppress(SystemExit):
        command.main()
