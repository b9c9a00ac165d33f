"""What is learned and how: which layers get a LoRA, how long it trains, and what came of it.

Source: Hu et al. 2021, arXiv:2106.09685 (LoRA); the defaults for one user's history follow Tan et al. 2024,
arXiv:2402.04401 (OPPU): rank 8 on q and v.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from ondevice.adaptation.lora.precision import PRECISIONS, Precision
from ondevice.adaptation.recipes.privacy import Privacy, PrivacySpent
from ondevice.adaptation.recipes.stored import Stored
from ondevice.config import MOST_THREADS
from ondevice.errors import InputError
from ondevice.safety.strict_json import read_record

PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
"""The layers of a block that may get a LoRA: four of the attention, three of the feed-forward."""

Stop = Literal["done", "early", "time", "cancelled", "paused"]
"""Why a training ended: all epochs done, no gain any more, out of time, or the app said so."""

RefitEnd = Literal["off", "done", "no gain", "time"]
"""What became of the training anew on all examples, those held out too: not wanted or not come to, done, not worth it
because the held-out examples had not gained, or without the time for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelShape:
    """The sizes of a base model that decide how large an adapter is.

    Args:
        architecture: As GGUF names it, such as ``llama``.
        n_blocks: Transformer blocks.
        dim: Numbers in a hidden state.
        n_heads: Attention heads.
        n_kv_heads: Key-value heads.
        head_dim: Numbers per head.
        ffn_dim: Numbers inside the feed-forward layers.
        vocabulary: Tokens the model knows.
    """

    architecture: str
    n_blocks: int
    dim: int
    n_heads: int
    n_kv_heads: int
    head_dim: int
    ffn_dim: int
    vocabulary: int

    def layer(self, projection: str) -> tuple[int, int]:
        """Return how many numbers go into and come out of a projection of :data:`PROJECTIONS`."""
        query, key = self.n_heads * self.head_dim, self.n_kv_heads * self.head_dim
        return {
            "q_proj": (self.dim, query),
            "k_proj": (self.dim, key),
            "v_proj": (self.dim, key),
            "o_proj": (query, self.dim),
            "gate_proj": (self.dim, self.ffn_dim),
            "up_proj": (self.dim, self.ffn_dim),
            "down_proj": (self.ffn_dim, self.dim),
        }[projection]


@dataclass(frozen=True, kw_only=True, slots=True)
class LoraRecipe(Stored):
    """Where a model gets LoRA matrices, and how large.

    Args:
        blocks: Indexes of the blocks, each once and in order; ``None`` takes all.
        projections: Names of :data:`PROJECTIONS`, each once.
        rank: Rows of every A matrix.
        alpha: The update is ``alpha / rank * B @ A``.
    """

    blocks: tuple[int, ...] | None = None
    projections: tuple[str, ...] = ("q_proj", "v_proj")
    rank: int = 8
    alpha: float = 16.0

    def __post_init__(self) -> None:
        """Refuse a recipe that names nothing, something twice, or something no block has."""
        if self.blocks is not None and (
            not self.blocks or self.blocks[0] < 0 or list(self.blocks) != sorted(set(self.blocks))
        ):
            raise ValueError(f"blocks must be ascending indexes from 0, each once, or None, not {self.blocks}")
        unknown = sorted(set(self.projections) - set(PROJECTIONS))
        if unknown or not self.projections or len(set(self.projections)) != len(self.projections):
            raise ValueError(f"projections must be some of {', '.join(PROJECTIONS)}, each once, not {self.projections}")
        if self.rank < 1 or not math.isfinite(self.alpha) or self.alpha <= 0:
            raise ValueError(f"rank {self.rank} must be 1 or more, alpha {self.alpha} more than 0")

    def blocks_of(self, shape: ModelShape) -> tuple[int, ...]:
        """Return the indexes of the blocks that get matrices in a model of this shape.

        Raises:
            ValueError: If the recipe names a block that the model does not have.
        """
        if self.blocks is None:
            return tuple(range(shape.n_blocks))
        if self.blocks[-1] >= shape.n_blocks:
            raise ValueError(f"the recipe names block {self.blocks[-1]}, but the model has {shape.n_blocks} blocks")
        return self.blocks

    def n_parameters(self, shape: ModelShape) -> int:
        """Return how many numbers an adapter of this recipe has on a model of this shape."""
        per_block = sum(self.rank * sum(shape.layer(projection)) for projection in self.projections)
        return len(self.blocks_of(shape)) * per_block


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingConfig(Stored):
    """How long and how hard is trained.

    Args:
        learning_rate: AdamW's, at the end of the warm-up; falls linearly to 0.
        epochs: Passes over the examples, at most.
        batch_tokens: Tokens of one step, padding included; one example is always taken. Few, because a dozen short
            items must give more than a handful of steps.
        weight_decay: AdamW's.
        warm_up: The part of all steps in which the learning rate rises, 0 to 1.
        held_out: The part of the examples, the newest, that judges the training, more than 0 and less than 1.
        patience: Epochs without a gain on the held-out examples after which training stops.
        seed: Decides the first A matrices and the order of the batches.
        max_seconds: Training stops after so long; ``None`` for no limit. Held-out evaluations come on top.
        max_memory_bytes: Of the process; a training that does not fit is refused before it starts.
        max_tokens: Longer examples lose the beginning of their request.
        max_gradient_norm: Gradients are scaled down to this norm.
        threads: CPU threads that compute; ``None`` takes what PyTorch takes, which is every core.
        precision: What the model computes in; ``auto`` takes bfloat16 where the machine has it in hardware.
        privacy: Train with differential privacy, which bounds what the adapter tells of any one pair; ``None`` trains
            as usual. See :class:`~ondevice.adaptation.recipes.privacy.Privacy` for what changes then.
    """

    learning_rate: float = 1e-3
    epochs: int = 4
    batch_tokens: int = 256
    weight_decay: float = 0.01
    warm_up: float = 0.05
    held_out: float = 0.15
    patience: int = 1
    seed: int = 0
    max_seconds: float | None = None
    max_memory_bytes: int | None = None
    max_tokens: int = 512
    max_gradient_norm: float = 1.0
    threads: int | None = None
    precision: Precision = "auto"
    privacy: Privacy | None = None

    def __post_init__(self) -> None:
        """Refuse numbers with which nothing can be trained."""
        positive = ("learning_rate", "epochs", "batch_tokens", "patience", "max_gradient_norm")
        for name in (*positive, "max_seconds", "max_memory_bytes", "threads"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value > 0):
                raise ValueError(f"{name} must be more than 0, not {value}")
        if self.threads is not None and self.threads > MOST_THREADS:
            raise ValueError(f"threads must be at most {MOST_THREADS}, not {self.threads}")
        if self.max_tokens < 2:
            raise ValueError(f"max_tokens must be 2 or more, not {self.max_tokens}")
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, not {self.precision!r}")
        if self.privacy is not None and not isinstance(self.privacy, Privacy):
            raise TypeError(f"privacy must be a Privacy or None, not {type(self.privacy).__name__}")
        if not 0 <= self.warm_up <= 1 or not 0 < self.held_out < 1 or not 0 <= self.weight_decay < math.inf:
            raise ValueError(
                f"warm_up {self.warm_up} must be 0 to 1, held_out {self.held_out} between 0 and 1, "
                f"weight_decay {self.weight_decay} 0 or more"
            )

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON values; without privacy nothing is said of it, as in earlier releases."""
        return _without_nothing(Stored.to_json(self), "privacy")

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return what :meth:`to_json` wrote.

        Raises:
            InputError: If a field is missing, unknown, of the wrong type or out of range.
        """
        return read_record(cls, _with_part(values, "privacy", Privacy), f"a stored {cls.__name__}", InputError)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingReport(Stored):
    """What a training did, in numbers without the user's words.

    Args:
        n_examples: Examples trained on.
        n_held_out: Examples held out.
        n_steps: Steps of the optimizer, those before a resume included.
        epochs_done: Whole epochs.
        loss_before: Held-out loss without an adapter, in nats per token of the answers.
        loss_after: The same with the adapter of the best epoch. A refit takes that one's place and has learned the
            held-out examples too, so that they cannot judge it.
        seconds: Time spent training, over all runs up to here, the refit included.
        peak_bytes: The process's largest memory while it trained.
        stopped: Why it ended, before a refit.
        best_epoch: The whole epochs of the best evaluation, 1 where it was within the first; 0 before there was one.
        refit: Whether it was then trained anew on all examples, for as many epochs.
        refit_epochs: Whole epochs of that.
        refit_seconds: What that took.
        privacy: What the training gave away of any one pair, at most; ``None`` where nothing bounds it.
    """

    n_examples: int
    n_held_out: int
    n_steps: int
    epochs_done: int
    loss_before: float
    loss_after: float
    seconds: float
    peak_bytes: int
    stopped: Stop
    best_epoch: int = 0
    refit: RefitEnd = "off"
    refit_epochs: int = 0
    refit_seconds: float = 0.0
    privacy: PrivacySpent | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON values; without privacy nothing is said of it, as in earlier releases."""
        return _without_nothing(Stored.to_json(self), "privacy")

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return what :meth:`to_json` wrote; earlier releases never trained anew.

        Raises:
            InputError: If another field is missing, or one is unknown, of the wrong type or out of range.
        """
        if isinstance(values, Mapping) and values.keys().isdisjoint(_NO_REFIT):
            values = {**values, **_NO_REFIT}
        return read_record(cls, _with_part(values, "privacy", PrivacySpent), f"a stored {cls.__name__}", InputError)

    @property
    def has_gained(self) -> bool:
        """Whether the held-out examples are likelier with the adapter: one that fails here is better left unused."""
        return self.loss_after < self.loss_before


_NO_REFIT: Mapping[str, Any] = {"best_epoch": 0, "refit": "off", "refit_epochs": 0, "refit_seconds": 0.0}


def _without_nothing(values: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name or value is not None}


def _with_part(values: Mapping[str, Any], name: str, kind: type[Stored]) -> Mapping[str, Any]:
    """Return stored values with one part read, and with ``None`` where it is not there."""
    if not isinstance(values, Mapping):
        return values  # which is then refused
    part = values.get(name)
    return {**values, name: None if part is None else kind.from_json(part)}
