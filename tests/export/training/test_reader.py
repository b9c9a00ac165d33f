"""The reading adapter: invented people in, an adapter bundle out, and a stopped training goes on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from export.cli.export import app
from export.conversion.about import About
from export.errors import ConversionError, DatasetError
from export.training.checkpoints import keep_checkpoint
from export.training.reader import READER_RECIPE, ReadingAdapter, check_reader, hold_out_people, train_reader
from export.training.reading import Lesson, ReadingConfig, reading_lessons
from ondevice.adaptation.lessons.joined import Joined, make_joined
from ondevice.adaptation.lora.checkpoint import Checkpoint, Progress, settings_mark
from ondevice.adaptation.lora.lora import attached, copied
from ondevice.adaptation.lora.weights import load_base
from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig
from ondevice.bundle import Bundle
from ondevice.config import EngineConfig
from ondevice.errors import AdaptationError
from ondevice.evaluation.note_search import NoteSearch
from ondevice.evaluation.people import make_people
from ondevice.generation.llama.engine import Engine
from ondevice.generation.prompts.chat import turns
from ondevice.generation.prompts.prompt import build_prompt
from tests.tiny_llm import make_model, write_base
from tests.tiny_models import make_tiny_encoder

RECIPE = LoraRecipe(rank=2, alpha=4.0)
CONFIG = TrainingConfig(learning_rate=1e-2, epochs=1, batch_tokens=4096, max_tokens=1000, precision="float32")
ABOUT = About(name="reader", version="1", license="Apache-2.0", training_data="invented people")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return write_base(make_model("llama"), tmp_path_factory.mktemp("reader") / "base")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_encoder(tmp_path_factory.mktemp("models") / "tiny-encoder").folder


@pytest.fixture(scope="module")
def lessons(encoder: Path) -> list[Lesson]:
    config = ReadingConfig(k=2, spread=1, branches=4)
    with NoteSearch(encoder) as search:
        found = list(reading_lessons(make_people(3, split="train", seed=2), search.over, config))
    people = {lesson.person for lesson in found}
    return [lesson for name in people for lesson in [each for each in found if each.person == name][:4]]


def learn(base: Bundle, lessons: list[Lesson], out: Path, **settings: Any) -> ReadingAdapter:
    known: dict[str, Any] = {"recipe": RECIPE, "config": CONFIG}
    return train_reader(base, *hold_out_people(lessons, 0.3), out, ABOUT, **known | settings)


def test_a_bundle_is_written_that_fits_the_base(base: Bundle, lessons: list[Lesson], tmp_path: Path) -> None:
    stages: list[str] = []
    made = learn(base, lessons, tmp_path / "reader", peft=tmp_path / "peft", on_stage=stages.append)
    assert made.report.loss_after < made.report.loss_before
    assert stages == ["loading", "tokenizing", "evaluating", "training", "converting"]
    assert made.n_people == 2
    assert 0 < made.refused < 1
    assert made.tokens_per_second > 0
    assert [step for step, _ in made.curve] == [made.report.n_steps]
    assert made.curve[0][1] == pytest.approx(made.report.loss_before, rel=0.1)
    bundle = Bundle.open(tmp_path / "reader", kind="adapter")
    assert bundle.manifest.adapter is not None
    assert bundle.manifest.adapter.bases == (made.base_sha256,)
    assert (bundle.manifest.license, bundle.manifest.training_data) == ("Apache-2.0", "invented people")
    assert json.loads((tmp_path / "peft" / "training.json").read_text()) == json.loads(json.dumps(made.to_json()))
    assert (tmp_path / "peft" / "adapter_model.safetensors").is_file()


def test_a_training_goes_on_from_an_adapter_of_the_same_recipe(
    base: Bundle, lessons: list[Lesson], tmp_path: Path
) -> None:
    first = learn(base, lessons, tmp_path / "one", peft=tmp_path / "peft")
    second = learn(base, lessons, tmp_path / "two", start=tmp_path / "peft")
    assert second.report.loss_before == pytest.approx(first.report.loss_after, abs=1e-4)
    assert second.report.loss_after < first.report.loss_after
    with pytest.raises(ConversionError, match=r"has rank \d+, alpha .* and the projections") as told:
        learn(base, lessons, tmp_path / "three", start=tmp_path / "peft", recipe=replace(RECIPE, rank=3))
    assert told.value.hint == "say the same with --rank, --alpha and --projections"
    assert not (tmp_path / "three").exists()


def test_prompts_are_numbered_though_the_bundle_does_not_say_so(base: Bundle, lessons: list[Lesson]) -> None:
    lesson = next(lesson for lesson in lessons if len(lesson.pairs) > 1)
    with Engine.open(base, config=EngineConfig(context_tokens=1024, threads=1)) as engine:
        assert engine.prompt_form == "plain"
        (joined,) = make_joined([lesson.pairs], engine, max_tokens=3000, form="numbered")
        assert isinstance(joined, Joined)
        for pair, branch in zip(lesson.pairs, joined.branches, strict=True):
            *before, asked = build_prompt(
                pair.request,
                pair.items,
                task="chat",
                budget_tokens=2000,
                count_tokens=engine.count_tokens,
                form="numbered",
                now=pair.asked_at,
            ).messages
            assert "[1] " in before[0].content
            prompt, answer = engine.tokenize_turn([*before, *turns(pair.earlier), asked], pair.answer)
            assert [*joined.prefix, *branch.prompt] == prompt
            assert branch.answer.tolist() == answer
    assert len(joined) < sum(len(joined.prefix) + len(branch) for branch in joined.branches)


def test_what_is_too_long_together_becomes_several(base: Bundle, lessons: list[Lesson]) -> None:
    lesson = max(lessons, key=lambda lesson: len(lesson.pairs))
    with Engine.open(base, config=EngineConfig(context_tokens=1024, threads=1)) as engine:
        (whole,) = make_joined([lesson.pairs], engine, max_tokens=4000, form="numbered")
        parts = make_joined([lesson.pairs], engine, max_tokens=len(whole) - 1, form="numbered")
    assert len(parts) == 2
    assert all(len(part) < len(whole) for part in parts)
    assert sum(part.n_answer for part in parts) == whole.n_answer


def test_a_stopped_training_goes_on_and_ends_the_same(base: Bundle, lessons: list[Lesson], tmp_path: Path) -> None:
    config = TrainingConfig.from_json({**CONFIG.to_json(), "epochs": 2, "patience": 2})
    learn(base, lessons, tmp_path / "whole", peft=tmp_path / "whole-peft", config=config)
    kept = tmp_path / "kept"

    def interrupt(done: int, total: int) -> None:
        if done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn(base, lessons, tmp_path / "cut", config=config, checkpoint=kept, on_progress=interrupt)
    assert kept.exists()
    assert not (tmp_path / "cut").exists()
    learn(base, lessons, tmp_path / "cut", peft=tmp_path / "cut-peft", config=config, checkpoint=kept)
    assert not kept.exists()
    files = [(tmp_path / f"{name}-peft" / "adapter_model.safetensors").read_bytes() for name in ("whole", "cut")]
    assert files[0] == files[1]


def test_a_checkpoint_that_cannot_be_gone_on_from_is_refused_before_there_are_lessons(
    base: Bundle, encoder: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    arguments = ["train", "reader", str(base.folder), "--encoder", str(encoder), "--out", str(tmp_path / "reader")]
    arguments += ["--people", "2", "--held-out", "0.5", "--checkpoint", str(kept), "--json"]

    def refused(*more: str) -> tuple[str, str]:
        result = CliRunner().invoke(app, [*arguments, *more])
        assert "inventing people" not in result.stderr
        error = json.loads(result.stdout)["error"]
        return error["type"], error["message"]

    kept.write_bytes(b"no checkpoint")
    assert refused() == ("CorruptError", "the checkpoint of the training is damaged")
    kept.unlink()
    kept.mkdir()
    assert refused()[0] == "StorageError"
    kept.rmdir()
    keep_checkpoint(kept, begun(base, RECIPE, CONFIG).to_bytes())
    assert refused("--rank", "2")[1].startswith("the checkpoint belongs to a training with another recipe or other")
    keep_checkpoint(kept, replace(begun(base, RECIPE, CONFIG), settings="").to_bytes())  # as an earlier release did
    assert refused("--rank", "3")[1] == "the checkpoint's matrices do not fit this base model"
    assert refused("--device", "abacus")[1] == "PyTorch cannot compute on the device 'abacus' here"
    assert refused("--peft", str(tmp_path / "reader" / "peft"))[1].startswith("'peft' lies in 'reader'")
    assert refused("--checkpoint", str(tmp_path / "reader"))[1].startswith("'reader' lies in 'reader'")
    assert refused("--peft", str(kept / "peft")) == ("StorageError", "the folder of 'peft' cannot be written")
    (tmp_path / "reader").mkdir()
    assert refused() == ("ConversionError", "there is something at 'reader' already")


def begun(base: Bundle, recipe: LoraRecipe, config: TrainingConfig) -> Checkpoint:
    """Return the checkpoint of a training that took no step."""
    weights = load_base(base.file("model"))
    with attached(weights, recipe, seed=0) as parameters:
        matrices = copied(parameters)
    progress = Progress(step=0, loss_before=1.0, best_loss=None, n_without_gain=0, seconds=0.0, part_tokens=9)
    empty: dict[str, Any] = {"best": {}, "first_moments": {}, "second_moments": {}}
    settings = settings_mark(recipe, config)
    return Checkpoint(fingerprint="f", settings=settings, progress=progress, current=matrices, **empty)


def test_a_checkpoint_of_the_same_options_and_base_may_be_of_this_training(base: Bundle, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    check_reader(base, tmp_path / "new", checkpoint=kept)
    for recipe in (LoraRecipe(blocks=(1,), projections=("down_proj",)), READER_RECIPE, RECIPE):
        keep_checkpoint(kept, begun(base, recipe, CONFIG).to_bytes())
        check_reader(base, tmp_path / "new", recipe=recipe, config=CONFIG, checkpoint=kept)
        limited = replace(CONFIG, max_seconds=5.0)
        check_reader(base, tmp_path / "new", recipe=recipe, config=limited, checkpoint=kept)
    other = write_base(make_model("llama", layers=1), tmp_path / "other")
    with pytest.raises(AdaptationError, match="do not fit this base model"):
        check_reader(other, tmp_path / "new", recipe=recipe, config=CONFIG, checkpoint=kept)


def test_people_are_held_out_whole(lessons: list[Lesson]) -> None:
    learned, held = hold_out_people(lessons, 0.01)
    assert len({lesson.person for lesson in held}) == 1
    assert not {lesson.person for lesson in held} & {lesson.person for lesson in learned}
    assert [*learned, *held] == lessons
    with pytest.raises(DatasetError, match="2 people or more"):
        hold_out_people(held, 0.5)


def test_an_occupied_place_is_refused_before_training(base: Bundle, lessons: list[Lesson], tmp_path: Path) -> None:
    for name in ("reader", "peft"):
        (tmp_path / name).mkdir()
    with pytest.raises(ConversionError, match="something at 'reader' already"):
        learn(base, lessons, tmp_path / "reader")
    with pytest.raises(ConversionError, match="something at 'peft' already"):
        learn(base, lessons, tmp_path / "new", peft=tmp_path / "peft")


def test_the_command_trains_and_reports(base: Bundle, encoder: Path, tmp_path: Path) -> None:
    places = ["--encoder", str(encoder), "--out", str(tmp_path / "reader")]
    arguments = [
        "train",
        "reader",
        str(base.folder),
        *places,
        "--people",
        "2",
        "--held-out",
        "0.5",
        "--max-tokens",
        "900",
    ]
    sizes = ["--rank", "2", "--projections", "q_proj,v_proj", "--k", "2", "--branches", "3", "--minutes", "0.02"]
    result = CliRunner().invoke(app, [*arguments, *sizes, "--json"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    lines = result.stderr.splitlines()
    assert lines[0] == "inventing people and searching their notes"
    assert "of other people held out" in lines[1]
    assert (document["recipe"]["rank"], document["recipe"]["alpha"]) == (2, 4.0)
    assert document["recipe"]["projections"] == ["q_proj", "v_proj"]
    assert document["n_people"] == 1
    assert document["report"]["n_steps"] > 0
    manifest = Bundle.open(tmp_path / "reader", kind="adapter").manifest
    assert manifest.training_data == "requests, notes and talks of 2 invented people, seed 0"
    again = CliRunner().invoke(app, [*arguments, *sizes, "--json"])
    assert json.loads(again.stdout)["error"]["type"] == "ConversionError"
    large = [str(tmp_path / "Reader") if each == str(tmp_path / "reader") else each for each in arguments]
    result = CliRunner().invoke(app, [*large, *sizes])
    assert "name must be 1 to 64 of a-z" in result.stderr
    assert "inventing people" not in result.stderr
    for wrong in (
        ["--held-out", "2"],
        ["--projections", "nose"],
        ["--refused", "1"],
        ["--precision", "float8"],
        ["--talks", "27"],
    ):
        result = CliRunner().invoke(app, [*arguments, *wrong])
        assert result.exit_code == 2


def test_a_name_that_no_bundle_may_have_is_refused_before_any_work() -> None:
    for name in ("Reader", "", "a" * 65, "a b"):
        with pytest.raises(ConversionError, match=r"name must be 1 to 64 of a-z") as told:
            About(name=name, version="1")
        assert told.value.hint == "choose another: --name"
