"""Answers that were given before: a JSON Lines file, so that a run can be stopped, resumed and extended.

The key is a hash over everything that shapes an answer, so two strategies that build the same prompt share one
answer, and a changed model, prompt or decoding never meets an old one. The file holds what the model wrote about the
data set; it belongs beside the data set, not on a user's device.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from ondevice.errors import InputError, StorageError


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One answer, and what it took to get it when it was computed."""

    text: str = field(repr=False)
    n_prompt_tokens: int
    n_reused_tokens: int
    n_tokens: int
    timings_ms: Mapping[str, float]


def answer_key(**parts: object) -> str:
    """Return the hash, 64 hex digits, of everything that shapes an answer; every part must have a JSON form."""
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


class AnswerStore:
    """A file of answers by key, or memory alone; close it, or use it as a context manager."""

    def __init__(self, path: Path | None) -> None:
        """Read what ``path`` holds; a last line that a crash cut short is dropped.

        Raises:
            InputError: If the file holds something else; it names the line.
            StorageError: If it cannot be read or written.
        """
        self._answers: dict[str, Answer] = {}
        self._file: TextIOWrapper | None = None
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            end = self._load(path) if path.exists() else 0
            self._file = path.open("a", encoding="utf-8")
            self._file.truncate(end)
        except OSError as error:
            raise StorageError(f"the answers {path.name!r} cannot be kept: {error.strerror}") from None

    @classmethod
    def remembering(cls, answers: Mapping[str, Answer]) -> Self:
        """Return a store in memory alone that knows these answers; what is put there leaves the mapping as it is."""
        store = cls(None)
        store._answers = dict(answers)
        return store

    def after(self, n_known: int) -> dict[str, Answer]:
        """Return all answers but the first ``n_known``, in the order in which they were put; 0 returns all."""
        return dict(islice(self._answers.items(), n_known, None))

    def get(self, key: str) -> Answer | None:
        """Return the answer with that key, if there is one."""
        return self._answers.get(key)

    def put(self, key: str, answer: Answer) -> None:
        """Keep an answer; it is on disk when this returns.

        Raises:
            StorageError: If the disk refuses.
        """
        self._answers[key] = answer
        if self._file is None:
            return
        try:
            self._file.write(json.dumps({"key": key, **asdict(answer)}, ensure_ascii=False) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise StorageError(f"an answer cannot be kept: {error.strerror}") from None

    def close(self) -> None:
        """Close the file; closing twice is allowed."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __len__(self) -> int:
        return len(self._answers)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _load(self, path: Path) -> int:
        """Read the whole lines and return where they end, in bytes."""
        end = 0
        for number, line in enumerate(path.read_bytes().splitlines(keepends=True), start=1):
            if not line.endswith(b"\n"):
                break
            key, answer = _parse(path, number, line)
            self._answers[key] = answer
            end += len(line)
        return end


def _parse(path: Path, number: int, line: bytes) -> tuple[str, Answer]:
    try:
        value = json.loads(line)
        return value.pop("key"), Answer(**value)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise InputError(
            f"{path.name}, line {number}: it is no answer of an earlier run", hint="name another file, or remove it"
        ) from None
