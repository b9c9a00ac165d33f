"""How a persona is learned; nothing here loads PyTorch."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ondevice.adaptation.lora.precision import PRECISIONS, Precision


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonaConfig:
    """How long and how hard is trained.

    Args:
        n_rows: Rows made of a history.
        n_task_rows: Rows learned for each task.
        rank: Of the map that turns a request's vector; 0 leaves it as it is.
        centred: Whether what all users' items have in common is taken out, so that the rows say only in what a history
            differs; rows of the task have to say the rest.
        hidden: Numbers between the projector's two layers; ``None`` takes as many as a token's embedding has.
        learning_rate: AdamW's, of all but the projector.
        projector_rate: AdamW's, of the projector.
        epochs: Passes over the questions, at most.
        batch: Questions of a step.
        replicas: So often a question is read in a step, each time with another part of its user's history.
        least_kept: The least part of a history that a replica keeps; 1 keeps all.
        empty_share: The part of the replicas that read what stands for an empty history.
        task_share: The part of the replicas that read the task's rows alone, so that these are a fair control.
        contrast: How much it counts that another user's history must do worse; 0 leaves that out.
        margin: By so many nats per token.
        temperature: The first one, of the weights' softmax over cosines.
        warm_up: The part of the steps in which the rates rise; then they fall in a straight line.
        weight_decay: AdamW's.
        patience: Epochs after which the training ends where histories add no more to the task's rows.
        max_gradient_norm: Gradients are scaled down to this norm.
        max_history: Items of a history that count, the newest.
        max_tokens: Tokens of a question and its answer, at most.
        max_seconds: No new step begins after so long; ``None`` sets no limit. Judgements come on top.
        threads: CPU threads; ``None`` takes every core.
        precision: What the language model computes in.
        seed: Decides all that chance decides.
    """

    n_rows: int = 1
    n_task_rows: int = 2
    rank: int = 16
    centred: bool = False
    hidden: int | None = None
    learning_rate: float = 1e-3
    projector_rate: float = 3e-4
    epochs: int = 6
    batch: int = 32
    replicas: int = 2
    least_kept: float = 0.5
    empty_share: float = 0.1
    task_share: float = 0.1
    contrast: float = 0.0
    margin: float = 0.1
    temperature: float = 0.05
    warm_up: float = 0.05
    weight_decay: float = 0.01
    patience: int = 2
    max_gradient_norm: float = 1.0
    max_history: int = 512
    max_tokens: int = 512
    max_seconds: float | None = None
    threads: int | None = None
    precision: Precision = "float32"
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers with which nothing can be trained."""
        counts = ("n_rows", "n_task_rows", "hidden", "epochs", "batch", "replicas", "patience", "max_history")
        rates = ("learning_rate", "projector_rate", "temperature", "max_gradient_norm", "max_seconds", "threads")
        for name in (*counts, *rates):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value > 0):
                raise ValueError(f"{name} must be more than 0, not {value}")
        for name in ("rank", "contrast", "margin", "weight_decay"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise ValueError(f"{name} must be 0 or more, not {value}")
        if not 0 < self.least_kept <= 1 or not 0 <= self.warm_up < 1:
            raise ValueError(
                f"least_kept {self.least_kept} must be above 0 and at most 1, warm_up {self.warm_up} 0 to below 1"
            )
        if min(self.empty_share, self.task_share) < 0 or self.empty_share + self.task_share >= 1:
            raise ValueError(
                f"empty_share {self.empty_share} and task_share {self.task_share} must be 0 or more, and less than 1 "
                "together"
            )
        if self.max_tokens < 2:
            raise ValueError(f"max_tokens must be 2 or more, not {self.max_tokens}")
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, not {self.precision!r}")
