"""The profile of an evaluation holds what it is given, under the ids that it says, and leaves nothing behind."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from ondevice.bundle.model_set import ModelSet
from ondevice.evaluation.temporary_profile import temporary_profile
from ondevice.records import Draft

DRAFTS = (
    Draft(text="The bus leaves at nine.", id="bus"),
    Draft(text="Zed likes tea.", id="zed"),
    Draft(text="The bus leaves at nine.", id="again"),
    Draft(text="The gate code is 4711."),
)


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_it_holds_the_notes_under_the_ids_that_it_gives(scratch: Path) -> None:
    with temporary_profile(ModelSet(scratch, encoder=None, generator=None), DRAFTS) as (me, ids):
        assert set(ids) == {"bus", "zed", "again"}, "the last one had no id"
        assert ids["again"] == ids["bus"], "what says the same twice is one item"
        assert {me.items.get(ids[each.id]).text for each in DRAFTS if each.id} == {DRAFTS[0].text, DRAFTS[1].text}
        assert len(me.items.list()) == 3


def test_it_is_gone_with_the_block_also_after_an_error(scratch: Path) -> None:
    def fail() -> None:
        with temporary_profile(ModelSet(scratch, encoder=None, generator=None), DRAFTS) as (me, _):
            assert me.search("bus", retriever="bm25")
            assert [*scratch.iterdir()]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [*scratch.iterdir()] == []
