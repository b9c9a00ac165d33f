"""A training that stopped half-way, as bytes from which it goes on as if it had not. The vault seals them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from ondevice.adaptation.lessons.examples import Example
from ondevice.adaptation.lessons.joined import Joined
from ondevice.adaptation.lora.lora import Tensors
from ondevice.adaptation.lora.paused import PARTS, damaged, from_bytes, to_bytes
from ondevice.adaptation.recipes.recipe import LoraRecipe, ModelShape, TrainingConfig, TrainingReport
from ondevice.errors import AdaptationError, InputError

FORMAT = 2
"""Both are read: the first had no refits."""
_LIMITS = ("max_seconds", "max_memory_bytes")


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far a training is.

    Args:
        step: Steps of the optimizer that are done.
        loss_before: Held-out loss without an adapter, in nats per token.
        best_loss: The least held-out loss of an evaluation so far, if there was one.
        n_without_gain: Evaluations since.
        seconds: Time spent.
        part_tokens: Tokens that go through the model at once; sums of floats depend on it.
        best_step: The steps that were done at that evaluation; 0 before.
    """

    step: int
    loss_before: float
    best_loss: float | None
    n_without_gain: int
    seconds: float
    part_tokens: int
    best_step: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """All that a training needs to go on.

    Args:
        fingerprint: See :func:`fingerprint`.
        progress: How far it is.
        current: The matrices as they are.
        best: The matrices of the best evaluation; empty before the first. In a refit, those that the training left.
        first_moments: AdamW's, by the matrices' names.
        second_moments: Likewise.
        settings: See :func:`settings_mark`; empty where an earlier release kept the checkpoint.
        first: In a refit, what the training did that is done again on all examples; ``None`` in that training itself.
    """

    fingerprint: str
    progress: Progress
    current: Tensors = field(repr=False)
    best: Tensors = field(repr=False)
    first_moments: Tensors = field(repr=False)
    second_moments: Tensors = field(repr=False)
    settings: str = ""
    first: TrainingReport | None = None

    def to_bytes(self) -> bytes:
        """Return the checkpoint as a safetensors file in memory."""
        state = {
            "format": FORMAT,
            "fingerprint": self.fingerprint,
            "settings": self.settings,
            "progress": asdict(self.progress),
            "first": None if self.first is None else self.first.to_json(),
        }
        return to_bytes(state, {part: getattr(self, part) for part in PARTS})

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what :meth:`to_bytes` made.

        Raises:
            CorruptError: If the bytes are damaged.
            VersionError: If a newer release made them.
        """
        state, parts = from_bytes(data, FORMAT)
        try:
            first = state.get("first")
            return cls(
                fingerprint=str(state["fingerprint"]),
                progress=_progress(state["progress"]),
                settings=str(state.get("settings", "")),
                first=None if first is None else TrainingReport.from_json(first),
                current=parts["current"],
                best=parts["best"],
                first_moments=parts["first_moments"],
                second_moments=parts["second_moments"],
            )
        except (KeyError, ValueError, TypeError, InputError):
            raise damaged() from None

    def check(self, fingerprint: str) -> None:
        """Refuse to go on with another training.

        Raises:
            AdaptationError: If the fingerprint is not this one's.
        """
        if self.fingerprint != fingerprint:
            raise AdaptationError(
                "the checkpoint belongs to a training with other examples, another recipe or other settings",
                hint="start the training anew",
            )

    def check_settings(self, recipe: LoraRecipe, config: TrainingConfig, shape: ModelShape) -> None:
        """Refuse to go on with another recipe, other settings or another base: what is known before the examples are.

        Raises:
            AdaptationError: If these are not this one's, as far as the checkpoint tells.
        """
        if self.settings not in ("", settings_mark(recipe, config)):
            raise AdaptationError(
                "the checkpoint belongs to a training with another recipe or other settings",
                hint="give the options of that training, or start anew without its file",
            )
        if sorted(matrix.shape for matrix in self.current.values()) != sorted(_shapes(recipe, shape)):
            raise AdaptationError(
                "the checkpoint's matrices do not fit this base model",
                hint="name the base of that training, or start anew without its file",
            )


def fingerprint(
    examples: Sequence[Example | Joined],
    held_out: Sequence[Example | Joined],
    recipe: LoraRecipe,
    config: TrainingConfig,
    start: Tensors | None = None,
) -> str:
    """Return a hash of everything that decides a training's result; limits of time and memory may change."""
    sizes = [len(examples), len(held_out)]
    digest = hashlib.sha256(json.dumps([*_settings(recipe, config), sizes], sort_keys=True).encode())
    for example in (*examples, *held_out):
        for tokens in example.parts:
            digest.update(len(tokens).to_bytes(8, "little") + tokens.astype("<i4").tobytes())
    for name, values in sorted((start or {}).items()):
        digest.update(name.encode() + values.astype("<f4").tobytes())
    return digest.hexdigest()


def settings_mark(recipe: LoraRecipe, config: TrainingConfig) -> str:
    """Return a hash of what decides a training's result beside its examples."""
    return hashlib.sha256(json.dumps(_settings(recipe, config), sort_keys=True).encode()).hexdigest()


def _settings(recipe: LoraRecipe, config: TrainingConfig) -> list[dict[str, Any]]:
    return [recipe.to_json(), {name: value for name, value in config.to_json().items() if name not in _LIMITS}]


def _shapes(recipe: LoraRecipe, shape: ModelShape) -> Iterator[tuple[int, ...]]:
    """Yield the shapes of a recipe's matrices on a base, of each layer's A and B."""
    for projection in recipe.projections:
        n_in, n_out = shape.layer(projection)
        for _ in recipe.blocks_of(shape):
            yield recipe.rank, n_in
            yield n_out, recipe.rank


def _progress(values: dict[str, Any]) -> Progress:
    progress = Progress(**values)
    best = 0.0 if progress.best_loss is None else progress.best_loss
    if not all(math.isfinite(number) for number in (progress.loss_before, best, progress.seconds)):
        raise ValueError("numbers that are not finite")
    if min(progress.step, progress.n_without_gain, progress.best_step) < 0 or progress.part_tokens < 1:
        raise ValueError("counts below 0")
    return progress
