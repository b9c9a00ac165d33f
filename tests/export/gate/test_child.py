from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from export.errors import ConversionError
from export.gate.child import run_child
from export.gate.memory import measure_memory
from ondevice.errors import BundleError
from ondevice.retrieval.encoding.encoder import Encoder
from tests.tiny_models import make_tiny_encoder

TEXTS = ["the train to paris", "tea and cake"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_encoder(tmp_path_factory.mktemp("child") / "e").folder


def test_a_process_of_its_own_computes_the_same(folder: Path) -> None:
    from ondevice.bundle import Bundle

    run = run_child(folder, TEXTS)
    with Encoder.open(Bundle.open(folder, kind="encoder"), threads=1) as encoder:
        np.testing.assert_array_equal(run.vectors, encoder.encode_passages(TEXTS))
    assert 5 << 20 < run.start_bytes < run.resident_bytes <= run.peak_bytes < 2 << 30
    assert run.features
    assert "vectors" not in repr(run)


def test_memory_counts_the_files_and_what_the_process_takes(folder: Path) -> None:
    use = measure_memory(folder, TEXTS, threads=1)
    assert use.file_bytes == sum((folder / name).stat().st_size for name in ("model.onnx", "tokenizer.json"))
    assert 0 < use.resident_bytes < use.peak_bytes
    assert [(each.measure, each.n) for each in use.results(data="tiny")] == [
        ("file_bytes", 2),
        ("resident_bytes", 2),
        ("peak_bytes", 2),
    ]


def test_a_folder_that_is_no_bundle_is_refused_in_the_process_too(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="the encoder failed in a process of its own: "):
        run_child(tmp_path, ["secret"])
    with pytest.raises(BundleError):
        measure_memory(make_broken(tmp_path), ["secret"])


def make_broken(folder: Path) -> Path:
    (folder / "manifest.json").write_text("{}")
    return folder


def test_a_process_that_dies_or_hangs_is_told_and_ended(folder: Path) -> None:
    with pytest.raises(ConversionError, match="the process of the encoder ended with code 1, without an answer"):
        run_child(folder, ["secret"], runner=("false",))
    with pytest.raises(ConversionError, match="took more than 0 s for 1 texts") as caught:
        run_child(folder, ["secret"], timeout_s=0.01)
    assert "secret" not in str(caught.value)
    with pytest.raises(ValueError, match="texts"):
        run_child(folder, [])
