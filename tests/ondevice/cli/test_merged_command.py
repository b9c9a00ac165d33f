"""``ondevice merged``: a merged model's life from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ondevice import EngineConfig, ModelSet, Personalizer
from tests.command_line import Run
from tests.tiny_adapters import keep_adapter


@pytest.fixture
def adapted(profile: Path, code: str, app_models: Path) -> list[str]:
    """Put items and an adapter that saw them into the profile, and return the items' ids."""
    with Personalizer.open(
        profile,
        recovery_code=code,
        models=ModelSet(app_models, encoder=None, generator="tiny-generator", engine=EngineConfig(threads=1)),
    ) as me:
        ids = [me.add(f"day {number} was grey", kind="diary").id for number in range(3)]
        keep_adapter(me, "style", ids)
        me.adapters.use("style")
    return ids


def test_make_use_and_drop(with_models: Run, adapted: list[str]) -> None:
    assert "no merged models" in with_models("merged", "list").out
    made = with_models("merged", "make", "style", "--scale", "0.5")
    assert made.code == 0, made.err
    for part in ("style", "ready", "the same", "0.5", "tiny-generator"):
        assert part in made.out
    assert "in use: style" in with_models("merged", "use", "style").out
    assert with_models("adapt", "status", "--json").document["status"]["in_use"] is None
    (listed,) = with_models("merged", "list", "--json").document["merged"]
    assert (listed["name"], listed["is_in_use"], listed["is_current"], listed["n_items"]) == ("style", True, True, 3)
    assert with_models("ask", "what was it", "--retriever", "bm25", "--max-tokens", "2").code == 0
    on_top = with_models("adapt", "use", "style")
    assert on_top.code != 0
    assert "the merged model 'style' is in use" in on_top.err
    assert with_models("merged", "use", "--none", "--json").document == {"in_use": None}
    assert "dropped: style" in with_models("merged", "drop", "style").out
    gone = with_models("merged", "drop", "style", "--json")
    assert (gone.code, gone.document["error"]["type"]) == (6, "NotFoundError")


def test_forgetting_an_item_takes_it_away(with_models: Run, adapted: list[str]) -> None:
    with_models("merged", "make", "style")
    with_models("merged", "use", "style")
    receipt = with_models("forget", adapted[0], "--json").document["receipt"]
    assert receipt["verified"]
    assert {"kind": "merged", "name": "style@1", "outcome": "dropped", "count": 1} in receipt["artifacts"]
    assert with_models("merged", "list", "--json").document["merged"] == []


def test_a_wrong_name_is_a_usage_error(with_models: Run, adapted: list[str]) -> None:
    for words in (("make", "A B"), ("use", "A B"), ("drop", "A B")):
        assert with_models("merged", *words).code == 2
