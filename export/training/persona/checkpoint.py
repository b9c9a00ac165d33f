"""A persona's training that stopped half-way, as bytes from which it goes on as if it had not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from export.training.persona.config import PersonaConfig
from export.training.persona.vectors import Asked, HistoryVectors
from ondevice.adaptation.lora.paused import damaged, from_bytes, to_bytes
from ondevice.errors import AdaptationError

FORMAT = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonaProgress:
    """How far a training is.

    Args:
        step: Steps of the optimizer that are done.
        judged: What other users' answers cost before the training and after each epoch: with their own histories, and
            with the task's rows alone (nats per token).
        best: The judgement that was best with own histories; its place among ``judged``.
        losses: What each step cost (nats per token).
        seconds: Time spent.
    """

    step: int = 0
    judged: tuple[tuple[float, float], ...] = ()
    best: int = 0
    losses: tuple[float, ...] = field(default=(), repr=False)
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonaCheckpoint:
    """All that a training needs to go on.

    Args:
        mark: See :func:`mark_of`.
        progress: How far it is.
        tensors: The numbers as they are, those of the best epoch, and AdamW's moments, by part and name.
    """

    mark: str
    progress: PersonaProgress
    tensors: dict[str, dict[str, NDArray[np.float32]]] = field(repr=False)

    def to_bytes(self) -> bytes:
        """Return the checkpoint as a safetensors file in memory."""
        return to_bytes({"format": FORMAT, "mark": self.mark, "progress": asdict(self.progress)}, self.tensors)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what :meth:`to_bytes` made.

        Raises:
            CorruptError: If the bytes are damaged.
            VersionError: If a newer release made them.
        """
        state, parts = from_bytes(data, FORMAT)
        try:
            progress = PersonaProgress(**state["progress"])
            return cls(
                mark=str(state["mark"]),
                progress=replace(
                    progress,
                    judged=tuple((float(own), float(task)) for own, task in progress.judged),
                    losses=tuple(map(float, progress.losses)),
                ),
                tensors=parts,
            )
        except (KeyError, ValueError, TypeError):
            raise damaged() from None

    def check(self, mark: str) -> None:
        """Refuse to go on with another training.

        Raises:
            AdaptationError: If the mark is not this one's.
        """
        if self.mark != mark:
            raise AdaptationError(
                "the checkpoint belongs to a training with other questions, another model or other settings",
                hint="give the options of that training, or start anew without its file",
            )


def mark_of(base_sha256: str, config: PersonaConfig, vectors: HistoryVectors, parts: Sequence[Sequence[Asked]]) -> str:
    """Return a hash of everything that decides a training's result; limits of time and threads may change.

    Args:
        base_sha256: Of the language model's file.
        config: How it is trained.
        vectors: Those of requests and items.
        parts: The questions that are learned, and those that judge.
    """
    settings = {name: value for name, value in asdict(config).items() if name not in ("max_seconds", "threads")}
    sizes = [len(part) for part in parts]
    digest = hashlib.sha256(json.dumps([base_sha256, settings, sizes], sort_keys=True).encode())
    for matrix in (vectors.items, vectors.queries):
        digest.update(np.ascontiguousarray(matrix).data)
    for asked in (asked for part in parts for asked in part):
        digest.update(np.array([asked.task, asked.query], dtype="<i8").tobytes())
        rows: tuple[NDArray[Any], ...] = (*asked.example.parts, asked.own, asked.other)
        for numbers in rows:
            digest.update(len(numbers).to_bytes(8, "little") + numbers.astype("<i8").tobytes())
    return digest.hexdigest()
