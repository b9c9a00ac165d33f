"""ROPG: an encoder that learns from the language model which items help it.

Two shapes: ``full`` moves queries and passages, so a device keeps vectors of its own for it; ``query`` moves queries
alone, against the vectors that the initial encoder made of the passages, so a device encodes nothing anew.

Source: Salemi et al. 2024, arXiv:2404.05970 (ROPG-RL, ROPG-KD). Deviations: the scores are cosines times ``scale``,
because the encoders here are trained for cosines and a softmax over bare cosines is all but flat; AdamW.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from export.drafting import drafting
from export.errors import DatasetError
from export.training.asked_folds import fold_learned_from
from export.training.choices import OBJECTIVES, SHAPES, SIGNALS, Objective, Shape, Signal
from export.training.documents import DocumentFeedback
from export.training.fitting import FitConfig, FitReport, fit
from export.training.losses import distillation_loss, expected_gain_loss, reinforce_loss
from export.training.notes import RETRIEVER_NAME
from export.training.requests import held_users
from export.training.rewards import tells_apart
from export.training.towers import Tower, save_like
from ondevice.bundle import FoldSpec
from ondevice.errors import StorageError
from ondevice.safety.temporary_folder import temporary_folder

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True, slots=True)
class RetrieverConfig:
    """What is learned, and from what.

    Args:
        objective: ``kd`` (distillation), ``rl`` (the exact expectation) or ``rl-sampled`` (the paper's REINFORCE).
        shape: ``full`` or ``query``.
        signal: The metric of the answer (the paper's), or the likelihood of the right one, which has fewer ties.
        temperature: Of the target of ``kd``, in units of the signal.
        scale: Cosines are multiplied by it before the softmax.
        max_tokens: Longer texts are cut here while training; ``None`` takes the encoder's own limit.
        fit: How it is trained.
    """

    objective: Objective = "kd"
    shape: Shape = "full"
    signal: Signal = "reward"
    temperature: float = 0.2
    scale: float = 20.0
    max_tokens: int | None = None
    fit: FitConfig = field(default_factory=FitConfig)

    def __post_init__(self) -> None:
        """Refuse what is no choice."""
        if self.objective not in OBJECTIVES or self.shape not in SHAPES or self.signal not in SIGNALS:
            raise ValueError(f"there is no {self.objective!r} of shape {self.shape!r} from {self.signal!r}")
        if not self.temperature > 0 or not self.scale > 0:
            raise ValueError(f"temperature {self.temperature} and scale {self.scale} must be above 0")


@dataclass(frozen=True, kw_only=True, slots=True)
class RetrieverReport:
    """What came of it. The rewards are means over the held-out users' requests that leave a choice.

    Args:
        n_dropped: Requests that taught nothing: one candidate, or all of them alike.
        reward_first: What the initial encoder's first choice was worth.
        reward_trained: What the trained encoder's first choice is worth.
        reward_mean: What a choice by lot is worth.
        reward_best: What the best choice is worth.
        reward_none: What the answers without items were worth.
        learned_fold: From which of two folds of users it learned, or ``None``.
    """

    config: RetrieverConfig
    fit: FitReport
    n_users: int
    n_dropped: int
    reward_first: float
    reward_trained: float
    reward_mean: float
    reward_best: float
    reward_none: float
    encoder: str
    model: str
    tasks: tuple[str, ...]
    learned_fold: FoldSpec | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


def train_retriever(
    records: Sequence[DocumentFeedback],
    source: Path,
    out: Path,
    config: RetrieverConfig,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> RetrieverReport:
    """Train an encoder on feedback and write its folder, which appears complete or not at all.

    Args:
        records: The feedback, of two users or more.
        source: The initial encoder's folder, with safetensors.
        out: The folder to write, laid out like ``source``; must be new.
        config: What is learned.
        on_progress: Told of steps done and steps in all.

    Raises:
        AdaptationError: If the training diverges.
        ConversionError: If the encoder cannot be loaded, or there is something at ``out``.
        DatasetError: If the feedback is of two kinds, or too little of it tells items apart.
        StorageError: If the disk refuses.
    """
    if len({(record.encoder, record.model) for record in records}) > 1:
        raise DatasetError("the feedback comes from different encoders or language models", hint="train on one of them")
    learned = fold_learned_from(records)
    held = held_users(list(dict.fromkeys(record.user for record in records)), config.fit.held_out, config.fit.seed)
    useful = [record for record in records if teaches(record, config.signal)]
    train = [record for record in useful if record.user not in held]
    judging = [record for record in useful if record.user in held]
    if not train or not judging:
        raise DatasetError(
            f"of {len(records)} requests {len(useful)} tell items apart, too few to learn from and to judge on",
            hint="collect feedback on more requests",
        )
    with drafting(out, check=_check) as folder, temporary_folder() as scratch:
        learner = RetrieverLearner(Tower.open(source, scratch, max_tokens=config.max_tokens), config, useful)
        report = fit(
            learner.tower.model,
            train,
            len(judging),
            loss=learner.loss,
            judge=lambda: learner.judgement(judging),
            config=config.fit,
            on_progress=on_progress,
        )
        chosen = learner.first_choices(judging)
        save_like(source, folder, learner.tower.model)
        made = RetrieverReport(
            config=config,
            fit=report,
            n_users=len({record.user for record in useful}),
            n_dropped=len(records) - len(useful),
            reward_first=float(np.mean([record.rewards[0] for record in judging])),
            reward_trained=float(np.mean([record.rewards[at] for record, at in zip(judging, chosen, strict=True)])),
            reward_mean=float(np.mean([np.mean(record.rewards) for record in judging])),
            reward_best=float(np.mean([max(record.rewards) for record in judging])),
            reward_none=float(np.mean([record.plain_reward for record in judging])),
            encoder=records[0].encoder,
            model=records[0].model,
            tasks=tuple(dict.fromkeys(record.user.split("/")[0] for record in useful)),
            learned_fold=learned,
        )
        (folder / RETRIEVER_NAME).write_text(json.dumps(made.to_json(), indent=2) + "\n", "utf-8")
    return made


def teaches(record: DocumentFeedback, signal: Signal) -> bool:
    """Say whether a request has two trials or more, and not all came to the same."""
    return tells_apart(signal_of(record, signal))


def signal_of(record: DocumentFeedback, signal: Signal) -> tuple[float, ...]:
    """Return the numbers that are learned from."""
    return record.rewards if signal == "reward" else record.log_likelihoods


class RetrieverLearner:
    """The policy over what was tried, as the encoder in training has it.

    A trial's score is the mean of its documents' scores, so single documents are the case of one.
    """

    def __init__(self, tower: Tower, config: RetrieverConfig, records: Sequence[DocumentFeedback]) -> None:
        """Encode the passages once, if they stay as they are."""
        self.tower = tower
        self._config = config
        self._frozen: dict[str, Tensor] = {}
        if config.shape == "query":
            tower.model.eval()
            texts = list(dict.fromkeys(text for record in records for text in record.documents))
            self._frozen = dict(zip(texts, tower.frozen_passages(texts), strict=True))

    def loss(self, batch: Sequence[DocumentFeedback]) -> Tensor:
        """Return the objective of a batch of requests."""
        scores, values, mask = self._padded(batch)
        if self._config.objective == "kd":
            return distillation_loss(scores, values, mask, temperature=self._config.temperature)
        if self._config.objective == "rl":
            return expected_gain_loss(scores, values, mask)
        return reinforce_loss(scores, values, mask)

    def judgement(self, records: Sequence[DocumentFeedback]) -> float:
        """Return the objective over other users' requests, exactly also where training samples."""
        import torch

        total = 0.0
        with torch.inference_mode():
            for record in records:
                scores, values, mask = self._padded([record])
                if self._config.objective == "kd":
                    found = distillation_loss(scores, values, mask, temperature=self._config.temperature)
                else:
                    found = expected_gain_loss(scores, values, mask)
                total += float(found)
        return total / len(records)

    def first_choices(self, records: Sequence[DocumentFeedback]) -> list[int]:
        """Return each request's best trial; of equals the first."""
        import torch

        with torch.inference_mode():
            return [int(self._scores(record).argmax()) for record in records]

    def _padded(self, batch: Sequence[DocumentFeedback]) -> tuple[Tensor, Tensor, Tensor]:
        """Return scores, values and the mask of what is there: float[n, c], float[n, c], bool[n, c]."""
        import torch

        scores = [self._scores(record) for record in batch]
        values = [
            torch.tensor(signal_of(record, self._config.signal), dtype=each.dtype, device=each.device)
            for record, each in zip(batch, scores, strict=True)
        ]
        pad = torch.nn.utils.rnn.pad_sequence
        mask = pad([torch.ones_like(each, dtype=torch.bool) for each in scores], batch_first=True)
        return pad(scores, batch_first=True), pad(values, batch_first=True), mask

    def _scores(self, record: DocumentFeedback) -> Tensor:
        import torch

        query = self.tower.encode_queries([record.query])[0]
        if self._frozen:
            passages = torch.stack([self._frozen[text] for text in record.documents]).to(query.device)
        else:
            passages = self.tower.encode_passages(record.documents)
        each = passages @ query
        return self._config.scale * torch.stack([each[list(places)].mean() for places in record.tried])


def _check(folder: Path) -> None:
    if not (folder / RETRIEVER_NAME).is_file():
        raise StorageError(f"the encoder's folder lacks {RETRIEVER_NAME}")
