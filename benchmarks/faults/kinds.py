"""The kinds of faults, and what is told of one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from benchmarks.faults.comparing import Problem


class Kind(StrEnum):
    """The table's rows."""

    KILL_ANY_TIME = "kill at any time"
    KILL_BEFORE = "kill before a call"
    KILL_AFTER = "kill after a call"
    TORN_WRITE = "torn write"
    SHORT_WRITE = "short write"
    DISK_FULL = "disk full"
    WRITE_ERROR = "error of a change"
    READ_ERROR = "error of a read"
    POWER_CUT = "power cut"
    FLIP = "flipped bytes"
    CUT = "file cut or grown"
    REMOVAL = "file removed"
    SWAP = "files swapped"
    OLDER = "older copy of a file"
    FOREIGN = "file of another profile"
    ROLLBACK = "older copy of everything"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault and its verdict.

    Args:
        kind: What was done.
        where: To which call or file.
        during: Which act it struck, if one.
        how: How it was seen, where it was a change; ``nothing lost`` where it took nothing.
        problems: What must not be.
    """

    kind: Kind
    where: str
    during: str = ""
    how: str = ""
    problems: tuple[Problem, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return asdict(self)
