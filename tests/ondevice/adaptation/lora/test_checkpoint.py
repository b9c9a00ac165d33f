"""A checkpoint comes back as it was, and nothing that is none is taken for one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save

from ondevice.adaptation.lora.checkpoint import Checkpoint, Progress, fingerprint, settings_mark
from ondevice.adaptation.recipes.recipe import LoraRecipe, ModelShape, TrainingConfig, TrainingReport
from ondevice.errors import AdaptationError, CorruptError, VersionError
from tests.ondevice.adaptation.planted import user_examples

PROGRESS = Progress(step=3, loss_before=5.5, best_loss=4.25, n_without_gain=1, seconds=9.5, part_tokens=512)
MATRICES = {"a.lora_A.weight": np.arange(6, dtype=np.float32).reshape(2, 3)}
CHECKPOINT = Checkpoint(
    fingerprint="f" * 64,
    progress=PROGRESS,
    current=MATRICES,
    best={},
    first_moments=MATRICES,
    second_moments=MATRICES,
    settings=settings_mark(LoraRecipe(), TrainingConfig()),
)


@pytest.mark.parametrize("best", [None, 4.25])
def test_bytes_and_back_is_the_same(best: float | None) -> None:
    checkpoint = replace(CHECKPOINT, progress=replace(PROGRESS, best_loss=best))
    read = Checkpoint.from_bytes(checkpoint.to_bytes())
    assert (read.fingerprint, read.settings, read.best) == (checkpoint.fingerprint, checkpoint.settings, {})
    assert read.progress == checkpoint.progress
    for part in (read.current, read.first_moments, read.second_moments):
        assert np.array_equal(part["a.lora_A.weight"], MATRICES["a.lora_A.weight"])
    assert read.to_bytes() == checkpoint.to_bytes()


def changed(**fields: Any) -> bytes:
    """Return the checkpoint with other fields of its state, or of its progress."""
    tensors = load(CHECKPOINT.to_bytes())
    state = json.loads(tensors["state"].tobytes())
    for name, value in fields.items():
        (state["progress"] if name in state["progress"] else state)[name] = value
    tensors["state"] = np.frombuffer(json.dumps(state).encode(), dtype=np.uint8)
    data: bytes = save(tensors)
    return data


@pytest.mark.parametrize(
    "fields",
    [{"step": -1}, {"step": "3"}, {"loss_before": float("nan")}, {"part_tokens": 0}, {"more": 1, "progress": {}}],
)
def test_a_state_of_the_wrong_form_is_damaged(fields: dict[str, Any]) -> None:
    with pytest.raises(CorruptError, match="damaged"):
        Checkpoint.from_bytes(changed(**fields))


def test_a_later_format_is_not_read() -> None:
    with pytest.raises(VersionError, match="format 3, but this release reads 1 to 2"):
        Checkpoint.from_bytes(changed(format=3))


def test_the_first_format_is_read_and_knew_no_refit() -> None:
    tensors = load(CHECKPOINT.to_bytes())
    state = json.loads(tensors["state"].tobytes())
    del state["first"], state["progress"]["best_step"]
    tensors["state"] = np.frombuffer(json.dumps({**state, "format": 1}).encode(), dtype=np.uint8)
    read = Checkpoint.from_bytes(save(tensors))
    assert (read.first, read.progress) == (None, PROGRESS)


def test_what_a_refit_repeats_is_kept_and_checked() -> None:
    report = TrainingReport(
        n_examples=9,
        n_held_out=2,
        n_steps=6,
        epochs_done=2,
        loss_before=5.5,
        loss_after=4.25,
        seconds=9.5,
        peak_bytes=10**6,
        stopped="early",
        best_epoch=1,
    )
    assert Checkpoint.from_bytes(replace(CHECKPOINT, first=report).to_bytes()).first == report
    with pytest.raises(CorruptError, match="damaged"):
        Checkpoint.from_bytes(changed(first={**report.to_json(), "n_steps": "six"}))


def test_another_file_is_damaged() -> None:
    with pytest.raises(CorruptError):
        Checkpoint.from_bytes(save(MATRICES))
    with pytest.raises(CorruptError):
        Checkpoint.from_bytes(b"")


def test_the_fingerprint_is_of_all_that_decides_the_result() -> None:
    examples, held_out = user_examples(6, seed=1), user_examples(2, seed=2)
    recipe, config = LoraRecipe(), TrainingConfig()
    mark = fingerprint(examples, held_out, recipe, config)
    others = [
        fingerprint(examples[::-1], held_out, recipe, config),
        fingerprint(examples[:-1], [examples[-1], *held_out], recipe, config),
        fingerprint(examples, held_out, LoraRecipe(rank=4), config),
        fingerprint(examples, held_out, recipe, TrainingConfig(seed=1)),
    ]
    assert len({mark, *others}) == 5
    limited = TrainingConfig(max_seconds=5.0, max_memory_bytes=10**9)
    assert fingerprint(user_examples(6, seed=1), held_out, recipe, limited) == mark
    with pytest.raises(AdaptationError, match="another recipe"):
        CHECKPOINT.check(mark)


def test_other_settings_are_known_before_there_are_examples() -> None:
    shape = ModelShape(
        architecture="llama", n_blocks=1, dim=3, n_heads=1, n_kv_heads=1, head_dim=2, ffn_dim=4, vocabulary=9
    )
    recipe = LoraRecipe(projections=("q_proj",), rank=2)
    matrices = {"a": np.zeros((2, 3), dtype=np.float32), "b": np.zeros((2, 2), dtype=np.float32)}
    kept = replace(CHECKPOINT, current=matrices, settings=settings_mark(recipe, TrainingConfig()))
    for checkpoint in (kept, replace(kept, settings="")):
        checkpoint.check_settings(recipe, TrainingConfig(max_seconds=5.0), shape)
        with pytest.raises(AdaptationError, match="do not fit this base model"):
            checkpoint.check_settings(recipe, TrainingConfig(), replace(shape, dim=4))
    for other in ((recipe, TrainingConfig(seed=1)), (replace(recipe, alpha=1.0), TrainingConfig())):
        with pytest.raises(AdaptationError, match="another recipe or other settings"):
            kept.check_settings(*other, shape)


def test_what_an_earlier_release_kept_says_nothing_of_its_settings() -> None:
    tensors = load(CHECKPOINT.to_bytes())
    state = json.loads(tensors["state"].tobytes())
    del state["settings"]
    tensors["state"] = np.frombuffer(json.dumps(state).encode(), dtype=np.uint8)
    assert Checkpoint.from_bytes(save(tensors)).settings == ""


def test_no_matrices_in_the_repr() -> None:
    assert "lora_A" not in repr(CHECKPOINT)
