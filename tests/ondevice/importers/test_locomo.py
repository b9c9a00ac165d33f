from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ondevice.errors import InputError, NotFoundError
from ondevice.importers import read_locomo
from ondevice.records import Draft


def turn(speaker: str, dia_id: str, text: str, **more: Any) -> dict[str, Any]:
    return {"speaker": speaker, "dia_id": dia_id, "text": text, **more}


def sample(name: str, **sessions: Any) -> dict[str, Any]:
    dates = {f"{key}_date_time": "1:56 pm on 8 May, 2023" for key in sessions}
    talk = {"speaker_a": "Ana", "speaker_b": "Bo", **dates, **sessions}
    return {"sample_id": name, "conversation": talk, "qa": []}


def write(tmp_path: Path, value: Any) -> Path:
    path = tmp_path / "locomo.json"
    path.write_text(json.dumps(value), "utf-8")
    return path


def test_turns_are_items_in_the_order_of_sessions(tmp_path: Path) -> None:
    talk = sample(
        "c1", session_10=[turn("Bo", "D10:1", "late")], session_2=[turn("Ana", "D2:1", "hi"), turn("Bo", "D2:2", "hi")]
    )
    drafts = list(read_locomo(write(tmp_path, [talk])))
    start = datetime(2023, 5, 8, 13, 56, tzinfo=UTC)
    assert drafts[0] == Draft(
        text="Ana: hi",
        kind="chat",
        time=start,
        metadata={"dia_id": "D2:1", "session": 2, "speaker": "Ana", "conversation": "c1"},
    )
    assert [draft.metadata["dia_id"] for draft in drafts] == ["D2:1", "D2:2", "D10:1"]
    assert drafts[1].time == start + timedelta(seconds=1)


def test_a_shared_picture_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, [sample("c1", session_1=[turn("Ana", "D1:1", "Look!", blip_caption="a red kite")])])
    assert [draft.text for draft in read_locomo(path)] == ["Ana: Look! [shares a picture: a red kite]"]


def test_one_conversation_may_be_chosen(tmp_path: Path) -> None:
    path = write(tmp_path, [sample(name, session_1=[turn("Ana", "D1:1", name)]) for name in ("c1", "c2")])
    assert [draft.text for draft in read_locomo(path, conversation="c2")] == ["Ana: c2"]
    assert len(list(read_locomo(path))) == 2
    with pytest.raises(NotFoundError) as caught:
        list(read_locomo(path, conversation="c9"))
    assert caught.value.hint == "it has: c1, c2"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({}, "must be a list of LoCoMo conversations"),
        ([{}], "must be a list of LoCoMo conversations"),
        ([{"sample_id": "c1", "conversation": []}], "conversation c1: it must be an object, not a list"),
        ([sample("c1")], "conversation c1: it has no session"),
        ([sample("c1", session_1={})], "conversation c1, session 1: it must be a list of turns, not an object"),
        ([sample("c1", session_1=["x"])], "conversation c1, session 1: a turn must be an object, not a string"),
        ([sample("c1", session_1=[{"speaker": "Ana", "text": "x"}])], "the field 'dia_id' of a turn must be a string"),
        (
            [{"sample_id": "c1", "conversation": {"session_1": [], "session_1_date_time": "May"}}],
            "conversation c1, session 1: its date must read like",
        ),
    ],
)
def test_another_form_is_refused(tmp_path: Path, value: Any, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        list(read_locomo(write(tmp_path, value)))
    assert reason in caught.value.message


def test_a_session_may_be_numbered_in_any_way(tmp_path: Path) -> None:
    talk = {"session_01": [turn("Ana", "D1:1", "x")], "session_01_date_time": "1:56 pm on 8 May, 2023"}
    many: dict[str, Any] = {f"session_{'9' * 5000}": []}
    (draft,) = read_locomo(write(tmp_path, [{"sample_id": "c1", "conversation": {**talk, **many}}]))
    assert draft.metadata["session"] == 1


def test_turns_end_with_the_calendar(tmp_path: Path) -> None:
    talk = {
        "session_1": [turn("Ana", f"D1:{n}", "x") for n in range(61)],
        "session_1_date_time": "11:59 pm on 31 December, 9999",
    }
    with pytest.raises(InputError, match="conversation c1, session 1: its turns go beyond the year 9999"):
        list(read_locomo(write(tmp_path, [{"sample_id": "c1", "conversation": talk}])))
