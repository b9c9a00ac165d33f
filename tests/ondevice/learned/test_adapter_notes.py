"""What is noted of an adapter is read back as it was, or refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig, TrainingReport
from ondevice.errors import InputError
from ondevice.learned.adapter_notes import AdapterNote, AdapterPlan
from ondevice.records import Filter

FILTER = Filter(
    kinds=("note", "mail"),
    since=datetime(2025, 1, 1, 12, 30, 0, 5, tzinfo=UTC),
    metadata={"place": "oslo", "stars": {"gte": 3}, "tag": ["a", "b"]},
    ids=("a", "b"),
)
REPORT = TrainingReport(
    n_examples=9,
    n_held_out=2,
    n_steps=12,
    epochs_done=3,
    loss_before=3.5,
    loss_after=3.25,
    seconds=4.5,
    peak_bytes=1 << 30,
    stopped="early",
)


def note(filter: Filter | None = FILTER, report: TrainingReport | None = REPORT) -> AdapterNote:
    plan = AdapterPlan(
        task="LaMP_4",
        filter=filter,
        recipe=LoraRecipe(blocks=(1, 2), rank=2),
        config=TrainingConfig(max_seconds=60.0),
        on_forget="mark",
        items_in_prompt=3,
        leave_out=("c", "d"),
        select=20,
        refit=True,
    )
    return AdapterNote(base="0" * 64, base_name="tiny", plan=plan, report=report, selection=("20 of 30",))


COMPOSED = (FILTER | Filter(kinds=("call",))) & Filter(metadata={"tag": {"ne": "c"}}, any_of=())


@pytest.mark.parametrize(
    "written", [note(), note(COMPOSED), note(None), note(Filter(until=datetime(2025, 1, 1, tzinfo=UTC)), None)]
)
def test_a_note_is_read_back_as_it_was(written: AdapterNote) -> None:
    assert AdapterNote.from_json(json.loads(json.dumps(written.to_json()))) == written


def test_a_note_from_before_filters_composed_is_read() -> None:
    values = json.loads(json.dumps(note().to_json()))
    del values["filter"]["any_of"], values["filter"]["all_of"]
    assert set(values["filter"]) == {"kinds", "since", "until", "metadata", "ids"}, "what an earlier release wrote"
    assert AdapterNote.from_json(values) == note()


def test_a_note_from_before_refits_is_read() -> None:
    values = json.loads(json.dumps(note().to_json()))
    del values["refit"]
    for name in ("best_epoch", "refit", "refit_epochs", "refit_seconds"):
        del values["report"][name]
    read = AdapterNote.from_json(values)
    assert (read.plan.refit, read.report) == (False, REPORT)
    values["refit"] = "yes"
    with pytest.raises(InputError, match="cannot be read"):
        AdapterNote.from_json(values)


def test_several_values_are_noted_as_a_list() -> None:
    for several in (("a",), frozenset({"a"})):
        read = AdapterNote.from_json(json.loads(json.dumps(note(Filter(metadata={"tag": several})).to_json())))
        assert read.plan.filter == Filter(metadata={"tag": ["a"]})


def test_a_filter_that_is_gone_is_noted_as_gone() -> None:
    written = note(None)
    written = replace(written, plan=replace(written.plan, is_filter_gone=True))
    assert written.to_json()["filter"] == "gone"
    assert AdapterNote.from_json(json.loads(json.dumps(written.to_json()))) == written


def deep(levels: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"kinds": ["a"], "since": None, "until": None, "metadata": {}, "ids": None}
    for _ in range(levels):
        inner = {**inner, "any_of": [inner]}
    return inner


def test_a_note_shows_no_filter() -> None:
    assert "oslo" not in repr(note())


@pytest.mark.parametrize(
    "change",
    [
        {"filter": {"kinds": None}},
        {"filter": {"kinds": 3, "since": None, "until": None, "metadata": {}, "ids": None}},
        {"filter": {"kinds": None, "since": None, "until": None, "metadata": {}, "ids": None, "any_of": [3]}},
        {"filter": deep(9)},
        {"recipe": {"rank": 8}},
        {"report": {"stopped": "never"}},
        {"on_forget": "keep"},
        {"items_in_prompt": -1},
        {"leave_out": None},
        {"select": 7},
        {"selection": None},
    ],
)
def test_a_note_of_another_form_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        AdapterNote.from_json(note().to_json() | change)


@pytest.mark.parametrize("missing", ["base", "task", "report"])
def test_a_note_that_lacks_a_field_is_refused(missing: str) -> None:
    values = note().to_json()
    del values[missing]
    with pytest.raises(InputError, match="cannot be read"):
        AdapterNote.from_json(values)
