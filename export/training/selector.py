"""RSPG: a cross-encoder that learns from the language model which retriever to use for a request, or none.

One model judges both before and after anything is generated: a candidate's text alone (Pre), or with the output beside
it (Post). It is trained on both at once, so a device loads one file for either.

Source: Salemi et al. 2024, arXiv:2404.05970 (RSPG-Pre, RSPG-Post). Deviations: the paper trains two models, on
Longformer with 1,024 tokens; candidates with the same prompt are scored once; the target has a temperature.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from export.conversion.onnx.checkpoint import read_checkpoint
from export.conversion.onnx.quiet import quiet_transformers
from export.conversion.onnx.tokenizing import write_tokenizer
from export.drafting import drafting
from export.training.choices import MODES, SIGNALS, Mode, Signal
from export.training.documents import write_lines
from export.training.fitting import FitConfig, FitReport, fit
from export.training.losses import distillation_loss
from export.training.notes import GROUPS_NAME, SELECTOR_NAME
from export.training.pools import PoolFeedback
from export.training.requests import held_users
from ondevice.errors import ConversionError, DatasetError, StorageError
from ondevice.retrieval.selector import decide
from ondevice.retrieval.tokenizing import PairTokenizer, padded

if TYPE_CHECKING:
    from torch import Tensor

MARGINS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
LEADS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
TIE = 1e-6


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectorConfig:
    """What is learned.

    Args:
        signal: What was gained: the metric of the answer, as in the paper, or the likelihood of the right one.
        temperature: Of the target, in units of the signal.
        max_tokens: Longer candidates are cut here, and on the device too; the output is never what is cut first.
        modes: What is judged: candidates alone, candidates with their output, or both.
        fit: How it is trained.
    """

    signal: Signal = "reward"
    temperature: float = 0.2
    max_tokens: int = 160
    modes: tuple[Mode, ...] = MODES
    fit: FitConfig = field(default_factory=lambda: FitConfig(learning_rate=3e-5, epochs=12, patience=3))

    def __post_init__(self) -> None:
        """Refuse what cannot be trained.

        Raises:
            ValueError: Then.
        """
        if not self.modes or not set(self.modes) <= set(MODES) or self.signal not in SIGNALS:
            raise ValueError(f"modes are some of {', '.join(MODES)}, and the signal is one of {', '.join(SIGNALS)}")
        if not self.temperature > 0 or self.max_tokens < 16:
            raise ValueError(f"temperature {self.temperature} must be above 0, max_tokens {self.max_tokens} 16 or more")


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectorReport:
    """What came of it. Rewards are means over the held-out users' requests, those without a choice included.

    Args:
        by_retriever: What always using one retriever is worth, by its name.
        default: The retriever that was worth most, in the mean over the tasks, to the users that were learned from.
        by_lead: By mode and lead over the default, what the selector's choices are worth.
        leads: By mode the lead that is worth most; of equals the greatest.
        by_mode: What the selector's choices are worth with these leads.
        success: How often a mode then picks a best retriever.
        by_margin: Per margin, what choosing by outputs only below it is worth, and the share of requests that it takes.
        best: What the best choice is worth.
        margin: The margin that is worth most; of equals the least.
    """

    config: SelectorConfig
    fit: FitReport
    pool: tuple[str, ...]
    k: int
    n_users: int
    n_dropped: int
    by_retriever: Mapping[str, float]
    default: str
    by_lead: Mapping[Mode, Mapping[str, float]]
    leads: Mapping[Mode, float]
    by_mode: Mapping[str, float]
    success: Mapping[str, float]
    by_margin: Mapping[str, tuple[float, float]]
    best: float
    margin: float
    model: str
    tasks: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


def train_selector(
    records: Sequence[PoolFeedback],
    source: Path,
    out: Path,
    config: SelectorConfig,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> SelectorReport:
    """Train a selector and write its folder, which appears complete or not at all.

    Beside the model it holds the held-out users' candidates, which its conversion is measured on.

    Args:
        records: The feedback, of two users or more.
        source: The folder of a sentence encoder to begin with; the layer that gives the score is new.
        out: The folder to write; must be new.
        config: What is learned.
        on_progress: Told of steps done and steps in all.

    Raises:
        AdaptationError: If the training diverges.
        ConversionError: If the encoder cannot be loaded, or there is something at ``out``.
        DatasetError: If too little of the feedback tells candidates apart.
        StorageError: If the disk refuses.
    """
    held = held_users(list(dict.fromkeys(record.user for record in records)), config.fit.held_out, config.fit.seed)
    train = [record for record in records if record.user not in held and teaches(record, config.signal)]
    judging = [record for record in records if record.user in held]
    telling = [record for record in judging if teaches(record, config.signal)]
    if not train or not telling:
        raise DatasetError(
            f"of {len(records)} requests {len(train) + len(telling)} tell candidates apart, too few to learn from and "
            "to judge on",
            hint="collect feedback on more requests",
        )
    with drafting(out, check=_check) as folder:
        judge = Judge.begin(source, folder, config)
        report = fit(
            judge.model,
            train,
            len(telling),
            loss=judge.loss,
            judge=lambda: judge.judgement(telling),
            config=config.fit,
            on_progress=on_progress,
        )
        made = _report(judge, config, report, records, judging, n_useful=len(train) + len(telling))
        with quiet_transformers():
            judge.model.save_pretrained(str(folder), safe_serialization=True)
        write_lines(folder / GROUPS_NAME, _groups(telling, config.modes))
        (folder / SELECTOR_NAME).write_text(json.dumps(made.to_json(), indent=2) + "\n", "utf-8")
    return made


def teaches(record: PoolFeedback, signal: Signal) -> bool:
    """Say whether a request has two candidates or more, and not all came to the same."""
    values = gains_of(record, signal)
    return len(values) > 1 and max(values) - min(values) > TIE


def gains_of(record: PoolFeedback, signal: Signal) -> list[float]:
    """Return what is learned from: one number a candidate."""
    return [each.reward if signal == "reward" else each.log_likelihood for each in record.candidates]


def pairs_of(record: PoolFeedback, mode: Mode) -> list[tuple[str, str]]:
    """Return what a selector reads of each candidate."""
    return [(candidate.text, candidate.output if mode == "post" else "") for candidate in record.candidates]


class Judge:
    """A sequence classifier with one output, in training, and the tokenizer that the device will use."""

    def __init__(self, model: Any, tokenizer: PairTokenizer, config: SelectorConfig) -> None:  # noqa: ANN401
        """Take the parts as they are; use :meth:`begin`."""
        self.model = model
        self._tokenizer = tokenizer
        self._config = config
        self._has_types = model.config.type_vocab_size > 1 if hasattr(model.config, "type_vocab_size") else False

    @classmethod
    def begin(cls, source: Path, folder: Path, config: SelectorConfig) -> Judge:
        """Put a new head on a sentence encoder, and its tokenizer into ``folder``.

        Raises:
            ConversionError: If the encoder cannot be loaded.
        """
        import torch
        from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerFast

        checkpoint = read_checkpoint(source)
        torch.manual_seed(config.fit.seed)
        try:
            with quiet_transformers():
                model = AutoModelForSequenceClassification.from_pretrained(
                    str(checkpoint.folder),
                    num_labels=1,
                    local_files_only=True,
                    trust_remote_code=False,
                    use_safetensors=True,
                    dtype=torch.float32,
                )
        except Exception as error:  # transformers raises many types
            raise ConversionError(f"transformers cannot load {source.name!r}: {type(error).__name__}") from None
        with tempfile.TemporaryDirectory(prefix="ondevice-rspg-") as scratch:
            made = Path(scratch) / "tokenizer.json"
            write_tokenizer(checkpoint, made)
            with quiet_transformers():
                fast = PreTrainedTokenizerFast(tokenizer_file=str(made), model_max_length=config.max_tokens)
                fast.save_pretrained(str(folder))
            shutil.copyfile(made, folder / "tokenizer.json")
        tokenizer = PairTokenizer(folder / "tokenizer.json", model=source.name, max_tokens=config.max_tokens)
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


def _report(
    judge: Judge,
    config: SelectorConfig,
    report: FitReport,
    records: Sequence[PoolFeedback],
    judging: Sequence[PoolFeedback],
    *,
    n_useful: int,
) -> SelectorReport:
    rewards = [[candidate.reward for candidate in record.candidates] for record in judging]
    shares = {mode: [judge.shares(record, mode) for record in judging] for mode in config.modes}
    default = default_of([record for record in records if record.user not in {each.user for each in judging}])
    places = [place_of(record, default) for record in judging]

    def decided(mode: Mode, least: float) -> list[int]:
        return [decide(each, place, least) for each, place in zip(shares[mode], places, strict=True)]

    def worth(found: Sequence[int]) -> float:
        return float(np.mean([row[at] for row, at in zip(rewards, found, strict=True)]))

    by_lead = {mode: {f"{least:g}": worth(decided(mode, least)) for least in LEADS} for mode in config.modes}
    leads = {mode: max(LEADS, key=lambda least: (by_lead[mode][f"{least:g}"], least)) for mode in config.modes}
    chosen = {mode: decided(mode, leads[mode]) for mode in config.modes}
    by_margin: dict[str, tuple[float, float]] = {}
    if set(config.modes) == set(MODES):
        clear = [lead(each) for each in shares["pre"]]
        for margin in MARGINS:
            judged = [margin >= 1 or each < margin for each in clear]
            found = [
                row[post if is_judged else pre]
                for row, pre, post, is_judged in zip(rewards, chosen["pre"], chosen["post"], judged, strict=True)
            ]
            by_margin[f"{margin:g}"] = float(np.mean(found)), float(np.mean(judged))
    first = records[0]
    return SelectorReport(
        config=config,
        fit=report,
        pool=first.pool,
        k=first.k,
        n_users=len({record.user for record in records}),
        n_dropped=len(records) - n_useful,
        by_retriever={name: float(np.mean([record.reward_of(name) for record in judging])) for name in first.pool},
        default=default,
        by_lead=by_lead,
        leads=leads,
        by_mode={mode: worth(found) for mode, found in chosen.items()},
        success={
            mode: float(np.mean([row[at] >= max(row) - TIE for row, at in zip(rewards, found, strict=True)]))
            for mode, found in chosen.items()
        },
        by_margin=by_margin,
        best=float(np.mean([max(row) for row in rewards])),
        margin=max(MARGINS, key=lambda margin: (by_margin[f"{margin:g}"][0], -margin)) if by_margin else 0.0,
        model=first.model,
        tasks=tuple(dict.fromkeys(record.user.split("/")[0] for record in records)),
    )


def default_of(records: Sequence[PoolFeedback]) -> str:
    """Return the retriever of the pool that is worth most in the mean over the tasks; of equals the first."""
    by_task: dict[str, list[PoolFeedback]] = {}
    for record in records:
        by_task.setdefault(record.user.split("/")[0], []).append(record)

    def worth(name: str) -> float:
        return float(np.mean([np.mean([record.reward_of(name) for record in each]) for each in by_task.values()]))

    return max(records[0].pool, key=worth)


def place_of(record: PoolFeedback, name: str) -> int:
    """Return the place of the candidate that a retriever leads to."""
    return next(place for place, candidate in enumerate(record.candidates) if name in candidate.names)


def lead(shares: Sequence[float]) -> float:
    """Return by how much the largest share leads the second; 1 where there is no other."""
    ordered = sorted(shares, reverse=True)
    return ordered[0] - ordered[1] if len(ordered) > 1 else 1.0


def _groups(records: Sequence[PoolFeedback], modes: Sequence[Mode]) -> list[dict[str, Any]]:
    return [
        {"candidates": [{"first": first, "second": second} for first, second in pairs_of(record, mode)]}
        for record in records
        for mode in modes
    ]


def _check(folder: Path) -> None:
    missing = [name for name in (SELECTOR_NAME, GROUPS_NAME, "config.json") if not (folder / name).is_file()]
    if missing:
        raise StorageError(f"the selector's folder lacks {' and '.join(missing)}")
