"""Trained retrievers and selectors by name, on the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.command_line import Run
from tests.ondevice.evaluation.lamp_files import question, write_split
from tests.ondevice.evaluation.test_retrieval import TALKS
from tests.tiny_models import make_tiny_encoder
from tests.tiny_selector import make_tiny_selector


@pytest.fixture
def models(app_models: Path, tmp_path: Path) -> Path:
    folder = shutil.copytree(app_models, tmp_path / "models")
    make_tiny_encoder(folder / "ropg", name="ropg", dim=16, seed=11)
    make_tiny_selector(folder / "chooser", name="chooser", pool=("bm25", "none", "ropg-lost"), max_tokens=256)
    return folder


@pytest.fixture
def call(on_profile: Run, models: Path) -> Run:
    def run(*arguments: str, stdin: str = "") -> object:
        given = ("--models", str(models), "--encoder", "tiny-encoder", "--generator", "tiny-generator")
        return on_profile(*arguments, *given, stdin=stdin)

    return run  # type: ignore[return-value]


def test_an_encoder_is_a_retriever_by_its_name(call: Run) -> None:
    call("add", "the cat and the rain")
    refused = call("search", "cat", "--retriever", "ropg", "--json")
    assert refused.document["error"]["hint"] == "run: ondevice reencode --retriever ropg"
    assert call("reencode", "--retriever", "ropg", "--json").document["reencoded"]["n_encoded"] == 1
    for retriever in ("ropg", "dense"):
        hits = call("search", "cat", "--retriever", retriever, "--json").document["hits"]
        assert hits[0]["item"]["text"] == "the cat and the rain"
    asked = call("ask", "--retriever", "ropg", "--max-tokens", "2", "--json", "where was the cat").document
    assert (asked["retriever"], asked["selection"]) == ("ropg", None)
    unknown = call("search", "cat", "--retriever", "semantic", "--json")
    assert unknown.code == 2
    assert "choose one of none, recency, bm25, dense, hybrid, or an encoder in" in unknown.document["error"]["message"]
    assert call("reencode", "--retriever", "bm25").code == 2


def test_a_selector_chooses_and_says_why(call: Run) -> None:
    call("add", "the cat and the rain")
    wanted = ("ask", "--selector", "chooser", "--max-tokens", "2")
    told = call(*wanted, "--json", "where was the cat").document
    assert told["selection"]["mode"] == "rspg-pre"
    assert told["retriever"] == told["selection"]["retriever"] == "bm25"
    assert {each["retriever"] for each in told["selection"]["candidates"]} == {"bm25", "none"}
    assert set(told["selection"]["left_out"]) == {"ropg-lost"}
    people = call(*wanted, "--select", "rspg-post", "where was the cat")
    assert "chosen: bm25, because its answer took" in " ".join(people.err.split())
    assert people.out.strip()
    assert call("ask", "--select", "rspg-pre", "cat").code == 2
    assert call(*wanted, "--retriever", "bm25", "cat").code == 2


def test_both_are_strategies_of_an_evaluation(run: Run, models: Path, tmp_path: Path) -> None:
    asked = [question("LaMP_4", str(n), user=f"u{n}") for n in range(2)]
    write_split(tmp_path / "lamp" / "LaMP_4", "LaMP_4", asked)
    given = ("--models", str(models), "--encoder", "tiny-encoder", "--generator", "tiny-generator")
    lamp = ("eval", "lamp", "--data", str(tmp_path / "lamp"), "--max-tokens", "4", "--k", "1", "--control", "no")
    ran = run(*lamp, "--strategies", "ropg,rspg-pre", "--selector", "chooser", *given, "--json")
    assert {row["strategy"] for row in ran.document["rows"]} >= {"none", "ropg", "rspg-pre"}
    refused = run(*lamp, "--strategies", "rspg-pre", *given, "--json")
    assert (refused.code, "needs a selector" in refused.document["error"]["message"]) == (2, True)
    (tmp_path / "talks.json").write_text(json.dumps(TALKS))
    talks = ("eval", "retrieval", "--data", str(tmp_path / "talks.json"), "--retrievers", "bm25,ropg", "--k", "1")
    assert {row["retriever"] for row in run(*talks, *given, "--json").document["rows"]} == {"bm25", "ropg"}
