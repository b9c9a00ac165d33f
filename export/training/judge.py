"""The selector in training: a cross-encoder over candidates, with a new head on a sentence encoder.

Source: Salemi et al. 2024, arXiv:2404.05970 (RSPG): each candidate is scored by itself, by one model.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from export.conversion.onnx.checkpoint import first_position, read_checkpoint
from export.conversion.onnx.quiet import quiet_transformers
from export.conversion.onnx.reference import load_transformer
from export.conversion.onnx.tokenizing import write_tokenizer
from export.errors import ConversionError
from export.training.choices import MODES, SIGNALS, Mode, Signal
from export.training.fitting import FitConfig
from export.training.losses import distillation_loss
from export.training.pools import PoolFeedback
from export.training.rewards import tells_apart
from ondevice.retrieval.encoding.tokenizing import PairTokenizer, padded
from ondevice.safety.temporary_folder import temporary_folder

if TYPE_CHECKING:
    from torch import Tensor

    from ondevice.bundle import Cut


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectorConfig:
    """What is learned.

    Args:
        signal: What was gained: the metric of the answer, as in the paper, or the likelihood of the right one.
        temperature: Of the target, in units of the signal.
        max_tokens: Longer candidates are cut to this, and on the device too; the output is never what is cut first. An
            encoder of six narrow layers reads 384 tokens within 40 ms on two cores.
        modes: What is judged: candidates alone, candidates with their output, or both.
        fit: How it is trained.
    """

    signal: Signal = "reward"
    temperature: float = 0.2
    max_tokens: int = 384
    modes: tuple[Mode, ...] = MODES
    fit: FitConfig = field(default_factory=lambda: FitConfig(learning_rate=3e-5, epochs=12, patience=3))

    def __post_init__(self) -> None:
        """Refuse what cannot be trained."""
        if not self.modes or not set(self.modes) <= set(MODES) or self.signal not in SIGNALS:
            raise ValueError(f"modes are some of {', '.join(MODES)}, and the signal is one of {', '.join(SIGNALS)}")
        if not self.temperature > 0 or self.max_tokens < 16:
            raise ValueError(f"temperature {self.temperature} must be above 0, max_tokens {self.max_tokens} 16 or more")


def teaches(record: PoolFeedback, signal: Signal) -> bool:
    """Say whether a request has two candidates or more, and not all came to the same."""
    return tells_apart(gains_of(record, signal))


def gains_of(record: PoolFeedback, signal: Signal) -> list[float]:
    """Return what is learned from: one number a candidate."""
    return [each.reward if signal == "reward" else each.log_likelihood for each in record.candidates]


def pairs_of(record: PoolFeedback, mode: Mode) -> list[tuple[str, str]]:
    """Return what a selector reads of each candidate."""
    return [(candidate.text, candidate.output if mode == "post" else "") for candidate in record.candidates]


class Judge:
    """A sequence classifier with one output, in training, and the tokenizer that the device will use."""

    def __init__(self, model: Any, tokenizer: PairTokenizer, config: SelectorConfig) -> None:  # noqa: ANN401
        self.model = model
        self._tokenizer = tokenizer
        self._config = config
        self._has_types = model.config.type_vocab_size > 1 if hasattr(model.config, "type_vocab_size") else False

    @classmethod
    def begin(cls, source: Path, folder: Path, config: SelectorConfig, *, cut: Cut = "end") -> Judge:
        """Put a new head on a sentence encoder, and its tokenizer into ``folder``.

        Args:
            source: The encoder's folder.
            folder: Where the tokenizer is written.
            config: What is learned.
            cut: What a candidate loses that is too long, as its feedback says.

        Raises:
            ConversionError: If the encoder cannot be loaded, or reads no candidates so long.
        """
        import torch
        from transformers import PreTrainedTokenizerFast

        checkpoint = read_checkpoint(source)
        most = checkpoint.config["max_position_embeddings"] - first_position(checkpoint.config)
        if config.max_tokens > most:
            raise ConversionError(
                f"the encoder {source.name!r} reads {most} tokens at most, not {config.max_tokens}",
                hint=f"cut candidates there: --max-tokens {most}",
            )
        torch.manual_seed(config.fit.seed)
        model = load_transformer(checkpoint, "AutoModelForSequenceClassification", n_labels=1)
        with temporary_folder() as scratch:
            made = scratch / "tokenizer.json"
            write_tokenizer(checkpoint, made)
            with quiet_transformers():
                fast = PreTrainedTokenizerFast(tokenizer_file=str(made), model_max_length=config.max_tokens)
                fast.save_pretrained(str(folder))
            shutil.copyfile(made, folder / "tokenizer.json")
        tokenizer = PairTokenizer(folder / "tokenizer.json", model=source.name, max_tokens=config.max_tokens, cut=cut)
        return cls(model, tokenizer, config)

    def loss(self, batch: Sequence[PoolFeedback]) -> Tensor:
        """Return the mean over modes and requests of KL(target || choice)."""
        import torch

        losses = []
        for mode in self._config.modes:
            flat = self.score([pair for record in batch for pair in pairs_of(record, mode)])
            scores = flat.split([len(record.candidates) for record in batch])
            gains = [torch.tensor(gains_of(record, self._config.signal), device=flat.device) for record in batch]
            pad = torch.nn.utils.rnn.pad_sequence
            mask = pad([torch.ones_like(each, dtype=torch.bool) for each in gains], batch_first=True)
            losses.append(
                distillation_loss(
                    pad(list(scores), batch_first=True),
                    pad(gains, batch_first=True),
                    mask,
                    temperature=self._config.temperature,
                )
            )
        return torch.stack(losses).mean()

    def judgement(self, records: Sequence[PoolFeedback]) -> float:
        """Return the objective over other users' requests."""
        import torch

        with torch.inference_mode():
            return float(np.mean([float(self.loss([record])) for record in records]))

    def shares(self, record: PoolFeedback, mode: Mode) -> list[float]:
        """Return each candidate's share of the choice."""
        import torch

        with torch.inference_mode():
            return [float(share) for share in self.score(pairs_of(record, mode)).softmax(dim=0)]

    def score(self, pairs: Sequence[tuple[str, str]]) -> Tensor:
        """Score pairs: float[n]."""
        import torch

        device = next(self.model.parameters()).device
        feed = {
            name: torch.from_numpy(rows).to(device) for name, rows in padded(self._tokenizer.tokenize(pairs)).items()
        }
        if not self._has_types:
            feed.pop("token_type_ids", None)
        logits: Tensor = self.model(**feed).logits
        return logits[:, 0]
