"""Who decides about the calls that a filter hands on: each is noted, and none that leaves the process is let through.

A call waits until it is answered here. What goes to an address is refused, so the evidence is complete without a byte
that leaves. Local sockets are refused too: behind them stand programs that would look a name up for the job.
"""

from __future__ import annotations

import errno
import os
import select
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from ondevice.privacy.egress.attempts import Action, Attempt, ending_of
from ondevice.privacy.egress.filters import X32_BIT, Calls
from ondevice.privacy.egress.sockets import IPV4, IPV6, MOST_BYTES, UNIX, family_name, socket_action, target

_RECEIVE, _SEND, _IS_VALID = 0xC0502100, 0xC0182101, 0x40082102
_NOTICE = struct.Struct("=QIIiIQ6Q")
_ANSWER = struct.Struct("=QqiI")
_GO_ON = 1
_MOST_MESSAGES = 16
_POLL_MS = 50


@dataclass(frozen=True, slots=True)
class Call:
    """One call that waits for an answer, from the thread ``thread``."""

    id: int
    thread: int
    name: str
    arguments: tuple[int, ...]


class Supervisor:
    """Answers a filter's calls in a thread of its own, until every process under the filter has ended.

    Args:
        descriptor: The filter's; it is closed at the end.
        calls: The calls of this machine.
        on_attempt: Told each attempt and the process that made it.
    """

    def __init__(self, descriptor: int, calls: Calls, on_attempt: Callable[[Attempt, int], None]) -> None:
        self._descriptor = descriptor
        self._calls = calls
        self._on_attempt = on_attempt
        self._is_over = threading.Event()
        self.is_alone = False
        """Whether every process under the filter has ended."""
        self._thread = threading.Thread(target=self._serve, name="ondevice-supervisor", daemon=True)
        self._thread.start()

    def wait(self, limit_s: float) -> None:
        """Wait until every process under the filter has ended, at most so long."""
        self._thread.join(limit_s)

    def close(self) -> None:
        """End; from now on every watched call fails by itself."""
        self._is_over.set()
        self._thread.join()

    def _serve(self) -> None:
        waiting = select.poll()
        waiting.register(self._descriptor, select.POLLIN)
        try:
            while not self._is_over.is_set():
                for _descriptor, events in waiting.poll(_POLL_MS):
                    if events & select.POLLIN:
                        self._answer_next()
                    elif events & (select.POLLHUP | select.POLLERR):
                        self.is_alone = True
                        return
        finally:
            os.close(self._descriptor)

    def _answer_next(self) -> None:
        from fcntl import ioctl

        notice = bytearray(_NOTICE.size)
        try:
            ioctl(self._descriptor, _RECEIVE, notice, True)
        except OSError:  # whoever called has ended meanwhile
            return
        call_id, thread, _flags, number, architecture, _place, *arguments = _NOTICE.unpack(notice)
        is_native = architecture == self._calls.architecture and not number & X32_BIT
        call = Call(call_id, thread, self._calls.names.get(number, "") if is_native else "", tuple(arguments))
        attempts, refusal = self._judge(call)
        with suppress(OSError):  # what was read of a process that has ended could be another's
            ioctl(self._descriptor, _IS_VALID, struct.pack("=Q", call_id))
            for attempt in attempts:
                self._on_attempt(attempt, process_of(thread))
            ioctl(self._descriptor, _SEND, _ANSWER.pack(call_id, 0, -refusal, 0 if refusal else _GO_ON))

    def _judge(self, call: Call) -> tuple[list[Attempt], int]:
        """Return what a call amounts to, and the error it gets; 0 lets it through."""
        if call.name == "socket":
            family = call.arguments[0] & 0xFFFFFFFF
            if family == UNIX:  # only what is done with it matters
                return [], 0
            # An address tells more than a socket: IP sockets may be made, so that the next call names one.
            refusal = 0 if family in (IPV4, IPV6) else errno.EAFNOSUPPORT
            return [_seen(socket_action(family), family_name(family))], refusal
        if call.name in ("execve", "execveat"):
            path = _text(call.thread, call.arguments[0 if call.name == "execve" else 1])
            return [_seen("program", to=ending_of(path))], 0
        if call.name == "io_uring_setup":
            return [_seen("ring")], errno.ENOSYS
        if not call.name:
            return [_seen("ring", to="a call of another architecture")], errno.ENOSYS
        return self._judge_address(call)

    def _judge_address(self, call: Call) -> tuple[list[Attempt], int]:
        if call.name == "listen":
            return [_seen("listen")], errno.EACCES
        action: Action = {"connect": "connect", "bind": "listen"}.get(call.name, "send")  # type: ignore[assignment]
        addresses = [raw for raw in _addresses(call) if raw is not None]
        if not addresses:  # a message on a socket that has its address: connecting it was the attempt
            return [], 0
        attempts = [_seen(*target(raw, action)) for raw in addresses]
        return attempts, errno.ECONNREFUSED if attempts[0].family == "Unix" else errno.ENETUNREACH


def _seen(action: Action, family: str = "", to: str = "", port: int | None = None) -> Attempt:
    return Attempt(layer="system calls", action=action, family=family, to=to, port=port)


def _addresses(call: Call) -> list[bytes | None]:
    """Return the addresses that a call names; ``None`` for each message without one."""
    if call.name in ("connect", "bind"):
        return [_read(call.thread, call.arguments[1], call.arguments[2])]
    if call.name == "sendto":
        return [_read(call.thread, call.arguments[4], call.arguments[5]) if call.arguments[4] else None]
    if call.name == "sendmsg":
        return [_message_address(call.thread, call.arguments[1])]
    count = min(call.arguments[2] & 0xFFFFFFFF, _MOST_MESSAGES)
    return [_message_address(call.thread, call.arguments[1] + 64 * place) for place in range(count)]


def _message_address(thread: int, place: int) -> bytes | None:
    header = _read(thread, place, 12)
    if len(header) < 12:
        return b""
    name, length = struct.unpack("=QI", header)
    return _read(thread, name, length) if name else None


def _read(thread: int, place: int, length: int) -> bytes:
    """Return bytes of a thread's memory; none where the system does not show them."""
    try:
        with open(f"/proc/{thread}/mem", "rb", buffering=0) as memory:
            return os.pread(memory.fileno(), min(length & 0xFFFFFFFF, MOST_BYTES), place)
    except (OSError, OverflowError):
        return b""


def _text(thread: int, place: int) -> str:
    raw = _read(thread, place, MOST_BYTES)
    return raw.split(b"\0")[0].decode("utf-8", "replace")


def process_of(thread: int) -> int:
    """Return the process that a thread belongs to; 0 where it has ended."""
    try:
        with open(f"/proc/{thread}/status", encoding="ascii", errors="replace") as status:
            return next((int(line.split()[1]) for line in status if line.startswith("Tgid:")), 0)
    except (OSError, ValueError):
        return 0
