"""A persona learns from others what a history says of its writer; a stopped training ends in the same bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from export.conversion.onnx.persona_folder import PROJECTOR_NAME, REPORT_NAME, ROWS_NAME, read_trained
from export.errors import ConversionError
from export.training.persona.questions import Questions
from export.training.persona.report import PersonaReport
from ondevice.bundle import Bundle
from ondevice.errors import AdaptationError, CorruptError
from tests.export.training.persona.made_people import CONFIG, learn, people, tiny_bundles, write_people

Bundles = tuple[Bundle, Bundle]
SHORT = replace(CONFIG, epochs=2)


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Bundles:
    return tiny_bundles(tmp_path_factory.mktemp("bundles"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_people(tmp_path_factory.mktemp("lamp"))


@pytest.fixture(scope="module")
def questions(data: Path) -> Questions:
    return people(data)


@pytest.fixture(scope="module")
def short(bundles: Bundles, questions: Questions, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("short") / "persona"
    learn(bundles, questions, out, config=SHORT)
    return out


def same(one: Path, other: Path) -> bool:
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in (PROJECTOR_NAME, ROWS_NAME))


def interrupt_after(n_steps: int) -> Callable[[int, int], None]:
    def on_progress(done: int, total: int) -> None:
        if done >= n_steps:
            raise KeyboardInterrupt

    return on_progress


def test_histories_of_other_users_tell_what_the_tasks_rows_cannot(
    bundles: Bundles, questions: Questions, tmp_path: Path
) -> None:
    report: PersonaReport = learn(bundles, questions, tmp_path / "persona")
    losses = report.losses["all"]
    assert set(losses) == {"none", "task", "mean", "own", "other", "empty"}
    assert losses["own"] < losses["none"] - 0.5
    assert losses["own"] < losses["task"] - 0.3
    assert losses["own"] < losses["other"] - 0.3
    assert losses["own"] < losses["empty"] - 0.3
    assert losses["own"] == pytest.approx(report.judged[report.best_epoch][0])
    assert not report.has_collapsed
    assert report.lengths["persona"] == pytest.approx(report.lengths["embeddings"], rel=0.3)
    assert (report.n_questions, report.n_held_out, report.n_users) == (18, 6, 24)
    assert len(report.judged) == 7
    assert report.curve[-1][0] == report.n_steps == 18
    assert report.curve[-1][1] < report.curve[0][1]
    written = json.loads((tmp_path / "persona" / REPORT_NAME).read_text())
    assert written["report"] == json.loads(json.dumps(report.to_json()))
    assert (written["tasks"], written["base_sha256"]) == (["LaMP_4"], bundles[0].files["model"].sha256)


def test_the_same_seed_gives_the_same_bytes_and_another_others(
    bundles: Bundles, questions: Questions, short: Path, tmp_path: Path
) -> None:
    learn(bundles, questions, tmp_path / "again", config=SHORT)
    learn(bundles, questions, tmp_path / "other", config=replace(SHORT, seed=1))
    assert same(short, tmp_path / "again")
    assert not same(short, tmp_path / "other")


@pytest.mark.parametrize("n_steps", [3, 4])
def test_a_stopped_training_goes_on_and_ends_in_the_same_bytes(
    bundles: Bundles,
    questions: Questions,
    short: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    n_steps: int,
) -> None:
    monkeypatch.setattr("export.training.persona.run.CHECKPOINT_SECONDS", 0.0)
    kept = tmp_path / "kept"
    with pytest.raises(KeyboardInterrupt):
        learn(
            bundles,
            questions,
            tmp_path / "cut",
            config=SHORT,
            checkpoint=kept,
            on_progress=interrupt_after(n_steps + 1),
        )
    assert kept.exists()
    assert not (tmp_path / "cut").exists()
    with pytest.raises(AdaptationError, match="belongs to a training with other questions"):
        learn(bundles, questions, tmp_path / "cut", config=replace(SHORT, rank=2), checkpoint=kept)
    told: list[str] = []
    report = learn(bundles, questions, tmp_path / "cut", config=SHORT, checkpoint=kept, on_stage=told.append)
    assert told == ["tokenizing", "loading", "training"]
    assert (report.n_steps, len(report.judged)) == (6, 3)
    assert same(short, tmp_path / "cut")
    assert not kept.exists()


def test_a_damaged_checkpoint_and_an_occupied_place_are_refused(
    bundles: Bundles, questions: Questions, tmp_path: Path
) -> None:
    (tmp_path / "kept").write_bytes(b"no checkpoint")
    with pytest.raises(CorruptError, match="checkpoint of the training is damaged"):
        learn(bundles, questions, tmp_path / "out", checkpoint=tmp_path / "kept")
    (tmp_path / "taken").mkdir()
    with pytest.raises(ConversionError, match="something at 'taken' already"):
        learn(bundles, questions, tmp_path / "taken")


def test_a_contrast_a_centred_projector_several_rows_and_half_as_wide_numbers_learn_too(
    bundles: Bundles, questions: Questions, tmp_path: Path
) -> None:
    config = replace(SHORT, contrast=0.5, n_rows=4, rank=0, centred=True, precision="bfloat16")
    report = learn(bundles, questions, tmp_path / "persona", config=config)
    assert report.judged[-1][0] < report.judged[0][0] - 0.2
    assert np.isfinite([loss for losses in report.losses.values() for loss in losses.values()]).all()
    assert read_trained(tmp_path / "persona").net.sizes.n_rows == 4


def test_a_training_out_of_time_is_judged_and_kept(
    bundles: Bundles, questions: Questions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 1e-6
        return now

    def later(done: int, total: int) -> None:
        nonlocal now
        now += 10

    monkeypatch.setattr("export.training.persona.run.time", SimpleNamespace(monotonic=clock))
    config = replace(SHORT, max_seconds=35.0)
    report = learn(bundles, questions, tmp_path / "persona", config=config, on_progress=later)
    assert (report.stopped, report.n_steps, len(report.judged)) == ("time", 4, 3)
    assert report.judged[-1][0] < report.judged[0][0]
    with pytest.raises(AdaptationError, match="was over before the first step"):
        learn(bundles, questions, tmp_path / "none", config=replace(SHORT, max_seconds=1e-9), on_progress=later)


def test_a_folder_that_is_no_persona_is_refused(short: Path, tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="lacks projector"):
        read_trained(tmp_path)
    for name in (PROJECTOR_NAME, ROWS_NAME, REPORT_NAME):
        (tmp_path / name).write_bytes((short / name).read_bytes())
    (tmp_path / ROWS_NAME).write_bytes(b"nothing")
    with pytest.raises(ConversionError, match="holds no whole persona"):
        read_trained(tmp_path)
