"""``ondevice stats`` and ``reencode``, and the safety of what is shown."""

from __future__ import annotations

from pathlib import Path

from ondevice.config import DEFAULT_ENCODER, FORMER_ENCODERS
from tests.command_line import Run
from tests.tiny_models import make_tiny_encoder


def test_stats_for_programs_and_people(with_models: Run) -> None:
    with_models("add", "the cat")
    with_models("add", "the dog", "--kind", "email")
    stats = with_models("stats", "--json").document["stats"]
    assert (stats["n_items"], stats["items_by_kind"], stats["slots"]) == (2, {"email": 1, "note": 1}, ["recovery"])
    assert stats["index"] is None
    opened = with_models("stats", "--json", "--index").document["stats"]
    assert (opened["index"]["mode"], opened["index"]["n_vectors"]) == ("exact", 2)
    people = with_models("stats", "--index").out
    assert "2 (email 1, note 1)" in people
    assert "exact, 2 vectors" in people


def test_items_without_vectors_are_encoded_on_demand(with_models: Run, on_profile: Run) -> None:
    on_profile("add", "--encoder", "none", "the cat")
    refused = with_models("search", "cat", "--json")
    assert (refused.code, refused.document["error"]["type"]) == (7, "ModelMismatchError")
    assert "ondevice reencode" in refused.document["error"]["hint"]
    assert with_models("reencode", "--json").document["reencoded"]["n_encoded"] == 1
    assert with_models("search", "cat", "--json").document["hits"][0]["item"]["text"] == "the cat"


def test_an_item_cannot_steer_the_terminal(with_models: Run, on_profile: Run) -> None:
    item_id = with_models("add", "--field", "title=\x1b]0;owned\x07", stdin="the \x1b[2Jcat \x9b31m").out.strip()
    for ran in (on_profile("list"), on_profile("show", item_id), with_models("search", "cat")):
        assert "cat" in ran.out
        assert not any(ord(letter) < 32 and letter not in "\n\t" for letter in ran.out)
        assert "\x9b" not in ran.out
    assert on_profile("show", item_id, "--json").document["item"]["text"] == "the \x1b[2Jcat \x9b31m"


def test_a_profile_with_a_former_default_encoder_says_how_to_move_on(on_profile: Run, tmp_path: Path) -> None:
    (former,) = FORMER_ENCODERS
    for seed, name in enumerate((former, DEFAULT_ENCODER)):
        make_tiny_encoder(tmp_path / "models" / name, name=name, seed=seed)
    models = ("--models", str(tmp_path / "models"))
    on_profile("add", *models, "--encoder", former, "the cat")
    assert on_profile("search", "cat", "--json", *models).document["hits"][0]["item"]["text"] == "the cat"
    told = on_profile("stats", "--json", *models).document["encoder"]
    assert told == {"name": former, "is_former": True}
    for command in (("stats",), ("doctor", "--unlock")):
        assert "ondevice reencode" in on_profile(*command, *models).out
    assert on_profile("reencode", "--json", *models).document["reencoded"]["n_encoded"] == 1
    assert on_profile("stats", "--json", *models).document["encoder"] == {"name": DEFAULT_ENCODER, "is_former": False}
    on_profile("add", *models, "Wir haben die alten Häuser am See verkauft.")
    assert on_profile("stats", "--json", *models).document["stats"]["items_by_language"] == {"german": 1}
    assert "german 1; the encoder reads English" in on_profile("stats", *models).out
