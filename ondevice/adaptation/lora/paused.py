"""What the checkpoints of all trainings have in common: a state, numbers by part and name, and AdamW's moments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ondevice.adaptation.lora.lora import Tensors
from ondevice.errors import CorruptError, VersionError

if TYPE_CHECKING:
    from torch.optim import AdamW

PARTS = ("current", "best", "first_moments", "second_moments")


def damaged() -> CorruptError:
    """Return the error of a checkpoint that cannot be read."""
    return CorruptError("the checkpoint of the training is damaged", hint="start the training anew")


def to_bytes(state: Mapping[str, Any], parts: Mapping[str, Tensors]) -> bytes:
    """Return a checkpoint as a safetensors file in memory.

    Args:
        state: What JSON can hold, the number of its ``format`` in it.
        parts: The numbers of each of :data:`PARTS`, by name.
    """
    from safetensors.numpy import save

    tensors: dict[str, Any] = {"state": np.frombuffer(json.dumps(state).encode(), dtype=np.uint8)}
    for part in PARTS:
        tensors |= {f"{part}/{name}": np.asarray(values, order="C") for name, values in parts[part].items()}
    data: bytes = save(tensors)
    return data


def from_bytes(data: bytes, newest: int) -> tuple[dict[str, Any], dict[str, dict[str, NDArray[np.float32]]]]:
    """Read what :func:`to_bytes` made: the state, and the numbers by part and name.

    Args:
        data: The checkpoint.
        newest: The newest format that is read; the first is 1.

    Raises:
        CorruptError: If the bytes are damaged.
        VersionError: If a newer release made them.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        tensors = load(data)
        state: dict[str, Any] = json.loads(tensors.pop("state").tobytes())
        version = state["format"]
        if version not in range(1, newest + 1):
            known = f"1 to {newest}" if newest > 1 else "1"
            raise VersionError(f"the checkpoint has the format {version}, but this release reads {known}")
        parts: dict[str, dict[str, NDArray[np.float32]]] = {part: {} for part in PARTS}
        for name, values in tensors.items():
            part, _, rest = name.partition("/")
            parts[part][rest] = values
    except (SafetensorError, KeyError, ValueError, TypeError):
        raise damaged() from None
    return state, parts


def moments_of(optimizer: AdamW, parameters: Mapping[str, Any]) -> dict[str, dict[str, NDArray[np.float32]]]:
    """Return AdamW's two parts by the parameters' names; empty before the first step."""
    states = {name: optimizer.state.get(parameter) for name, parameter in parameters.items()}
    return {
        part: {name: state[key].cpu().numpy().copy() for name, state in states.items() if state}
        for part, key in (("first_moments", "exp_avg"), ("second_moments", "exp_avg_sq"))
    }


def restore_moments(
    optimizer: AdamW, parameters: Mapping[str, Any], first: Tensors, second: Tensors, step: int
) -> None:
    """Let AdamW go on behind a step, where one was made.

    Raises:
        KeyError: If there are none of a parameter.
        RuntimeError: If they are not as large as it.
    """
    import torch

    for name, parameter in parameters.items() if step else ():
        moments = (torch.from_numpy(each[name]).to(parameter).reshape(parameter.shape) for each in (first, second))
        optimizer.state[parameter] = {
            "step": torch.tensor(float(step)),
            **dict(zip(("exp_avg", "exp_avg_sq"), moments, strict=True)),
        }
