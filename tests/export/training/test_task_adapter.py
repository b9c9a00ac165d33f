"""The task adapter learns what all users have in common, and becomes an adapter bundle that llama.cpp computes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from export.cli.export import app
from export.cli.train import TRAININGS
from export.conversion.about import About
from export.conversion.gguf.adapter import convert_adapter
from export.errors import ConversionError
from export.training.population import Population, PopulationConfig, read_population
from export.training.task_adapter import train_task_adapter
from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig
from ondevice.bundle import Bundle
from ondevice.errors import AdaptationError
from tests.export.training.lamp_files import headlines, write_split
from tests.tiny_llm import make_model, write_base

CONFIG = TrainingConfig(learning_rate=2e-2, epochs=3, batch_tokens=1024, max_tokens=400)
RECIPE = LoraRecipe(rank=4, alpha=8.0)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return write_base(make_model("llama"), tmp_path_factory.mktemp("task") / "base")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lamp")
    write_split(folder / "LaMP_4", *headlines(10))
    return folder


@pytest.fixture(scope="module")
def population(data: Path) -> Population:
    return read_population(data, PopulationConfig(held_out=0.2))


def learn(base: Bundle, population: Population, out: Path, **settings: Any) -> Any:
    known: dict[str, Any] = {"recipe": RECIPE, "config": CONFIG, "threads": 1}
    return train_task_adapter(base, population, out, **known | settings)


def test_what_is_learned_helps_other_users_and_converts(base: Bundle, population: Population, tmp_path: Path) -> None:
    made = learn(base, population, tmp_path / "lora")
    assert made.report.loss_after < made.report.loss_before - 0.3
    assert (made.n_users, made.tasks, made.report.n_held_out) == (10, ("LaMP_4",), 2)
    assert json.loads((tmp_path / "lora" / "training.json").read_text()) == json.loads(json.dumps(made.to_json()))
    manifest = convert_adapter(
        tmp_path / "lora",
        base.folder,
        tmp_path / "adapter",
        About(name="task", version="1"),
        texts=["a river in the rain"],
    )
    assert manifest.adapter is not None
    assert (manifest.adapter.rank, manifest.adapter.alpha) == (4, 8.0)
    assert manifest.adapter.bases == (made.base_sha256,)
    gate = {result.measure: result.value for result in manifest.gate}
    assert gate["logits_cosine"] > 0.9999 > gate["logits_cosine_unadapted"]
    assert manifest.adapter.prompt_tokens == CONFIG.max_tokens


def test_chosen_blocks_are_saved_as_peft_reads_them(base: Bundle, population: Population, tmp_path: Path) -> None:
    recipe = LoraRecipe(blocks=(1,), projections=("gate_proj", "down_proj"), rank=2, alpha=4.0)
    learn(base, population, tmp_path / "lora", recipe=recipe)
    manifest = convert_adapter(
        tmp_path / "lora",
        base.folder,
        tmp_path / "adapter",
        About(name="task", version="1"),
        texts=["a river in the rain"],
    )
    assert {result.measure: result.value for result in manifest.gate}["logits_cosine"] > 0.9999


def test_a_stopped_training_goes_on_and_ends_the_same(base: Bundle, population: Population, tmp_path: Path) -> None:
    whole = learn(base, population, tmp_path / "whole")
    kept = tmp_path / "kept"
    with pytest.raises(KeyboardInterrupt):
        learn(
            base, population, tmp_path / "cut", checkpoint=kept, on_progress=interrupt_after(whole.report.n_steps - 1)
        )
    assert kept.exists()
    assert not (tmp_path / "cut").exists()
    with pytest.raises(AdaptationError, match="belongs to a training with other examples"):
        learn(base, population, tmp_path / "cut", checkpoint=kept, recipe=LoraRecipe(rank=2))
    learn(base, population, tmp_path / "cut", checkpoint=kept)
    assert not kept.exists()
    files = [(tmp_path / name / "adapter_model.safetensors").read_bytes() for name in ("whole", "cut")]
    assert files[0] == files[1]


def interrupt_after(n_steps: int) -> Callable[[int, int], None]:
    def on_progress(done: int, total: int) -> None:
        if done >= n_steps:
            raise KeyboardInterrupt

    return on_progress


def test_what_begins_is_told_before_the_first_step(base: Bundle, population: Population, tmp_path: Path) -> None:
    told: list[str] = []
    whole = learn(
        base,
        population,
        tmp_path / "whole",
        on_stage=told.append,
        on_progress=lambda done, total: told.append(f"{done}/{total}"),
    )
    n_steps = whole.report.n_steps
    steps = [f"{step}/{n_steps}" for step in range(1, n_steps + 1)]
    assert told == ["loading", "tokenizing", "evaluating", "training", *steps]
    kept, told[:] = tmp_path / "kept", []
    with pytest.raises(KeyboardInterrupt):
        learn(base, population, tmp_path / "cut", checkpoint=kept, on_progress=interrupt_after(n_steps - 1))
    learn(base, population, tmp_path / "cut", checkpoint=kept, on_stage=told.append)
    assert told == ["loading", "tokenizing", "training"]


def test_an_occupied_place_is_refused_before_training(base: Bundle, population: Population, tmp_path: Path) -> None:
    (tmp_path / "lora").mkdir()
    with pytest.raises(ConversionError, match="something at 'lora' already"):
        learn(base, population, tmp_path / "lora")


def test_the_command_trains_and_reports(base: Bundle, data: Path, tmp_path: Path) -> None:
    arguments = ["train", "task-adapter", str(base.folder), "--data", str(data), "--out", str(tmp_path / "lora")]
    sizes = ["--rank", "2", "--epochs", "1", "--max-tokens", "400", "--threads", "1", "--limit", "6"]
    result = CliRunner().invoke(app, [*arguments, *sizes, "--json"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    stages = ["loading the base", "tokenizing", "asking the untrained base what is held out", "training"]
    assert result.stderr.splitlines() == [
        f"reading {data.name}",
        "5 questions to learn from, 1 of other users held out",
        "5 of their prompts have a summary of the user",
        *stages,
    ]
    assert (document["n_apart"], document["n_summaries"]) == (0, 5)
    assert document["recipe"]["rank"] == 2
    assert document["recipe"]["alpha"] == 4.0
    assert (document["n_users"], document["report"]["epochs_done"]) == (6, 1)
    again = CliRunner().invoke(app, [*arguments, *sizes, "--json"])
    assert json.loads(again.stdout)["error"]["type"] == "ConversionError"
    wrong = CliRunner().invoke(app, [*arguments, "--held-out", "2"])
    assert wrong.exit_code == 2
    assert "held_out must be between 0 and 1" in wrong.output
    wrong = CliRunner().invoke(app, [*arguments, "--summary-share", "1.5"])
    assert wrong.exit_code == 2
    assert "summary_share must be between 0 and 1, not 1.5" in wrong.output


def test_the_command_leaves_out_what_is_measured_on(base: Bundle, data: Path, tmp_path: Path) -> None:
    questions, golds = headlines(6)
    write_split(tmp_path / "LaMP_4", questions[2:4], golds[2:4], split="dev")
    arguments = ["train", "task-adapter", str(base.folder), "--data", str(data), "--out", str(tmp_path / "lora")]
    sizes = ["--rank", "2", "--epochs", "1", "--max-tokens", "400", "--threads", "1", "--limit", "6"]
    apart = ["--apart-from", str(tmp_path / "LaMP_4" / "dev_questions.json.gz")]
    result = CliRunner().invoke(app, [*arguments, *sizes, *apart, "--json"])
    assert result.exit_code == 0, result.output
    assert [*result.stderr.splitlines()[1:2], *result.stderr.splitlines()[3:4]] == [
        "3 questions to learn from, 1 of other users held out",
        "2 questions left out: files to keep apart from have their texts",
    ]
    document = json.loads(result.stdout)
    assert (document["n_apart"], document["n_users"]) == (2, 4)
    assert json.loads((tmp_path / "lora" / "training.json").read_text())["n_apart"] == 2


@pytest.mark.parametrize("name", TRAININGS)
def test_every_training_has_help(name: str) -> None:
    result = CliRunner().invoke(app, ["train", name, "--help"])
    assert result.exit_code == 0
    assert "--out" in result.stdout
