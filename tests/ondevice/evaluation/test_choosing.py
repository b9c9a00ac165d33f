"""Trained retrievers and selectors in a run: like any other strategy, over the same answers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ondevice.evaluation.answered import PARTS
from ondevice.evaluation.answers import AnswerStore
from ondevice.evaluation.conditions import Condition, conditions_for
from ondevice.evaluation.lamp import evaluate_lamp
from ondevice.evaluation.lamp_data import LampSplit, read_lamp_split
from ondevice.evaluation.plan import LampPlan, RunConfig
from ondevice.evaluation.runner import Runner
from tests.ondevice.evaluation.lamp_files import question, write_split
from tests.tiny_models import make_tiny_encoder
from tests.tiny_selector import make_tiny_selector

POOL = ("bm25", "recency", "ropg", "ropg-query")


@pytest.fixture(scope="module")
def models(app_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("choosing") / "models"
    shutil.copytree(app_models, folder)
    base = make_tiny_encoder(folder / "tiny-encoder")
    make_tiny_encoder(folder / "ropg", name="ropg", dim=16, seed=11)
    make_tiny_encoder(folder / "ropg-query", name="ropg-query", seed=13, passages=base.id)
    make_tiny_selector(folder / "chooser", name="chooser", pool=POOL, max_tokens=256, k=1)
    return folder


@pytest.fixture
def config(models: Path) -> RunConfig:
    return RunConfig(
        models=models, generator="tiny-generator", encoder="tiny-encoder", selector="chooser", max_tokens=4
    )


def split_of(tmp_path: Path) -> LampSplit:
    asked = [question("LaMP_4", str(n), user=f"u{n}") for n in range(2)]
    return read_lamp_split(write_split(tmp_path / "LaMP_4", "LaMP_4", asked), "dev")


def cells_of(*strategies: str) -> list[Condition]:
    return conditions_for("LaMP_4", strategies=strategies, ks=[1], decodings=["free"])


def test_a_choice_takes_the_answers_that_other_cells_gave(tmp_path: Path, config: RunConfig) -> None:
    split = split_of(tmp_path)
    with Runner(config, store := AnswerStore(None)) as runner:
        runner.run(split, cells_of(*POOL))
        n_before = len(store)
        _, *cells = cells_of("ropg", "rspg-pre", "rspg-post")
        ropg, pre, post = runner.run(split, [*cells_of(), *cells])[1:]
        assert len(store) == n_before
        ids = runner.models_for(cells)
    assert ropg.choices == []
    for outcome in (pre, post):
        assert len(outcome.choices) == 2
        assert set(outcome.choices) <= set(POOL)
        assert set(outcome.parts_ms) == {*PARTS, "select"}
        assert outcome.parts_ms["select"] > 0
    assert {"encoder", "selector", "encoder ropg", "encoder ropg-query"} <= set(ids)


def test_a_choice_alone_gives_the_same_answers(tmp_path: Path, config: RunConfig) -> None:
    split = split_of(tmp_path)
    with Runner(config, AnswerStore(None)) as runner:
        together = runner.run(split, cells_of("bm25", "rspg-pre", "rspg-post"))
    with Runner(config, AnswerStore(None)) as runner:
        alone = runner.run(split, cells_of("rspg-post"))
    assert (alone[-1].answers, alone[-1].choices) == (together[-1].answers, together[-1].choices)


def test_a_report_counts_what_was_chosen(tmp_path: Path, config: RunConfig) -> None:
    split_of(tmp_path / "data")
    plan = LampPlan(data=tmp_path / "data", strategies=["ropg-query", "rspg-pre"], ks=[1], controls=())
    report = evaluate_lamp(plan, config)
    rows = {row["strategy"]: row for row in report.document()["rows"]}
    assert sum(rows["rspg-pre"]["choices"].values()) == 2
    assert rows["ropg-query"]["choices"] == {}
    assert report.document()["about"]["selector"] == "chooser"
    with pytest.raises(ValueError, match="'magic' is unknown"):
        evaluate_lamp(LampPlan(data=tmp_path / "data", strategies=["magic"]), config)
