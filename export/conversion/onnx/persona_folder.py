"""A trained persona as a folder: the projector as linear layers, the other numbers, and what came of the training."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from export.conversion.onnx.persona_net import PersonaNet, PersonaSizes
from export.errors import ConversionError
from ondevice.adaptation.lora.lora import copied, restore
from ondevice.bundle import FoldSpec
from ondevice.errors import StorageError

PROJECTOR_NAME, ROWS_NAME, REPORT_NAME = "projector.safetensors", "persona.safetensors", "training.json"
_PROJECTOR = "projector."
_ROWS = ("up", "down", "task_rows", "null", "log_temperature", "null_score", "gain")


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainedPersona:
    """What a training made.

    Args:
        net: What makes the rows.
        tasks: The tasks that have rows, in their order.
        base_sha256: The language model's file.
        encoder: The id of the encoder whose vectors go in.
        max_history: Items of a history that count.
        learned_fold: From which of two folds of users it learned, or ``None``.
    """

    net: PersonaNet = field(repr=False)
    tasks: tuple[str, ...]
    base_sha256: str
    encoder: str
    max_history: int
    learned_fold: FoldSpec | None = None

    def to_json(self) -> dict[str, Any]:
        """Return all but the numbers as JSON values."""
        return {
            "sizes": asdict(self.net.sizes),
            "tasks": list(self.tasks),
            "base_sha256": self.base_sha256,
            "encoder": self.encoder,
            "max_history": self.max_history,
            **({} if self.learned_fold is None else {"learned_fold": asdict(self.learned_fold)}),
        }


def write_trained(folder: Path, trained: TrainedPersona, report: Mapping[str, Any]) -> None:
    """Write a trained persona into a folder."""
    from safetensors.numpy import save_file

    numbers = copied(dict(trained.net.named_parameters()))
    layers = {name.removeprefix(_PROJECTOR): values for name, values in numbers.items() if name.startswith(_PROJECTOR)}
    save_file(layers, folder / PROJECTOR_NAME)
    save_file({name: numbers[name] for name in _ROWS}, folder / ROWS_NAME)
    (folder / REPORT_NAME).write_text(json.dumps({**trained.to_json(), **report}, indent=2) + "\n", "utf-8")


def check_trained(folder: Path) -> None:
    """Refuse a folder that lacks a part of what a training writes.

    Raises:
        StorageError: If it does.
    """
    missing = [name for name in (PROJECTOR_NAME, ROWS_NAME, REPORT_NAME) if not (folder / name).is_file()]
    if missing:
        raise StorageError(f"the persona's folder lacks {' and '.join(missing)}")


def read_trained(folder: Path) -> TrainedPersona:
    """Read what :func:`write_trained` wrote.

    Raises:
        ConversionError: If a part is missing or damaged, or holds numbers that are not finite.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        check_trained(folder)
        about = json.loads((folder / REPORT_NAME).read_text("utf-8"))
        numbers: dict[str, NDArray[np.float32]] = load_file(folder / ROWS_NAME)
        layers = load_file(folder / PROJECTOR_NAME)
        numbers |= {f"{_PROJECTOR}{name}": values for name, values in layers.items()}
        tasks, fold = tuple(map(str, about["tasks"])), about.get("learned_fold")
        net = PersonaNet(PersonaSizes(**about["sizes"]), len(tasks), length=1.0, temperature=1.0, seed=0)
        restore(dict(net.named_parameters()), numbers)
        trained = TrainedPersona(
            net=net.eval().requires_grad_(False),
            tasks=tasks,
            base_sha256=str(about["base_sha256"]),
            encoder=str(about["encoder"]),
            max_history=int(about["max_history"]),
            learned_fold=None if fold is None else FoldSpec(**fold),
        )
    except StorageError as error:
        raise ConversionError(error.message, hint="name the folder that `train persona` wrote") from None
    except (OSError, SafetensorError, KeyError, ValueError, TypeError, RuntimeError):
        raise ConversionError(
            f"the folder {folder.name!r} holds no whole persona", hint="name the folder that `train persona` wrote"
        ) from None
    if not all(bool(torch.isfinite(each).all()) for each in net.parameters()):
        raise ConversionError(f"the persona in {folder.name!r} has numbers that are not finite")
    return trained
