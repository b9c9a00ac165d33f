"""What the system may write of a process's memory is read from what Linux says of itself."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from ondevice.privacy.at_rest.system import System

SAFE = System(
    core_limit=0,
    parent_core_limit=0,
    core_pattern="core",
    is_dumpable=True,
    ptrace_scope=1,
    swaps={},
    may_hibernate=False,
)
HANDLER = "|/usr/lib/handler %P"


def levels(system: System) -> dict[str, str]:
    return {finding.code.removeprefix("at-rest/"): finding.level for finding in system.findings()}


def test_a_careful_system_has_no_finding() -> None:
    assert levels(SAFE) == {}


@pytest.mark.parametrize("limit", [4096, -1])
def test_a_core_limit_is_found_unless_the_process_is_protected(limit: int) -> None:
    assert levels(replace(SAFE, core_limit=limit)) == {"core-limit": "medium"}
    assert levels(replace(SAFE, core_limit=limit, core_pattern=HANDLER)) == {"core-limit": "medium"}
    assert levels(replace(SAFE, core_limit=limit, is_dumpable=False)) == {}


def test_what_other_processes_of_the_user_would_do_is_found() -> None:
    assert levels(replace(SAFE, core_pattern=HANDLER)) == {"core-handler": "low"}
    assert levels(replace(SAFE, core_pattern=HANDLER, is_dumpable=False)) == {"core-handler": "note"}
    for is_dumpable in (True, False):
        found = levels(replace(SAFE, parent_core_limit=-1, is_dumpable=is_dumpable))
        assert found == {"core-limit-inherited": "low"}


def test_readers_swap_and_hibernation_are_found() -> None:
    assert levels(replace(SAFE, ptrace_scope=0)) == {"process-readable": "note"}
    assert levels(replace(SAFE, swaps={"sda2": False})) == {"swap": "low"}
    assert levels(replace(SAFE, swaps={"dm-1": True}, may_hibernate=True)) == {}
    found = levels(replace(SAFE, swaps={"swapfile": None}, may_hibernate=True))
    assert found == {"swap-unknown": "note", "hibernation": "note"}


def test_a_raised_limit_of_this_process_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda _which: (1 << 20, 1 << 20))
    assert System.here().core_limit == 1 << 20


def test_linux_is_read(tmp_path: Path) -> None:
    for name, text in {
        "proc/sys/kernel/core_pattern": f"{HANDLER}\n",
        "proc/sys/kernel/yama/ptrace_scope": "1\n",
        f"proc/{os.getppid()}/limits": "Limit  Soft Limit\nMax core file size   unlimited   unlimited   bytes\n",
        "proc/swaps": "Filename Type\n/dev/dm-3 partition 1 0 -2\n/swapfile file 1 0 -3\n/dev/zram0 p 1 0 5\n",
        "sys/block/dm-3/dm/uuid": "CRYPT-PLAIN-swap\n",
        "sys/power/state": "freeze mem disk\n",
        "sys/power/disk": "[platform] shutdown\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    system = System.here(tmp_path)
    assert (system.core_pattern, system.ptrace_scope, system.parent_core_limit) == (HANDLER, 1, -1)
    assert system.swaps == {"dm-3": True, "swapfile": None, "zram0": True}
    assert system.may_hibernate is True
    assert {fact.name: fact.value for fact in system.facts()}["cores go to"] == "|/usr/lib/handler"


def test_a_system_that_says_nothing_is_asked_without_harm(tmp_path: Path) -> None:
    system = System.here(tmp_path)
    assert (system.core_pattern, system.swaps, system.may_hibernate) == (None, None, None)
