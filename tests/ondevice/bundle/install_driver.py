"""Kill an install, or a rollback, before each call that changes the disk, and look at what it leaves.

Run as a program: ``install_driver.py SCENARIO FOLDER``. It forks once per call; the child kills itself, as by
``kill -9``, just before it. The parent checks that one whole version is in use, and that the next install is not
hindered. Writes the number of calls, or fails with the first broken promise.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ondevice.bundle import Bundle
from ondevice.bundle.installing import install, rollback
from ondevice.errors import NotFoundError

CALLS = ("replace", "rename", "unlink", "fsync", "open", "rmdir", "mkdir")
MAX_CALLS = 400


def light(left: int) -> None:
    """Kill this process before the call with that number."""

    def before(call: Callable[..., Any]) -> Callable[..., Any]:
        def burning(*values: Any, **named: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*values, **named)

        return burning

    for name in CALLS:
        setattr(os, name, before(getattr(os, name)))


def version_in_use(models: Path) -> str | None:
    try:
        return Bundle.open(models / "tiny", kind="generator").version
    except NotFoundError:
        return None


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def first(folder: Path, models: Path) -> None:
    install(folder / "tiny-1.ondevice", models)


def over_plain(folder: Path, models: Path) -> None:
    install(folder / "tiny-2.ondevice", models)


def third(folder: Path, models: Path) -> None:
    install(folder / "tiny-3.ondevice", models)


def back(folder: Path, models: Path) -> None:
    rollback(models, "tiny")


def no_models(folder: Path, models: Path) -> None:
    models.mkdir()


def plain(folder: Path, models: Path) -> None:
    shutil.copytree(folder / "plain", models / "tiny")


def two(folder: Path, models: Path) -> None:
    for version in (1, 2):
        install(folder / f"tiny-{version}.ondevice", models)


SCENARIOS = {
    "first": (no_models, first, (None, "1")),
    "over-plain": (plain, over_plain, ("1", "2")),
    "third": (two, third, ("2", "3")),
    "rollback": (two, back, ("2", "1")),
}


def main(scenario: str, folder: Path) -> None:
    prepare, work, allowed = SCENARIOS[scenario]
    for number in range(1, MAX_CALLS):
        models = folder / f"models-{number}"
        prepare(folder, models)
        child = os.fork()
        if child == 0:
            light(number)
            work(folder, models)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        is_killed = os.WIFSIGNALED(status)
        found = version_in_use(models)
        assert found in allowed if is_killed else found == allowed[1], (number, found)
        install(folder / "tiny-4.ondevice", models)
        assert version_in_use(models) == "4", number
        assert names(models) == [".install-lock", "tiny"], names(models)
        left = [name for name in names(models / "tiny") if name.startswith(("v-", "."))]
        assert len(left) <= 2, left
        if found is not None:
            assert rollback(models, "tiny").version == found, number
        shutil.rmtree(models)
        if not is_killed:
            assert os.waitstatus_to_exitcode(status) == 0, f"the work failed by itself at {number}"
            sys.stdout.write(f"{number - 1}\n")
            return
    raise AssertionError("the work never came to its end")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
