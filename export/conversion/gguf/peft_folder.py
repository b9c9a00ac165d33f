"""Reading a LoRA adapter as PEFT saves it: a configuration and a safetensors file, no pickle."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.errors import ConversionError
from ondevice.bundle import FileEntry, FoldSpec
from ondevice.bundle.sections import parse_fold
from ondevice.bundle.specs import UNUSABLE
from ondevice.errors import ManifestError
from ondevice.safety.regular_files import read_regular

CONFIG_NAME, WEIGHTS_NAME, PICKLE_NAME = "adapter_config.json", "adapter_model.safetensors", "adapter_model.bin"

_MUST_BE_OFF: Mapping[str, str] = {
    "use_dora": "DoRA also rescales every column of a weight",
    "lora_bias": "biases beside the B matrices have no place in a GGUF adapter",
    "fan_in_fan_out": "the layers of Llama and Qwen2 are not transposed",
    "modules_to_save": "whole retrained layers are no low-rank change",
    "trainable_token_indices": "retrained embeddings are no low-rank change of a projection",
    "layer_replication": "the base model would get more layers",
    "target_parameters": "only whole projections can be adapted",
    "alora_invocation_tokens": "the adapter would act from a certain token on only",
    "use_qalora": "its A matrices work on pooled inputs",
    "use_bdlora": "its matrices are block-diagonal",
    "arrow_config": "the adapter is a router over others",
    "kasa_config": "the adapter is no plain product of two matrices",
    "monteclora_config": "the adapter is no plain product of two matrices",
    "velora_config": "the adapter is no plain product of two matrices",
    "megatron_config": "the layers are split over machines",
}
"""Settings that change what the two matrices mean, and why they are refused."""

REPORT_NAME = "training.json"
"""What this package's own trainings write beside an adapter."""

MAX_CONFIG_BYTES = 16 << 20
_CHANGES_BASE = ("pissa", "olora", "corda", "loftq", "lora_ga")
"""Ways to begin training that also change the base model's weights, so that the saved matrices fit another base."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PeftAdapter:
    """A LoRA adapter as PEFT saved it, with one alpha.

    Args:
        tensors: The matrices by PEFT's names, float32; B holds what differs from ``alpha / rank`` in its layer.
        alpha: A weight changes by ``alpha / rank * b @ a``, with the rank of that very pair.
        rank: The largest rank among the pairs.
        base_name: The base model it was trained on, as the configuration names it.
        made_from: SHA-256 by file name.
    """

    tensors: Mapping[str, NDArray[np.float32]]
    alpha: float
    rank: int
    base_name: str | None
    made_from: Mapping[str, str]


def read_peft(folder: Path) -> PeftAdapter:
    """Read a PEFT folder.

    rsLoRA and patterns of rank and alpha are brought to one alpha for all layers.

    Raises:
        ConversionError: If a file is missing, damaged or a pickle, or the adapter is more than two matrices a
            projection.
    """
    config = _read_config(folder)
    tensors = _read_tensors(folder)
    alpha, scaled, rank = _with_one_alpha(config, tensors)
    base = config.get("base_model_name_or_path")
    return PeftAdapter(
        tensors=scaled,
        alpha=alpha,
        rank=rank,
        base_name=base if isinstance(base, str) and base else None,
        made_from={name: FileEntry.measure(folder, name).sha256 for name in (CONFIG_NAME, WEIGHTS_NAME)},
    )


def learned_tokens(folder: Path) -> int | None:
    """Return the length of the longest question that a task adapter learned, answer included.

    The report that ``train task-adapter`` writes beside an adapter says it; of any other adapter it is not known, and
    this is ``None``.

    Raises:
        ConversionError: If that report cannot be read, or holds no such length.
    """
    report = _task_report(folder)
    if report is None:
        return None
    config = report["config"]
    length = config.get("max_tokens") if isinstance(config, dict) else None
    if type(length) is not int or length < 1:
        raise ConversionError(f"the file {REPORT_NAME} tells no max_tokens", hint="train the adapter again")
    return length


def learned_fold(folder: Path) -> FoldSpec | None:
    """Return from which of two folds of users a task adapter learned; ``None`` where its report tells of none.

    Raises:
        ConversionError: If that report cannot be read, or what it says of a fold is wrong.
    """
    report = _task_report(folder)
    if report is None or report.get("learned_fold") is None:
        return None
    try:
        return parse_fold(report["learned_fold"])
    except ManifestError as error:
        reason = error.message.removeprefix(UNUSABLE)
        raise ConversionError(f"the file {REPORT_NAME}: {reason}", hint="train the adapter again") from None


def _task_report(folder: Path) -> dict[str, Any] | None:
    """Return what ``train task-adapter`` wrote beside an adapter, if that is what wrote it."""
    try:
        report = json.loads(read_regular(folder / REPORT_NAME, limit_bytes=MAX_CONFIG_BYTES))
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            return None
        raise ConversionError(f"the file {REPORT_NAME} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        return None  # whoever else trains may call a file of theirs so
    if not isinstance(report, dict) or not {"tasks", "base_sha256", "config"} <= report.keys():
        return None
    return report


def _read_config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads(read_regular(folder / CONFIG_NAME, limit_bytes=MAX_CONFIG_BYTES))
    except (FileNotFoundError, NotADirectoryError):
        raise ConversionError(f"the adapter folder {folder.name!r} has no {CONFIG_NAME}") from None
    except OSError as error:
        raise ConversionError(f"the file {CONFIG_NAME} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise ConversionError(f"the file {CONFIG_NAME} is not valid json") from None
    if not isinstance(config, dict) or config.get("peft_type") != "LORA":
        kind = config.get("peft_type") if isinstance(config, dict) else None
        raise ConversionError(f"the adapter is of the type {kind!r}, only 'LORA' can be converted")
    for setting, reason in _MUST_BE_OFF.items():
        if config.get(setting):
            raise ConversionError(f"the adapter sets {setting!r}: {reason}", hint="train it without")
    if config.get("bias", "none") != "none":
        raise ConversionError(
            f"the adapter trains biases (bias={config['bias']!r}), which GGUF adapters cannot hold",
            hint="train it with bias='none'",
        )
    start = config.get("init_lora_weights")
    if isinstance(start, str) and start.lower().startswith(_CHANGES_BASE):
        raise ConversionError(
            f"the adapter began from {start!r}, which changes the base model's own weights",
            hint="convert it to a plain LoRA with PEFT's path_initial_model_for_weight_conversion",
        )
    return config


def _read_tensors(folder: Path) -> dict[str, NDArray[np.float32]]:
    path = folder / WEIGHTS_NAME
    if not path.is_file():
        if (folder / PICKLE_NAME).exists():
            raise ConversionError(
                f"the adapter's weights are a pickle ({PICKLE_NAME}), which may run code when it is read",
                hint="save the adapter as safetensors",
            )
        raise ConversionError(f"the adapter folder {folder.name!r} has no {WEIGHTS_NAME}")
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError:
        raise ImportError("converting adapters needs the extra: run: pip install 'ondevice-export[train]'") from None
    tensors: dict[str, NDArray[np.float32]] = {}
    try:
        with safe_open(path, framework="pt") as file:  # NumPy has no bfloat16, in which adapters are often trained
            for name in file.keys():  # noqa: SIM118 - not a mapping
                tensors[name] = file.get_tensor(name).float().numpy()
    except (SafetensorError, OSError):
        raise ConversionError(f"the file {WEIGHTS_NAME} is damaged or cut short") from None
    if not tensors:
        raise ConversionError(f"the file {WEIGHTS_NAME} holds no tensors")
    for name, tensor in tensors.items():
        _check_tensor(name, tensor)
    return tensors


def _check_tensor(name: str, tensor: NDArray[np.float32]) -> None:
    if "lora_magnitude_vector" in name:
        raise ConversionError(f"the tensor {name!r} belongs to DoRA, which GGUF adapters cannot hold")
    if "lm_head" in name or "embed" in name:
        raise ConversionError(
            f"the adapter changes the embeddings or the output layer ({name!r})",
            hint="train it on the attention and mlp projections of the layers only",
        )
    if not re.search(r"\.lora_[AB]\.", name):
        raise ConversionError(f"the tensor {name!r} is no LoRA matrix: whole retrained layers cannot be converted")
    if not np.isfinite(tensor).all():
        raise ConversionError(f"the tensor {name!r} holds numbers that are not finite")


def _with_one_alpha(
    config: Mapping[str, Any], tensors: Mapping[str, NDArray[np.float32]]
) -> tuple[float, dict[str, NDArray[np.float32]], int]:
    """Return alpha, the tensors with B scaled where its layer has another strength, and the largest rank."""
    alphas: dict[str, float] = {}
    rank = 0
    for name, tensor in tensors.items():
        if ".lora_B." not in name or tensor.ndim != 2:
            continue  # what is no matrix is refused where the pairs are made
        module = name.split(".lora_B.")[0].removeprefix("base_model.model.")
        own = tensor.shape[1]
        stated = _of_layer(config, module, "rank_pattern", "r")
        if own != stated:
            raise ConversionError(f"{module!r} has the rank {own}, but {CONFIG_NAME} states {stated:g}")
        alpha = _of_layer(config, module, "alpha_pattern", "lora_alpha")
        alphas[name] = alpha * math.sqrt(own) if config.get("use_rslora") else alpha
        rank = max(rank, own)
    if not alphas:
        raise ConversionError("the adapter holds no B matrices")
    common = max(alphas.values())
    return common, {name: _scaled(tensor, alphas.get(name, common) / common) for name, tensor in tensors.items()}, rank


def _scaled(tensor: NDArray[np.float32], factor: float) -> NDArray[np.float32]:
    return tensor if factor == 1 else (tensor * np.float32(factor)).astype(np.float32)


def _of_layer(config: Mapping[str, Any], module: str, pattern_field: str, field: str) -> float:
    """Return the layer's own value, as PEFT looks it up: the first pattern that the module's name ends with."""
    patterns = config.get(pattern_field) or {}
    value: object = config.get(field)
    try:
        for pattern, own in patterns.items():
            if re.match(rf"(.*\.)?({pattern})$", module):
                value = own
                break
    except (re.error, AttributeError):
        raise ConversionError(f"the field {pattern_field!r} of {CONFIG_NAME} is not readable") from None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(float(str(value))) or float(str(value)) <= 0:
        raise ConversionError(f"the field {field!r} of {CONFIG_NAME} must be a number above 0, not {value!r}")
    return float(str(value))
