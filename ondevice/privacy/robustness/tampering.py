"""Change each file of a copy in many places, one at a time, and see whether that is noticed."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ondevice.privacy.robustness.outcome import Outcome, outcome_of, restores
from ondevice.privacy.subject import Copy
from ondevice.vault.blobs import is_cache
from ondevice.vault.layout import BLOB_SUFFIX, LOCK_FILE

SEED = 20_26
_HEADER_BYTE = 20
_RANDOM_FLIPS, _MORE_RANDOM_FLIPS = 2, 60
_LIMIT_S, _DEEP_LIMIT_S = 15.0, 1800.0

Change = Callable[[Path], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One change.

    Args:
        file: Which file, without what names an encoder or a thing that was learned.
        change: What was done to it.
        outcome: What noticed it.
        restored: Whether it could be restored as a backup; ``None`` where that was not tried.
        is_by_design: Whether nothing has to notice it, as the threat model says.
    """

    file: str
    change: str
    outcome: Outcome
    restored: bool | None
    is_by_design: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Tampering:
    """All of them.

    Args:
        trials: In the order in which they were made.
        n_left_out: Changes for which there was no time.
    """

    trials: tuple[Trial, ...]
    n_left_out: int


def tamper_with(original: Copy, scratch: Path, *, deep: bool) -> Tampering:
    """Try every change on a copy of a closed profile.

    Args:
        original: It stays as it is.
        scratch: A folder for the changed ones.
        deep: Whether to try many more, for longer.
    """
    ends = time.monotonic() + (_DEEP_LIMIT_S if deep else _LIMIT_S)
    planned = list(_planned(original.path, _MORE_RANDOM_FLIPS if deep else _RANDOM_FLIPS))
    trials: list[Trial] = []
    for name, change, work, with_restore in planned:
        if time.monotonic() > ends:
            break
        changed = Copy(scratch / "changed.profile", original.key)
        shutil.copytree(original.path, changed.path)
        try:
            work(changed.path / name)
            restored = restores(changed, scratch / "restored.profile") if with_restore else None
            trials.append(
                Trial(
                    file=shown(name),
                    change=change,
                    outcome=outcome_of(changed),
                    restored=restored,
                    is_by_design=change == "removed" and _is_cache_file(name),
                )
            )
        finally:
            shutil.rmtree(changed.path)
    return Tampering(trials=tuple(trials), n_left_out=len(planned) - len(trials))


def shown(name: Path) -> str:
    """Return what a file is called in a report."""
    if name.name.endswith(BLOB_SUFFIX):
        return f"sealed {name.name.partition('-')[0]}"
    return name.name


def _planned(profile: Path, n_random: int) -> Iterator[tuple[Path, str, Change, bool]]:
    """Yield file, change, how it is done, and whether to restore: each file once before any of them again."""
    files = sorted(path.relative_to(profile) for path in profile.rglob("*") if path.is_file())
    chosen = [name for name in files if name.name != LOCK_FILE and (profile / name).stat().st_size]
    chance = random.Random(SEED)  # noqa: S311 - the same places each time
    sizes = {name: (profile / name).stat().st_size for name in chosen}
    for name in chosen:
        yield name, "a bit flipped in the middle", _flip(sizes[name] // 2), not _is_cache_file(name)
    for name in chosen:
        yield name, "a bit flipped at the beginning", _flip(min(_HEADER_BYTE, sizes[name] - 1)), False
        yield name, "a bit flipped at the end", _flip(sizes[name] - 1), False
        yield name, "cut to the half", _cut, not _is_cache_file(name)
        yield name, "removed", Path.unlink, False
    for _ in range(n_random):
        for name in chosen:
            yield name, "a bit flipped somewhere", _flip(chance.randrange(sizes[name]), chance.randrange(8)), False


def _is_cache_file(name: Path) -> bool:
    return name.name.endswith(BLOB_SUFFIX) and is_cache(name.name)


def _flip(at: int, bit: int = 0) -> Change:
    def flip(file: Path) -> None:
        data = bytearray(file.read_bytes())
        data[at] ^= 1 << bit
        file.write_bytes(data)

    return flip


def _cut(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])
