"""What all trainings' checkpoints have in common: numbers come back as they were, and only under known parts."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.numpy import load, save

from ondevice.adaptation.lora.paused import PARTS, from_bytes, moments_of, restore_moments, to_bytes
from ondevice.errors import CorruptError, VersionError

TABLE = np.arange(6, dtype=np.float32).reshape(2, 3)
NUMBERS = {"table": TABLE, "turned": TABLE.T, "one": np.array(3, dtype=np.float32)}
KEPT = to_bytes({"format": 1}, dict.fromkeys(PARTS, NUMBERS))


def test_numbers_of_any_shape_and_order_come_back() -> None:
    state, parts = from_bytes(KEPT, 1)
    assert state == {"format": 1}
    assert tuple(parts) == PARTS
    for numbers in parts.values():
        assert {name: values.shape for name, values in numbers.items()} == {
            "table": (2, 3),
            "turned": (3, 2),
            "one": (),
        }
        assert all(np.array_equal(numbers[name], values) for name, values in NUMBERS.items())


def test_an_unknown_part_is_damage_and_another_format_a_newer_release() -> None:
    with pytest.raises(CorruptError, match="damaged"):
        from_bytes(save({**load(KEPT), "elsewhere/table": TABLE}), 1)
    for newest, known in ((1, "reads 1$"), (2, "reads 1 to 2$")):
        with pytest.raises(VersionError, match=f"has the format 3, but this release {known}"):
            from_bytes(to_bytes({"format": 3}, {part: {} for part in PARTS}), newest)


def test_adamw_goes_on_as_if_it_had_not_stopped() -> None:
    def begun() -> tuple[dict[str, torch.nn.Parameter], torch.optim.AdamW]:
        parameters = {name: torch.nn.Parameter(torch.ones(shape)) for name, shape in (("a", (2, 3)), ("b", ()))}
        return parameters, torch.optim.AdamW(parameters.values(), lr=0.1)

    def step(parameters: dict[str, torch.nn.Parameter], optimizer: torch.optim.AdamW, scale: float) -> None:
        for parameter in parameters.values():
            parameter.grad = torch.full_like(parameter, scale)
        optimizer.step()

    parameters, optimizer = begun()
    assert moments_of(optimizer, parameters) == {"first_moments": {}, "second_moments": {}}
    step(parameters, optimizer, 1.0)
    kept, others = moments_of(optimizer, parameters), begun()
    with torch.no_grad():
        for name, parameter in parameters.items():
            others[0][name].copy_(parameter)
    restore_moments(others[1], others[0], kept["first_moments"], kept["second_moments"], 1)
    for each in ((parameters, optimizer), others):
        step(*each, 0.25)
    assert all(torch.equal(parameters[name], others[0][name]) for name in parameters)
    with pytest.raises(RuntimeError):
        restore_moments(others[1], others[0], {"a": TABLE[:1], "b": TABLE}, kept["second_moments"], 1)
