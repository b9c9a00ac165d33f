"""What the operating system may write of a process's memory, or let others read: core files, swap, hibernation."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ondevice.privacy.findings import Fact, Finding
from ondevice.vault.process import is_dumpable

_PROTECT = "call ondevice.protect_process() before a profile is opened; the command line does"
_CORE_LIMIT = "Max core file size"
_CIPHERED = "CRYPT-"


@dataclass(frozen=True, kw_only=True, slots=True)
class System:
    """What Linux says of itself and of this process; ``None`` where it does not say.

    Args:
        core_limit: Largest core file of this process, in bytes; -1 is without limit.
        parent_core_limit: The same of the process that started it, and so starts others.
        core_pattern: Where cores go: a file's name, or ``|`` and a program.
        is_dumpable: Whether this process leaves cores, and others of its user may read it.
        ptrace_scope: Whom Yama lets attach: 0 is every process of the user.
        swaps: Name of each swap area → whether it lies on an encrypted device; ``None`` if that cannot be told.
        may_hibernate: Whether the kernel can write its memory to the disk.
    """

    core_limit: int | None
    parent_core_limit: int | None
    core_pattern: str | None
    is_dumpable: bool | None
    ptrace_scope: int | None
    swaps: dict[str, bool | None] | None
    may_hibernate: bool | None

    @classmethod
    def here(cls, root: Path = Path("/")) -> System:
        """Ask this system; ``root`` is where its ``proc`` and ``sys`` lie."""
        proc, sys_folder = root / "proc", root / "sys"
        scope, state = _text(proc / "sys/kernel/yama/ptrace_scope"), _text(sys_folder / "power/state")
        image = _text(sys_folder / "power/disk")
        return cls(
            core_limit=_core_limit(),
            parent_core_limit=_limit_in(_text(proc / str(os.getppid()) / "limits")),
            core_pattern=_text(proc / "sys/kernel/core_pattern"),
            is_dumpable=is_dumpable(),
            ptrace_scope=int(scope) if scope is not None and scope.isdigit() else None,
            swaps=_swaps(_text(proc / "swaps"), sys_folder),
            may_hibernate=None if state is None else "disk" in state.split() and "[disabled]" not in (image or ""),
        )

    def findings(self) -> Iterator[Finding]:
        """Say what weakens the promises."""
        yield from self._cores()
        yield from self._readers()
        yield from self._swapped()

    def facts(self) -> tuple[Fact, ...]:
        """Say what was seen."""
        swaps = None if self.swaps is None else ", ".join(self.swaps) or "none"
        limit = {None: None, -1: "unlimited"}.get(self.core_limit, self.core_limit)
        pattern = self.core_pattern
        return (
            Fact(name="core file limit", value=limit, unit="bytes"),
            # The arguments of a handler say nothing more.
            Fact(name="cores go to", value=pattern.split()[0] if pattern and pattern.startswith("|") else pattern),
            Fact(name="others of the user may read this process", value=self.is_dumpable),
            Fact(name="Yama's ptrace scope", value=self.ptrace_scope),
            Fact(name="swap areas", value=swaps),
            Fact(name="hibernation is possible", value=self.may_hibernate),
        )

    def _cores(self) -> Iterator[Finding]:
        is_piped = (self.core_pattern or "").startswith("|")
        where = "are handed to a program" if is_piped else "are written to files"
        is_protected = self.is_dumpable is False
        if self.core_limit and not is_protected:
            yield Finding(
                code="at-rest/core-limit",
                level="medium",
                text=f"this process may leave core files, with keys and texts in the clear; cores {where}",
                hint=_PROTECT,
            )
        elif self.parent_core_limit:
            yield Finding(
                code="at-rest/core-limit-inherited",
                level="low",
                text=f"processes that are started where this one was may leave core files; cores {where}",
                hint=f"{_PROTECT}; or lower the limit: ulimit -c 0",
            )
        elif is_piped:
            # The kernel minds the limit only where it writes the file itself.
            yield Finding(
                code="at-rest/core-handler",
                level="note" if is_protected else "low",
                text="the system hands the memory of a process that crashes to a program, whatever the limit is",
                hint=_PROTECT,
            )

    def _readers(self) -> Iterator[Finding]:
        if self.is_dumpable and not self.ptrace_scope:
            yield Finding(
                code="at-rest/process-readable",
                level="note",
                text="any program of the same user may read the memory of this process while a profile is open",
                hint=_PROTECT,
            )

    def _swapped(self) -> Iterator[Finding]:
        open_areas = [name for name, is_encrypted in (self.swaps or {}).items() if is_encrypted is False]
        unknown = [name for name, is_encrypted in (self.swaps or {}).items() if is_encrypted is None]
        if open_areas:
            yield Finding(
                code="at-rest/swap",
                level="low",
                text=f"memory may be written to swap that is not encrypted ({len(open_areas)} areas)",
                hint="encrypt the swap, or switch it off: swapoff -a",
            )
        if unknown:
            yield Finding(
                code="at-rest/swap-unknown",
                level="note",
                text=f"memory may be written to swap, and whether that is encrypted could not be seen ({len(unknown)})",
                hint="make sure that the disk or the swap is encrypted",
            )
        if self.may_hibernate and self.swaps and (open_areas or unknown):
            yield Finding(
                code="at-rest/hibernation",
                level="note",
                text="hibernation would write all memory to the swap",
                hint="encrypt the swap, or switch hibernation off",
            )


def not_seen() -> tuple[str, ...]:
    """Say what this system does not let a process see of all that."""
    if sys.platform == "linux":
        return ("what is in memory, in swap and in hibernation images was not read",)
    return (
        "core files, swap, hibernation and who may read the process's memory: not looked at on this system",
        "what is in memory was not read",
    )


def _core_limit() -> int | None:
    if sys.platform == "win32":
        return None
    import resource

    return resource.getrlimit(resource.RLIMIT_CORE)[0]


def _limit_in(limits: str | None) -> int | None:
    for line in (limits or "").splitlines():
        if line.startswith(_CORE_LIMIT):
            soft = line[len(_CORE_LIMIT) :].split()[0]
            return -1 if soft == "unlimited" else int(soft)
    return None


def _swaps(table: str | None, sys_folder: Path) -> dict[str, bool | None] | None:
    if table is None:
        return None
    names = [line.split()[0] for line in table.splitlines()[1:] if line.strip()]
    return {Path(name).name: _is_encrypted(name, sys_folder) for name in names}


def _is_encrypted(name: str, sys_folder: Path) -> bool | None:
    """Say whether a swap area is a mapped device with a cipher, or in memory; of a file it cannot be told."""
    device = Path(os.path.realpath(name)).name
    if device.startswith("zram"):
        return True
    if device.startswith("dm-"):
        kind = _text(sys_folder / "block" / device / "dm/uuid")
        # A volume on top of an encrypted one is not known to be one.
        return None if kind is None or not kind.startswith(_CIPHERED) else True
    return False if name.startswith("/dev/") else None


def _text(path: Path) -> str | None:
    with suppress(OSError):
        return path.read_text("utf-8", "replace").strip()
    return None
