"""``ondevice persona``, and what ``--persona`` changes in ``ask`` and ``doctor``."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ondevice.bundle import Bundle
from tests.command_line import Ran, Run
from tests.tiny_persona import make_tiny_persona

TEXTS = ("the cat and the rain", "the dog on the beach")


@pytest.fixture
def models(app_models: Path, tmp_path: Path) -> Path:
    folder = shutil.copytree(app_models, tmp_path / "models")
    encoder = Bundle.open(folder / "tiny-encoder", kind="encoder")
    base = Bundle.open(folder / "tiny-generator", kind="generator").files["model"].sha256
    make_tiny_persona(folder / "tiny-persona", encoder=encoder.id, bases=[base])
    make_tiny_persona(folder / "foreign", encoder=encoder.id, bases=["0" * 64])
    return folder


@pytest.fixture
def told(on_profile: Run, models: Path) -> Run:
    """Run a command on a profile with two items, with the tiny models and a persona."""
    given = ("--models", str(models), "--encoder", "tiny-encoder", "--generator", "tiny-generator")
    for text in TEXTS:
        assert on_profile("add", text, *given).code == 0

    def call(*arguments: str, persona: str | None = "tiny-persona", stdin: str = "") -> Ran:
        named = () if persona is None else ("--persona", persona)
        return on_profile(*arguments, *given, *named, stdin=stdin)

    return call


def test_status_tells_what_it_knows(told: Run) -> None:
    found = told("persona", "status", "--json").document["persona"]
    assert (found["in_use"], found["tasks"], found["n_rows"], found["n_items"]) == (
        "tiny-persona",
        ["chat", "LaMP_1"],
        3,
        2,
    )
    assert "the newest 512 at most" in told("persona", "status").out
    refused = told("persona", "status", persona=None)
    assert (refused.code, "name the persona with --persona" in refused.err) == (2, True)
    foreign = told("persona", "status", "--json", persona="foreign")
    assert foreign.document["error"]["type"] == "ModelMismatchError"


def test_explain_names_the_items_with_the_largest_parts(told: Run) -> None:
    found = told("persona", "explain", "the dog on the beach", "--json").document
    assert [share["text"] for share in found["shares"]] == [TEXTS[1], TEXTS[0]]
    assert sum(share["weight"] for share in found["shares"]) + found["null"] == pytest.approx(1)
    shown = told("persona", "explain", "the dog on the beach", "--k", "1").out
    assert TEXTS[1] in shown
    assert TEXTS[0] not in shown
    assert "of nobody" in shown
    unknown = told("persona", "explain", "the dog", "--task", "LaMP_2", "--json")
    assert "does not know the task 'LaMP_2'" in unknown.document["error"]["message"]


def test_ask_reads_the_rows_where_a_persona_is_named(told: Run) -> None:
    asked = ("ask", "the dog", "--retriever", "none", "--max-tokens", "4", "--json")
    assert told(*asked, persona=None).document["has_persona"] is False
    assert told(*asked).document["has_persona"] is True
    assert "ondevice persona explain" in told("ask", "the dog", "--max-tokens", "4").err
    unknown = told(*asked, "--task", "LaMP_2")
    assert "does not know the task 'LaMP_2'" in unknown.document["error"]["message"]


def test_doctor_tries_it(told: Run, models: Path) -> None:
    names = ("persona tiny-persona", "rows of the user")
    found = {each["name"]: each for each in told("doctor", "--json").document["findings"]}
    assert [found[name]["state"] for name in names] == ["ok", "ok"]
    assert found["rows of the user"]["detail"] == "3 rows, for chat, LaMP_1"
    foreign = {each["name"]: each for each in told("doctor", "--json", persona="foreign").document["findings"]}
    assert "made for another base" in foreign["rows of the user"]["detail"]
    (models / "tiny-persona" / "rows.f32").write_bytes(b"\0" * 1024)
    damaged = {each["name"]: each for each in told("doctor", "--json").document["findings"]}
    assert damaged["persona tiny-persona"]["state"] == "missing"
