"""``ondevice adapt explain``: the gate from the command line, with a tiny model and a real profile."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ondevice import EngineConfig, ModelSet, Personalizer
from ondevice.learned import PopulationGain
from tests.command_line import Run
from tests.tiny_adapters import keep_adapter
from tests.tiny_generator import make_tiny_generator

FIRST = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def judged(profile: Path, code: str, app_models: Path) -> None:
    """Put a diary into the profile, and an adapter that has seen its first half."""
    with Personalizer.open(
        profile,
        recovery_code=code,
        models=ModelSet(app_models, encoder="tiny-encoder", generator="tiny-generator", engine=EngineConfig(threads=1)),
    ) as me:
        ids = [me.add(f"day {n} was grey and so it went", time=FIRST + timedelta(days=n)).id for n in range(10)]
        keep_adapter(me, "style", ids[:5])
        me.adapters.use("style", 0.5)


@pytest.mark.usefixtures("judged")
def test_explain_shows_every_way_and_why(with_models: Run) -> None:
    shown = with_models("adapt", "explain", "--retriever", "bm25", "--k", "2")
    assert shown.code == 0, shown.err
    for part in (
        "chat: 2 newest of 10 items, k=2, bm25",
        "→  rag: with the items found",
        "contrast: with both, away from the plain model",
        "· rag stays: nothing was shown to be better",
        "· 2 held-out items are too few to compare by: 8 are needed",
        "--apply answers like this from then on",
    ):
        assert part in shown.out
    assert "style at scale 0.5" in with_models("adapt", "status").out


@pytest.mark.usefixtures("judged")
def test_explain_tells_what_is_expected_of_what_other_users_gained(
    on_profile: Run, app_models: Path, tmp_path: Path
) -> None:
    gain = PopulationGain(mean=0.5, mean_error=0.0, variance=1e-6, item_variance=1.0, users=50)
    gains = {"chat": {"rag": replace(gain, mean=-0.25), "adapter": gain}}
    make_tiny_generator(tmp_path / "models" / "tiny-generator", gains=gains)
    shutil.copytree(app_models / "tiny-encoder", tmp_path / "models" / "tiny-encoder")
    given = ("--models", str(tmp_path / "models"), "--encoder", "tiny-encoder", "--generator", "tiny-generator")
    shown = on_profile("adapt", "explain", *given)
    assert shown.code == 0, shown.err
    lines = shown.out.splitlines()
    assert any("over none" in line and "gains" in line for line in lines)
    (rag,) = (line for line in lines if "rag: with the items found" in line)
    (chosen,) = (line for line in lines if line.startswith("→"))
    assert rag.split()[-4:] == ["-0.250", "0%", "not", "shown"]
    assert "adapter: with the adapter" in chosen
    assert chosen.split()[-3:] == ["+0.500", "100%", "better"]


@pytest.mark.usefixtures("judged")
def test_explain_as_json_and_applied(with_models: Run) -> None:
    answer = with_models("adapt", "explain", "style", "--part", "0.5", "--most", "3", "--apply", "--json").document
    plan = answer["plan"]
    assert (plan["strategy"], plan["adapter"], plan["n_held_out"], plan["is_applied"]) == ("rag", "style", 3, True)
    assert [row["strategy"] for row in plan["table"]] == ["none", "rag", "adapter", "both", "contrast"]
    assert answer["settings"] == {"retriever": "hybrid", "k": 3}
    assert with_models("adapt", "status", "--json").document["status"]["in_use"] is None


@pytest.mark.usefixtures("judged")
def test_explain_says_what_was_applied(with_models: Run) -> None:
    assert "applied: the adapter is out of use" in with_models("adapt", "explain", "--apply").out


def test_explain_refuses_what_there_is_not(with_models: Run) -> None:
    assert with_models("adapt", "explain", "--task", "poems").code == 2
    missing = with_models("adapt", "explain", "style", "--json")
    assert (missing.code, missing.document["error"]["type"]) == (6, "NotFoundError")
    shown = with_models("adapt", "explain")
    assert "no adapter was compared" in shown.out


def test_what_train_leaves_out_is_there_to_judge_by(with_models: Run) -> None:
    for number in range(10):
        with_models("add", f"day {number} was grey and so it went on")
    trained = with_models("adapt", "train", "--judge", "--rank", "2", "--epochs", "1", "--json").document["adapter"]
    assert (trained["n_items"], trained["n_left_out"]) == (8, 2)
    plan = with_models("adapt", "explain", "--json").document["plan"]
    assert (plan["adapter"], plan["n_held_out"]) == ("mine", 2)
