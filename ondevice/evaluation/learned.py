"""What was learned from histories before: adapters and choices by the hash of all that shaped them.

Kept in a folder, so that a run that is stopped or extended trains nothing twice. It holds what data sets taught, in
the clear; on a user's device adapters lie sealed in the profile.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Self

from ondevice.errors import InputError, StorageError
from ondevice.safety.file_lock import open_locked
from ondevice.safety.regular_files import read_regular
from ondevice.safety.strict_json import read_record

NOTES = "learned.jsonl"
MAX_FILE_BYTES = 2 << 30


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptLearning:
    """What came of learning from one history.

    Args:
        key: The hash of all that shaped it.
        n_items: Items of the history.
        seconds: What it took.
        n_bytes: Size of the adapter; 0 if there is none.
        loss_before: Held-out loss without the adapter (nats per answer token); ``None`` where nothing was trained.
        loss_after: The same with it.
        choice: Where a way was chosen, its name.
        epochs: After how many the training was best; ``None`` where that is not known.
        refit_seconds: What it took to learn the held-out items too; ``None`` where that was not done.
        adapter: The adapter's bytes, where they have been loaded.
        is_used: Whether answers of this run are given with the adapter; that is not kept.
    """

    key: str = ""
    n_items: int = 0
    seconds: float = 0.0
    n_bytes: int = 0
    loss_before: float | None = None
    loss_after: float | None = None
    choice: str | None = None
    epochs: int | None = None
    refit_seconds: float | None = None
    adapter: bytes | None = field(default=None, repr=False, compare=False)
    is_used: bool = field(default=False, compare=False)

    @property
    def has_gained(self) -> bool:
        """Whether there is an adapter that makes the held-out items likelier."""
        return self.loss_before is not None and self.loss_after is not None and self.loss_after < self.loss_before


def count_adapters(learned: Iterable[KeptLearning]) -> dict[str, int]:
    """Return how many adapters were used and trained, and of how many histories, each counted once."""
    found = {each.key: each for each in learned}.values()
    n_used, n_trained = sum(each.is_used for each in found), sum(each.n_bytes > 0 for each in found)
    return {"used": n_used, "trained": n_trained, "histories": len(found)} if found else {}


class LearnedStore:
    """A folder of what was learned, or memory alone."""

    def __init__(self, folder: Path | None) -> None:
        """Read the notes of what the folder holds; the adapters' bytes are read when they are asked for.

        Raises:
            InputError: If the notes are something else; it names the line.
            StorageError: If the folder cannot be read or made.
        """
        self._folder = folder
        self._known: dict[str, KeptLearning] = {}
        if folder is None:
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with _opened_alone(folder / NOTES):
                self._known = _read(folder / NOTES)
        except OSError as error:
            raise StorageError(f"what was learned cannot be kept in {folder.name!r}: {error.strerror}") from None

    @classmethod
    def beside(cls, answers: Path | None) -> Self:
        """Return the store that belongs to a file of answers, or one in memory where there is none."""
        return cls(None if answers is None else answers.with_suffix(".learned"))

    def get(self, key: str) -> KeptLearning | None:
        """Return what is known under a key, without the adapter's bytes."""
        return self._known.get(key)

    def adapter(self, learned: KeptLearning) -> bytes | None:
        """Return the adapter's bytes; ``None`` if nothing was trained.

        Raises:
            StorageError: If they are gone.
        """
        if not learned.n_bytes or learned.adapter is not None:
            return learned.adapter
        if self._folder is None:
            return self._known[learned.key].adapter
        path = _place(self._folder, learned.key)
        try:
            return read_regular(path, limit_bytes=MAX_FILE_BYTES)
        except OSError as error:
            raise StorageError(
                f"the adapter {path.name!r} cannot be read: {error.strerror}", hint=f"remove {NOTES!r} beside it"
            ) from None

    def put(self, learned: KeptLearning) -> None:
        """Keep what was learned; it is on disk when this returns.

        Raises:
            StorageError: If the disk refuses.
        """
        if self._folder is None:
            self._known[learned.key] = learned
            return
        try:
            with _opened_alone(self._folder / NOTES) as file:
                if learned.adapter is not None:
                    place = _place(self._folder, learned.key)
                    draft = place.with_suffix(".new")
                    draft.write_bytes(learned.adapter)
                    draft.replace(place)
                file.write(json.dumps(_noted(learned)).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StorageError(f"what was learned cannot be kept: {error.strerror}") from None
        self._known[learned.key] = replace(learned, adapter=None)


def _place(folder: Path, key: str) -> Path:
    return folder / f"{key}.gguf"


def _noted(learned: KeptLearning) -> Mapping[str, Any]:
    return {name: value for name, value in asdict(learned).items() if name not in ("adapter", "is_used")}


@contextmanager
def _opened_alone(notes: Path) -> Iterator[BinaryIO]:
    """Open the notes to write behind them while nobody else does: two runs may have one folder.

    What a crash left of a line goes, so that the next one begins a line of its own.
    """
    file = open_locked(notes, waits=True)
    if file is None:  # on Windows, after seconds
        raise StorageError(f"another run writes into {notes.parent.name!r}", hint="wait for it")
    with file:
        data = read_regular(notes, limit_bytes=MAX_FILE_BYTES)
        if not data.endswith(b"\n"):
            file.truncate(data.rfind(b"\n") + 1)
        yield file


def _read(path: Path) -> dict[str, KeptLearning]:
    known = {}
    data = read_regular(path, limit_bytes=MAX_FILE_BYTES)
    for number, line in enumerate(data.split(b"\n")[:-1], start=1):
        try:
            noted = {**asdict(KeptLearning()), **json.loads(line)}
            learned = read_record(KeptLearning, noted, "the line", ValueError)
        except (ValueError, TypeError, RecursionError):
            raise InputError(f"{path.name}, line {number}: it is no note of what was learned") from None
        known[learned.key] = learned
    return known
