"""Rounds are interleaved, ratios are to the named baseline, and everything is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from export.gate.token_speed import measure_token_speed
from ondevice.config import EngineConfig
from ondevice.generation.llama.engine import Engine
from tests.tiny_generator import make_tiny_generator


def test_every_engine_reads_and_writes_in_every_round(tmp_path: Path) -> None:
    bundle = make_tiny_generator(tmp_path / "model")
    told: list[tuple[int, int]] = []
    config = EngineConfig(threads=1)
    with Engine.open(bundle, config=config) as one, Engine.open(bundle, config=config) as two:
        speeds = measure_token_speed(
            {"one": one, "two": two},
            "the cat slept",
            baseline="one",
            n_written=4,
            n_rounds=2,
            on_progress=lambda done, total: told.append((done, total)),
        )
    assert told == [(n, 6) for n in range(1, 7)]
    first, second = speeds
    assert (first.read_ratio, first.write_ratio) == (1, 1)
    assert second.read_per_s > 0
    assert second.write_per_s > 0
    assert second.n_prompt_tokens == 14  # the begin token and 13 bytes
    assert {result.measure for result in second.results(data="x")} >= {"read_tokens_per_s", "read_ratio_to_one"}
    assert all(result.n == 2 for result in second.results(data="x"))


def test_a_baseline_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="the baseline 'gone'"):
        measure_token_speed({}, "x", baseline="gone")
