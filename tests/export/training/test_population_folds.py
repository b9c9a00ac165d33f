"""A population of one fold: learned from its users alone, and said so in the bundle."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from export.cli.export import app
from export.conversion.about import About
from export.conversion.gguf.adapter import convert_adapter
from export.conversion.gguf.merge import merge_adapter
from export.errors import ConversionError
from export.training.population import Population, PopulationConfig, read_population
from ondevice.bundle import Bundle, FoldSpec, read_manifest
from ondevice.evaluation.folds import fold_digest, read_folds, users_of_fold
from tests.export.training.lamp_files import headlines, write_users
from tests.tiny_llm import make_model, write_base

N_USERS = 14


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lamp")
    write_users(folder / "LaMP_4", *headlines(N_USERS))
    return folder


def users_of(population: Population) -> set[str]:
    """Return who asks, told from the ids of questions and items."""
    pairs = population.train + population.held_out
    return {item_id.split("/")[0].removeprefix("q") for pair in pairs for item_id in pair.item_ids}


def test_a_fold_is_learned_without_the_other(data: Path) -> None:
    everyone = read_folds(data / "LaMP_4")
    populations = {
        fold: read_population(data, PopulationConfig(learn_from_fold=fold, history_pairs=2)) for fold in (1, 2)
    }
    for fold, population in populations.items():
        assert users_of(population) == users_of_fold(everyone, fold)
        assert population.n_users == N_USERS // 2
        assert population.learned_fold == FoldSpec(fold=fold, digests={"LaMP_4": fold_digest(everyone)})
        assert population.n_shared == 0
    assert not users_of(populations[1]) & users_of(populations[2])
    assert read_population(data, PopulationConfig()).learned_fold is None


def test_a_film_that_two_users_share_is_learned_from_both_or_from_none(tmp_path: Path) -> None:
    for first, second in ((0, 12), (3, 10), (5, 13)):
        questions, golds = headlines(N_USERS)
        questions[second]["profile"].append(dict(questions[first]["profile"][0], id="planted"))
        write_users(tmp_path / f"{first}" / "LaMP_4", questions, golds)
        learned = users_of(read_population(tmp_path / f"{first}", PopulationConfig(learn_from_fold=1)))
        assert (str(first) in learned) == (str(second) in learned)


def test_what_the_folds_share_all_the_same_is_counted(tmp_path: Path) -> None:
    questions, golds = headlines(6)
    for each in questions[:5]:
        each["input"] = questions[0]["input"]
    write_users(tmp_path / "LaMP_4", questions, golds, n_train=3)
    shared = [read_population(tmp_path, PopulationConfig(learn_from_fold=fold)).n_shared for fold in (1, 2)]
    assert sum(shared) == 5
    assert min(shared) > 0


def test_there_are_two_folds() -> None:
    with pytest.raises(ValueError, match="learn_from_fold must be 1 or 2, not 3"):
        PopulationConfig(learn_from_fold=3)


def test_the_bundles_say_from_whom_the_model_has_learned(data: Path, tmp_path: Path) -> None:
    base = write_base(make_model("llama"), tmp_path / "base")
    for fold in (1, 2):
        told = CliRunner().invoke(
            app,
            [
                *(
                    "train",
                    "task-adapter",
                    str(base.folder),
                    "--data",
                    str(data),
                    "--out",
                    str(tmp_path / f"lora{fold}"),
                ),
                *("--learn-from-fold", str(fold), "--rank", "2", "--epochs", "1", "--held-out", "0.2"),
            ],
        )
        assert told.exit_code == 0, told.output
    spec = FoldSpec(fold=1, digests={"LaMP_4": fold_digest(read_folds(data / "LaMP_4"))})
    written = json.loads((tmp_path / "lora1" / "training.json").read_text())
    assert written["learned_fold"] == {"fold": 1, "digests": dict(spec.digests)}
    about = About(name="task", version="1")
    convert_adapter(tmp_path / "lora1", base.folder, tmp_path / "adapter", about, texts=["a river in the rain"])
    assert read_manifest(tmp_path / "adapter").learned_fold == spec
    merge_adapter(
        tmp_path / "lora1", base.folder, tmp_path / "merged", about, quantization="Q8_0", texts=["a river in the rain"]
    )
    assert Bundle.open(tmp_path / "merged", kind="generator").manifest.learned_fold == spec
    with pytest.raises(ConversionError, match="fold 2 and its base from other users of fold 1"):
        merge_adapter(tmp_path / "lora2", tmp_path / "merged", tmp_path / "both", about, quantization="Q8_0")
    written["learned_fold"]["fold"] = 3
    (tmp_path / "lora1" / "training.json").write_text(json.dumps(written))
    with pytest.raises(ConversionError, match="fold 3 must be 1 or 2"):
        convert_adapter(tmp_path / "lora1", base.folder, tmp_path / "wrong", about)
