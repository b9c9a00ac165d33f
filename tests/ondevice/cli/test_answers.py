"""``ondevice ask`` and ``chat``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ondevice.safety.printable import printable
from tests.command_line import Run


@pytest.fixture(autouse=True)
def _item(with_models: Run) -> None:
    with_models("add", "the cat and the rain")


def test_the_answer_alone_is_on_stdout(with_models: Run) -> None:
    document = with_models("ask", "--json", "--max-tokens", "6", "where was the cat").document
    people = with_models("ask", "--max-tokens", "6", stdin="where was the cat")
    assert people.out == printable(document["text"]) + "\n"
    assert "the cat and the rain" in people.err
    assert [hit["item"]["text"] for hit in document["sources"]] == ["the cat and the rain"]
    assert set(document["timings_ms"]) == {"retrieve", "prompt", "read", "generate", "total"}
    assert document["retriever"] == "hybrid"


def test_without_history(with_models: Run) -> None:
    ran = with_models("ask", "--retriever", "none", "--max-tokens", "2", "where was the cat")
    assert "no item stood in the prompt" in ran.err


def test_a_time_to_answer_at(with_models: Run) -> None:
    for command in ("ask", "chat"):
        at_both = ((), ("--now", "2026-03-18"))
        answers = [with_models(command, *at, "--max-tokens", "4", stdin="where was the cat\n") for at in at_both]
        assert answers[0].out == answers[1].out, "the tiny model is not told the day"
        refused = with_models(command, "--now", "SECRET", stdin="where was the cat\n")
        assert (refused.code, "SECRET" in refused.err) == (2, False)
        assert "--now needs a time" in refused.err


def test_labels_and_schemas(with_models: Run, tmp_path: Path) -> None:
    assert with_models("ask", "--label", "yes", "--label", "no", "rain").out.strip() in {"yes", "no"}
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps({"type": "object", "properties": {"n": {"enum": [1, 2]}}, "required": ["n"]}), "utf-8")
    answer = with_models("ask", "--json", "--json-schema", str(schema), "--max-tokens", "40", "how many").document
    assert json.loads(answer["text"])["n"] in {1, 2}
    schema.write_text("[]", "utf-8")
    assert with_models("ask", "--json-schema", str(schema), "how many").code == 13
    assert with_models("ask", "--json-schema", str(schema), "--label", "a", "how many").code == 2
    schema.write_text('{"type": "object", "oneOf": [{"SECRET": 1}]}')
    refused = with_models("ask", "--json-schema", str(schema), "how many")
    assert (refused.code, "SECRET" in refused.err) == (13, False)
    prior, chosen = tmp_path / "prior.json", ("ask", "--json", "--label", "yes", "--label", "no", "rain")
    scores = with_models(*chosen).document["label_scores"]
    prior.write_text(json.dumps({"yes": 0.0, "no": -1000}), "utf-8")
    calibrated = with_models(*chosen, "--label-prior", str(prior)).document
    assert calibrated["text"] == "no"
    assert calibrated["label_scores"]["no"] == pytest.approx(scores["no"] + 1000)
    for wrong in ({"yes": -1.0}, ["yes"], {"yes": "-1", "no": -1.0}):
        prior.write_text(json.dumps(wrong), "utf-8")
        assert with_models(*chosen, "--label-prior", str(prior)).code == 13
    assert with_models("ask", "--label-prior", str(prior), "rain").code == 2
    for labels in (("a", "a"), ("a", "")):
        assert with_models("ask", *(part for label in labels for part in ("--label", label)), "how many").code == 2


def test_unknown_tasks_and_empty_requests(with_models: Run) -> None:
    ran = with_models("ask", "--task", "LaMP_99", "anything")
    assert ran.code == 2
    assert "LaMP_6" in ran.err
    assert with_models("ask", stdin="").code == 13


def test_a_chat_keeps_its_turns(with_models: Run) -> None:
    once = with_models("chat", "--json", "--max-tokens", "4", stdin="where was the cat\n").document["turns"]
    turns = with_models(
        "chat", "--json", "--max-tokens", "4", stdin="where was the cat\n\nand then\n/quit\nno\n"
    ).document
    assert [turn["text"] for turn in once] == [turns["turns"][0]["text"]]
    assert len(turns["turns"]) == 2
    fresh = with_models("chat", "--json", "--max-tokens", "4", stdin="where was the cat\n/new\nand then\n").document[
        "turns"
    ]
    assert fresh[1]["n_prompt_tokens"] < turns["turns"][1]["n_prompt_tokens"]


def test_a_chat_for_people_streams_answers_to_stdout(with_models: Run) -> None:
    ran = with_models("chat", "--max-tokens", "4", stdin="where was the cat\n")
    assert ran.code == 0
    assert ran.out.strip()
    assert "tokens read" in ran.err


LONG = " ".join(f"The train and the hotel, {n} of nine." for n in range(120)) + " The dentist and the \x1b[2Jknee."


def test_of_a_long_item_the_passage_that_fits_is_shown(with_models: Run) -> None:
    with_models("add", "--field", "title=rose", stdin=LONG)
    hit = with_models("search", "--json", "-k", "1", "knee dentist").document["hits"][0]
    assert "dentist" in hit["passage"]["text"]
    assert LONG[hit["passage"]["start"] : hit["passage"]["end"]] == hit["passage"]["text"]
    people = with_models("search", "-k", "1", "knee dentist").out
    assert "dentist" in people
    assert "\x1b[2J" not in people
    assert len(people) < len(LONG) / 2
    stats = with_models("stats", "--json").document["stats"]
    assert (stats["n_items"], stats["n_unsplit_by_encoder"]) == (2, {})
    assert sum(stats["n_vectors_by_encoder"].values()) > 5


def test_the_answer_says_of_what_only_a_part_stood_in_the_prompt(with_models: Run) -> None:
    item_id = with_models("add", stdin=LONG * 8).out.strip()
    ask = ("ask", "--max-tokens", "2", "-k", "1", "knee dentist")
    assert with_models(*ask, "--json").document["shortened"] == [item_id]
    assert "only passages of 1 of 1 items stood in the prompt" in with_models(*ask).err
