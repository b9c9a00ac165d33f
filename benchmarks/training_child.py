"""One training in a process of its own, so that the peak of its memory is the training's alone.

Run as ``python -m benchmarks.training_child WAY PROFILE MODELS GENERATOR NAME PRECISION EPOCHS``; it writes a line of
JSON. ``WAY`` is ``ours``, or ``plain``: the loop that one would write first, with transformers and PEFT, for the same
items.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from benchmarks.adapter_training import load_reference, prompt_tokens
from benchmarks.profiles import KEY
from ondevice import ModelSet, Personalizer
from ondevice.adaptation.lessons.pairs import Pair, hold_out_newest, training_pairs
from ondevice.adaptation.lora.memory import peak_bytes
from ondevice.adaptation.lora.precision import Precision
from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig

Tokens = tuple[list[int], list[int]]
"""The tokens of a prompt, and those of its answer."""

_BATCH = 8
_NOTHING = -100
"""What PyTorch's cross entropy leaves out."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a training took.

    ``seconds`` is the whole of it, loading included; ``training_seconds`` only steps and held-out evaluations.
    """

    seconds: float
    training_seconds: float
    n_epochs: int
    peak_bytes: int
    loss_before: float
    loss_after: float


def ours(profile: Path, models: Path, generator: str, name: str, config: TrainingConfig) -> Measured:
    """Train as an app does, and keep the adapter."""
    with Personalizer.open(profile, app_key=KEY.key, models=ModelSet(models, encoder=None, generator=generator)) as me:
        started = time.perf_counter()
        info = me.adapters.train(name, config=config, refit=False)
        seconds = time.perf_counter() - started
    if info is None or info.report is None:
        raise SystemExit("the training gave no adapter: the figure would mean nothing")
    return Measured(
        seconds=seconds,
        training_seconds=info.report.seconds,
        n_epochs=info.report.epochs_done,
        peak_bytes=peak_bytes(),
        loss_before=info.report.loss_before,
        loss_after=info.report.loss_after,
    )


def plain(profile: Path, models: Path, generator: str, config: TrainingConfig) -> Measured:
    """Train with batches in the order of a shuffle, padded, and logits for every token; evaluate as often as we do."""
    import torch
    from peft import LoraConfig, get_peft_model

    with Personalizer.open(profile, app_key=KEY.key, models=ModelSet(models, encoder=None, generator=None)) as me:
        pairs = training_pairs(me.items.list(limit=None)[::-1], task="chat")
    started = time.perf_counter()
    model, tokenizer = load_reference(models / generator / "model.gguf")
    kept, held = hold_out_newest(pairs, config.held_out)
    examples, held_out = _tokens(kept, tokenizer, config.max_tokens), _tokens(held, tokenizer, config.max_tokens)
    recipe = LoraRecipe()
    settings = LoraConfig(r=recipe.rank, lora_alpha=recipe.alpha, target_modules=list(recipe.projections))
    adapted = get_peft_model(model, settings)
    optimizer = torch.optim.AdamW(
        [parameter for parameter in adapted.parameters() if parameter.requires_grad], lr=config.learning_rate
    )
    training = time.perf_counter()
    losses = [_loss(adapted, held_out)]
    shuffled = torch.Generator().manual_seed(config.seed)
    for _ in range(config.epochs):
        order = torch.randperm(len(examples), generator=shuffled).tolist()
        for batch in _batches([examples[place] for place in order]):
            adapted(**batch).loss.backward()
            torch.nn.utils.clip_grad_norm_(adapted.parameters(), config.max_gradient_norm)
            optimizer.step()
            optimizer.zero_grad()
        losses.append(_loss(adapted, held_out))
    ended = time.perf_counter()
    return Measured(
        seconds=ended - started,
        training_seconds=ended - training,
        n_epochs=config.epochs,
        peak_bytes=peak_bytes(),
        loss_before=losses[0],
        loss_after=min(losses[1:]),
    )


def _tokens(pairs: Sequence[Pair], tokenizer: Any, max_tokens: int) -> list[Tokens]:  # noqa: ANN401 - transformers
    made = [
        (
            prompt_tokens(tokenizer, pair.request),
            tokenizer(pair.answer, add_special_tokens=False)["input_ids"] + [tokenizer.eos_token_id],
        )
        for pair in pairs
    ]
    if any(len(prompt) + len(answer) > max_tokens for prompt, answer in made):
        raise SystemExit("an item is longer than both ways would take: they would not train on the same")
    return made


def _batches(examples: Sequence[Tokens]) -> Iterator[dict[str, Any]]:
    import torch

    for start in range(0, len(examples), _BATCH):
        batch = examples[start : start + _BATCH]
        longest = max(len(prompt) + len(answer) for prompt, answer in batch)
        ids = torch.zeros((len(batch), longest), dtype=torch.long)
        mask, labels = torch.zeros_like(ids), torch.full_like(ids, _NOTHING)
        for row, (prompt, answer) in enumerate(batch):
            end = len(prompt) + len(answer)
            ids[row, :end] = torch.tensor(prompt + answer)
            mask[row, :end] = 1
            labels[row, len(prompt) : end] = torch.tensor(answer)
        yield {"input_ids": ids, "attention_mask": mask, "labels": labels, "use_cache": False}


def _loss(model: Any, examples: Sequence[Tokens]) -> float:  # noqa: ANN401 - a PEFT model
    """Return the mean over all answer tokens (nats per token)."""
    import torch

    total, count = 0.0, 0
    with torch.no_grad():
        for batch in _batches(examples):
            n_tokens = int((batch["labels"] != _NOTHING).sum())
            total += float(model(**batch).loss) * n_tokens
            count += n_tokens
    return total / count


def main(arguments: list[str]) -> None:
    """Train, and write what it took."""
    way, profile, models, generator, name, precision, epochs = arguments
    config = TrainingConfig(epochs=int(epochs), patience=int(epochs), precision=cast("Precision", precision))
    if way == "ours":
        measured = ours(Path(profile), Path(models), generator, name, config)
    else:
        measured = plain(Path(profile), Path(models), generator, config)
    sys.stdout.write(json.dumps(asdict(measured)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
