"""``ondevice adapt``: an adapter's life from the command line, with a tiny model that is really trained."""

from __future__ import annotations

from pathlib import Path

import pytest

from ondevice import EngineConfig, ModelSet, Personalizer
from ondevice.adaptation.lora import precision
from ondevice.adaptation.recipes.recipe import TrainingReport
from tests.command_line import Run
from tests.tiny_adapters import keep_adapter

SHORT = ("--rank", "2", "--epochs", "1", "--learning-rate", "0.01")


@pytest.fixture
def filled(profile: Path, code: str, app_models: Path) -> list[str]:
    """Put diary entries into the profile and return their ids."""
    with opened(profile, code, app_models) as me:
        return [me.add(f"day {number} was grey and so it went on", kind="diary").id for number in range(9)]


def opened(profile: Path, code: str, models: Path) -> Personalizer:
    return Personalizer.open(
        profile,
        recovery_code=code,
        models=ModelSet(models, encoder=None, generator="tiny-generator", engine=EngineConfig(threads=1)),
    )


def test_train_use_and_drop(with_models: Run, filled: list[str]) -> None:
    trained = with_models("adapt", "train", "style", *SHORT, "--kind", "diary", "--items-in-prompt", "2", "--refit")
    assert trained.code == 0, trained.err
    again = "1 epoch, as were best"
    for part in ("style (ready)", "up to 2 earlier items", "nats per token", " steps, ", "all epochs", again):
        assert part in trained.out
    assert "ondevice adapt use style" in trained.out
    (listed,) = with_models("adapt", "list", "--json").document["adapters"]
    assert (listed["name"], listed["is_ready"], listed["n_items"], listed["recipe"]["rank"]) == ("style", True, 9, 2)
    assert listed["report"]["loss_before"] > 0
    assert listed["report"]["refit"] == "done"
    held_out = with_models("adapt", "train", "first", *SHORT)
    assert "anew on all" not in held_out.out
    with_models("adapt", "drop", "first")
    assert with_models("adapt", "use", "style", "--scale", "0.5", "--json").document["in_use"] == "style"
    status = with_models("adapt", "status", "--json").document["status"]
    assert (status["in_use"], status["scale"], status["n_new_items"]) == ("style", 0.5, 0)
    people = with_models("adapt", "status").out
    assert "style at scale 0.5" in people
    assert "in use, scale 0.5" in with_models("adapt", "list").out
    with_models("adapt", "use", "style", "--contrast", "0.2")
    assert "style at scale 1, contrast 0.2" in with_models("adapt", "status").out
    assert "in use: no adapter" in with_models("adapt", "use", "--none").out
    assert "in use   " not in with_models("adapt", "list").out
    assert "dropped: style" in with_models("adapt", "drop", "style").out
    assert "no adapters" in with_models("adapt", "list").out
    gone = with_models("adapt", "drop", "style", "--json")
    assert (gone.code, gone.document["error"]["type"]) == (6, "NotFoundError")


def test_an_adapter_without_gain_is_kept_but_not_used(
    with_models: Run, filled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The tiny model is so bad that every training gains, so that the report has to be told otherwise.
    monkeypatch.setattr(TrainingReport, "has_gained", False)
    trained = with_models("adapt", "train", "wild", *SHORT, "--use")
    assert trained.code == 0, trained.err
    assert "no gain: the model does better without it; ondevice adapt drop wild" in " ".join(trained.out.split())
    assert with_models("adapt", "status", "--json").document["status"]["in_use"] is None
    assert "wild" in with_models("adapt", "list").out


def test_train_again_after_a_forgotten_item(with_models: Run, filled: list[str]) -> None:
    with_models("adapt", "train", *SHORT, "--on-forget", "mark", "--use")
    assert with_models("adapt", "status", "--json").document["status"]["in_use"] == "mine"
    with_models("add", "one more day, and a blue one at that", "--kind", "diary")
    receipt = with_models("forget", filled[0], "--json").document["receipt"]
    assert receipt["verified"]
    assert {"kind": "adapter", "name": "mine@1", "outcome": "dropped", "count": 1} in receipt["artifacts"]
    assert "to train again" in with_models("adapt", "list").out
    again = with_models("adapt", "train", "--again", "--json").document["adapter"]
    assert (again["is_ready"], again["n_items"], again["recipe"]["rank"]) == (True, 9, 2)


def test_a_paused_training_goes_on(
    with_models: Run, filled: list[str], profile: Path, code: str, app_models: Path
) -> None:
    with opened(profile, code, app_models) as me:
        assert me.adapters.train("style", pause=lambda: True) is not None
    assert "paused" in with_models("adapt", "list").out
    resumed = with_models("adapt", "train", "style", "--resume")
    assert resumed.code == 0, resumed.err
    assert "style (ready)" in resumed.out
    assert with_models("adapt", "train", "style", "--resume").code == 6


def test_a_search_keeps_the_best_adapter(
    with_models: Run, filled: list[str], profile: Path, code: str, app_models: Path
) -> None:
    with opened(profile, code, app_models) as me:
        newest = [me.add(f"day {number} was grey and so it went on").id for number in range(9, 11)]
    searched = with_models(
        "adapt", "search", "style", "--epochs", "1", "--learning-rate", "0.01", "--evaluations", "3", "--use", "--judge"
    )
    assert searched.code == 0, searched.err
    for part in ("no adapter", "rank 8, alpha 16 on q_proj, v_proj of all blocks", "nats per token", "kept as style"):
        assert part in searched.out
    (listed,) = with_models("adapt", "list", "--json").document["adapters"]
    assert (listed["name"], listed["is_in_use"], listed["n_items"], listed["n_left_out"]) == ("style", True, 9, 2)
    assert with_models("forget", newest[0], "--json").document["receipt"]["verified"]
    assert len(with_models("adapt", "list", "--json").document["adapters"]) == 1, "it had not seen what judges it"


def test_a_search_that_finds_none_better_keeps_nothing(
    with_models: Run, filled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # In full floats so small a step gains a millionth of a nat; whether a machine takes those is not the matter here.
    monkeypatch.setattr(precision, "computed_in", lambda *_: "bfloat16")
    idle = ("--epochs", "1", "--learning-rate", "1e-8", "--evaluations", "2")
    found = with_models("adapt", "search", *idle, "--json").document
    assert (found["search"]["adapter"], found["search"]["winner"], found["in_use"]) == (None, None, False)
    assert [one["origin"] for one in found["search"]["evaluations"]] == ["none", "default"]
    assert "no adapter is best: nothing is kept" in with_models("adapt", "search", *idle, "--use").out
    assert "no adapters" in with_models("adapt", "list").out


def test_a_learning_rate_beyond_all_numbers_is_told(with_models: Run, filled: list[str]) -> None:
    refused = with_models("adapt", "train", "--epochs", "1", "--learning-rate", "100000", "--json")
    assert (refused.code, refused.document["error"]["type"]) == (14, "AdaptationError")
    assert refused.document["error"]["hint"] == "lower the learning rate"
    assert "no adapters" in with_models("adapt", "list").out


def test_too_few_items_are_told(with_models: Run) -> None:
    with_models("add", "the only note there is, all alone")
    refused = with_models("adapt", "train", "--json")
    assert (refused.code, refused.document["error"]["type"]) == (14, "TooLittleError")


def test_another_model_is_told(with_models: Run, filled: list[str], profile: Path, code: str, app_models: Path) -> None:
    with opened(profile, code, app_models) as me:
        keep_adapter(me, "style", filled)
        note = dict(me.vault.derived.get("adapter", "style").note) | {"base": "0" * 64}
        me.vault.derived.put("adapter", "style", b"other", item_ids=filled, note=note)
    refused = with_models("adapt", "use", "style", "--json")
    assert (refused.code, refused.document["error"]["type"]) == (7, "ModelMismatchError")


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "My Style"),
        ("train", "--task", "LaMP_9"),
        ("train", "--projection", "lm_head"),
        ("train", "--again", "--resume"),
        ("train", "--rank", "0"),
        ("search", "My Style"),
        ("search", "--task", "LaMP_9"),
        ("search", "--evaluations", "1"),
        ("search", "--select", "7"),
        ("use", "../x"),
        ("drop", "A"),
    ],
)
def test_usage_errors(with_models: Run, arguments: tuple[str, ...]) -> None:
    assert with_models("adapt", *arguments).code == 2


def test_a_training_with_a_bound_on_what_it_tells(with_models: Run, filled: list[str]) -> None:
    trained = with_models("adapt", "train", "quiet", *SHORT, "--epsilon", "6", "--delta", "0.001", "--use")
    assert trained.code == 0, trained.err
    assert "ε 6 at δ 0.001 for any one pair; noise " in trained.out
    (listed,) = with_models("adapt", "list", "--json").document["adapters"]
    assert 5 < listed["report"]["privacy"]["epsilon"] <= 6
    with_models("adapt", "use", "quiet")
    assert "its privacy" in with_models("adapt", "status").out
    assert with_models("adapt", "status", "--json").document["status"]["privacy"] == listed["report"]["privacy"]
    for wrong in (("--refit",), ("--select", "8"), ("--items-in-prompt", "1"), ("--delta", "2"), ("--epsilon", "nan")):
        refused = with_models("adapt", "train", "quiet", *SHORT, "--epsilon", "6", *wrong)
        assert refused.code == 2, wrong
    with_models("adapt", "drop", "quiet")
    many = with_models("adapt", "train", "quiet", *SHORT, "--epsilon", "6", "--delta", "0.2")
    assert many.code != 0
    assert "lower delta" in many.err
