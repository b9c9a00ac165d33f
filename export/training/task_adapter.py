"""The task adapter: a LoRA that teaches a small model the tasks, with other users' profiles in the prompt.

It is trained by the device's own training code on the dequantized weights of the served file, and saved as PEFT saves
adapters, for ``ondevice-export adapter`` and ``merge``.

Source: Tan et al. 2024, arXiv:2402.04401 (OPPU), first stage; with retrieved items and summaries in the prompts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from export.drafting import drafting
from export.training.checkpoints import keep_checkpoint, read_checkpoint
from export.training.devices import check_device
from export.training.population import Population
from ondevice.adaptation.lessons.examples import make_examples
from ondevice.adaptation.lora.lora import Tensors
from ondevice.adaptation.lora.training import Trained, train
from ondevice.adaptation.lora.weights import BaseModel, load_base
from ondevice.adaptation.recipes.recipe import PROJECTIONS, LoraRecipe, TrainingConfig, TrainingReport
from ondevice.bundle import Bundle, FoldSpec
from ondevice.config import EngineConfig
from ondevice.errors import StorageError
from ondevice.generation.llama.engine import Engine

TASK_RECIPE = LoraRecipe(projections=PROJECTIONS, rank=16, alpha=32.0)
"""All projections: what every user shares may be larger than what one user adds."""

TASK_TRAINING = TrainingConfig(learning_rate=4e-4, epochs=2, batch_tokens=2048, patience=2, max_tokens=768)

Stage = Literal["loading", "tokenizing", "evaluating", "training", "converting"]
"""What a training is about to do; the first three can take minutes before the first step is done, and the
last is a reader's alone."""

CONFIG_NAME, WEIGHTS_NAME, REPORT_NAME = "adapter_config.json", "adapter_model.safetensors", "training.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskAdapter:
    """What was trained.

    Args:
        recipe: Where matrices went.
        config: How it was trained.
        report: What came of it; the held-out examples are those of other users.
        base_sha256: The file it was trained on.
        tasks: What it was taught.
        n_users: Users of the data.
        n_apart: Questions left out because the files that it is measured on have their texts.
        learned_fold: From which of two folds of users it learned, or ``None``.
        n_summaries: Prompts, of those learned and those held out, with a summary of their user.
    """

    recipe: LoraRecipe
    config: TrainingConfig
    report: TrainingReport
    base_sha256: str
    tasks: tuple[str, ...]
    n_users: int
    n_apart: int = 0
    learned_fold: FoldSpec | None = None
    n_summaries: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "recipe": self.recipe.to_json(),
            "config": self.config.to_json(),
            "report": self.report.to_json(),
            "base_sha256": self.base_sha256,
            "tasks": list(self.tasks),
            "n_users": self.n_users,
            "n_apart": self.n_apart,
            **({} if self.learned_fold is None else {"learned_fold": asdict(self.learned_fold)}),
            "n_summaries": self.n_summaries,
        }


def train_task_adapter(
    base: Bundle,
    population: Population,
    out: Path,
    *,
    recipe: LoraRecipe = TASK_RECIPE,
    config: TrainingConfig = TASK_TRAINING,
    device: str = "cpu",
    threads: int | None = None,
    checkpoint: Path | None = None,
    on_stage: Callable[[Stage], None] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> TaskAdapter:
    """Train on a population and write the adapter's folder, which appears complete or not at all.

    Args:
        base: The generator's bundle, as it is served.
        population: What is learned.
        out: The folder to write; must be new.
        recipe: Where matrices go.
        config: How it is trained.
        device: Where PyTorch computes, such as ``cuda``.
        threads: CPU threads that tokenize; ``None`` takes the physical cores.
        checkpoint: Where the training is kept after each epoch, and goes on from if it is there; readable.
        on_stage: Told what begins.
        on_progress: Told the steps done and all steps.

    Raises:
        AdaptationError: If the training diverges, the checkpoint belongs to another training, or nothing can be
            computed on the device.
        BundleError: If the bundle's model cannot be used.
        ConversionError: If there is something at ``out`` already.
        ModelMismatchError: If the model's architecture cannot be trained.
        StorageError: If the disk refuses.
    """
    begin = on_stage or _untold
    check_device(device)
    with drafting(out, check=check_peft) as folder:
        begin("loading")
        weights = load_base(base.file("model"))
        weights.model.to(device)
        trained = _train(base, weights, population, recipe, config, threads, checkpoint, begin, on_progress)
        made = TaskAdapter(
            recipe=recipe,
            config=config,
            report=trained.report,
            base_sha256=base.manifest.files["model"].sha256,
            tasks=population.tasks,
            n_users=population.n_users,
            n_apart=population.n_apart,
            learned_fold=population.learned_fold,
            n_summaries=population.n_summaries,
        )
        name = base.generator.base if base.generator is not None else base.name
        write_peft(folder, trained.tensors, recipe, base_name=name)
        write_report(folder, made.to_json())
    if checkpoint is not None:
        checkpoint.unlink(missing_ok=True)
    return made


def _train(
    base: Bundle,
    weights: BaseModel,
    population: Population,
    recipe: LoraRecipe,
    config: TrainingConfig,
    threads: int | None,
    checkpoint: Path | None,
    begin: Callable[[Stage], None],
    on_progress: Callable[[int, int], None] | None,
) -> Trained:
    begin("tokenizing")
    with Engine.open(base, config=EngineConfig(threads=threads)) as engine:
        examples, held_out = (
            make_examples(pairs, engine, max_tokens=config.max_tokens)
            for pairs in (population.train, population.held_out)
        )
    resume = None if checkpoint is None else read_checkpoint(checkpoint)
    begin("evaluating" if resume is None else "training")  # a checkpoint knows how the base does

    def on_step(done: int, total: int) -> None:
        if done == 1:
            begin("training")
        if on_progress is not None:
            on_progress(done, total)

    return train(
        weights,
        examples,
        held_out,
        recipe,
        config,
        resume=resume,
        on_progress=on_step,
        on_checkpoint=None if checkpoint is None else lambda data: keep_checkpoint(checkpoint, data),
    )


def write_peft(folder: Path, tensors: Tensors, recipe: LoraRecipe, *, base_name: str) -> None:
    """Write an adapter into a folder as PEFT saves it: a configuration and a safetensors file."""
    from safetensors.numpy import save_file

    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base_name,
        "r": recipe.rank,
        "lora_alpha": recipe.alpha,
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": list(recipe.projections),
        "layers_to_transform": None if recipe.blocks is None else list(recipe.blocks),
        "layers_pattern": None if recipe.blocks is None else "layers",
        "inference_mode": True,
    }
    (folder / CONFIG_NAME).write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    save_file({name: np.ascontiguousarray(values) for name, values in tensors.items()}, folder / WEIGHTS_NAME)


def _untold(_: Stage) -> None:
    pass


def write_report(folder: Path, report: Mapping[str, Any]) -> None:
    """Write what was trained beside an adapter."""
    (folder / REPORT_NAME).write_text(json.dumps(report, indent=2) + "\n", "utf-8")


def check_peft(folder: Path) -> None:
    """Refuse a folder that lacks a part of what a training writes.

    Raises:
        StorageError: If it does.
    """
    missing = [name for name in (CONFIG_NAME, WEIGHTS_NAME, REPORT_NAME) if not (folder / name).is_file()]
    if missing:
        raise StorageError(f"the adapter's folder lacks {' and '.join(missing)}")
