"""Tiny checkpoints, made once a session, and what recipes need to be tried on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from export.conversion.onnx.calibration import Calibration, calibrate_on
from export.conversion.onnx.checkpoint import HubCheckpoint, read_checkpoint
from export.conversion.onnx.fp32 import export_fp32
from export.gate.retrieval_data import RetrievalData
from tests.tiny_checkpoints import MAX_TOKENS, make_tiny_checkpoint
from tests.tiny_models import WORDS

TEXTS = [" ".join(WORDS[(7 * i + 3 * j) % len(WORDS)] for j in range(2 + i % 9)) for i in range(24)]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Keep torch from spinning on every core over matrices this small."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_checkpoint(tmp_path_factory.mktemp("checkpoints") / "tiny-bert")


@pytest.fixture(scope="session")
def tiny_checkpoint(tiny_folder: Path) -> HubCheckpoint:
    return read_checkpoint(tiny_folder)


@pytest.fixture(scope="session")
def tiny_fp32(tiny_checkpoint: HubCheckpoint, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("graphs") / "fp32.onnx"
    export_fp32(tiny_checkpoint, path)
    return path


@pytest.fixture(scope="session")
def tiny_calibration(tiny_folder: Path) -> Calibration:
    return calibrate_on(TEXTS, tiny_folder / "tokenizer.json", max_tokens=MAX_TOKENS)


@pytest.fixture(scope="session")
def tiny_data() -> RetrievalData:
    return RetrievalData(
        name="tiny",
        passages=TEXTS,
        queries=[" ".join(text.split()[:2]) for text in TEXTS[:6]],
        candidates=[range(len(TEXTS))] * 6,
        relevant=[frozenset({i}) for i in range(6)],
    )
