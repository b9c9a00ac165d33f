"""Groups of candidates: read with an error for every other form, or made here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from export.errors import DatasetError
from export.gate.candidate_groups import N_BUILT_IN, CandidateGroups, built_in_groups, read_candidate_groups
from ondevice.errors import NotFoundError


def test_a_file_is_read_in_order(tmp_path: Path) -> None:
    path = tmp_path / "choices.jsonl"
    lines = [
        {"candidates": [{"first": "prompt", "second": "one"}, {"first": "prompt", "second": "two"}]},
        {"candidates": [{"first": "ä"}, {"first": "b"}, {"first": ""}]},
    ]
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n\n", "utf-8")
    data = read_candidate_groups(path)
    assert data == CandidateGroups(
        name="choices", groups=[[("prompt", "one"), ("prompt", "two")], [("ä", ""), ("b", ""), ("", "")]]
    )
    assert repr(data) == "CandidateGroups('choices', 2 groups, 5 pairs)"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{secret", "line 2: the line is not valid JSON"),
        ("[" * 100_000, "line 2: the line is not valid JSON"),
        ('["secret"]', "line 2: the line must be an object with the list 'candidates'"),
        ('{"candidates": [], "secret": 1}', "line 2: the line must be an object with the list 'candidates'"),
        ('{"candidates": {}}', "line 2: the line must be an object with the list 'candidates'"),
        ('{"candidates": [{"first": "secret"}]}', "line 2: there must be two candidates or more, not 1"),
        ('{"candidates": [{"first": "a"}, "secret"]}', "line 2, candidate 2: it must be an object with 'first'"),
        ('{"candidates": [{"second": "secret"}, {"first": "a"}]}', "line 2, candidate 1: it must be an object"),
        ('{"candidates": [{"first": "a", "secret": 1}, {"first": "a"}]}', "line 2, candidate 1: it must be an object"),
        ('{"candidates": [{"first": "a"}, {"first": null}]}', "candidate 2: 'first' and 'second' must be texts"),
    ],
)
def test_a_line_of_another_form_is_named(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "choices.jsonl"
    path.write_text('{"candidates": [{"first": "a"}, {"first": "b"}]}\n' + line, "utf-8")
    with pytest.raises(DatasetError, match=reason) as caught:
        read_candidate_groups(path)
    assert str(caught.value).startswith("'choices.jsonl', line 2")
    assert "secret" not in str(caught.value)


def test_an_empty_file_and_a_missing_one(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(DatasetError, match="'empty': there is no group"):
        read_candidate_groups(tmp_path / "empty.jsonl")
    with pytest.raises(NotFoundError, match="there is no file"):
        read_candidate_groups(tmp_path / "none.jsonl")


def test_a_group_without_a_choice_is_refused() -> None:
    with pytest.raises(DatasetError, match="group 2 leaves nothing to choose"):
        CandidateGroups(name="x", groups=[[("a", ""), ("b", "")], [("a", "")]])


def test_the_built_in_groups_offer_real_choices() -> None:
    data = built_in_groups()
    assert len(data.groups) == N_BUILT_IN
    assert all(len(set(group)) == len(group) == 6 for group in data.groups)
    assert len({tuple(group) for group in data.groups}) == N_BUILT_IN
    assert data == built_in_groups()
