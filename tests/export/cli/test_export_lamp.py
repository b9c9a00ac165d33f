"""``ondevice-export lamp``: wrong words fail before any Ray starts; the rest is tested with a cluster."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from export.cli.export import app
from tests.ondevice.evaluation.lamp_files import question, write_split

RUNNER = CliRunner()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--k", "one"), "--k takes numbers"),
        (("--decoding", "beam"), "--decoding takes free and labels"),
        (("--strategies", "magic"), "choose of none, recency, bm25, dense, hybrid"),
        (("--strategies", "dense", "--encoder", "none"), "'dense' needs an encoder"),
        (("--strategies", "bm25", "--control", "dense"), "--control takes some of the strategies measured"),
        (("--strategies", "pplug"), "'pplug' needs a persona: name its bundle with --persona"),
        (("--workers", "0"), "--workers"),
    ],
)
def test_wrong_words_are_usage_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...], message: str
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    ran = RUNNER.invoke(app, ["lamp", "--data", str(tmp_path), *more], env={"COLUMNS": "200"})
    assert ran.exit_code == 2
    assert message in ran.stderr


def test_missing_data_says_what_is_missing(tmp_path: Path) -> None:
    ran = RUNNER.invoke(app, ["lamp", "--data", str(tmp_path), "--split", "test", "--json"])
    assert ran.exit_code == 6
    assert "no folder with test_questions.json" in json.loads(ran.stdout)["error"]["message"]


def test_a_missing_extra_names_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_split(tmp_path / "LaMP_4", "LaMP_4", [question("LaMP_4", "1")])
    monkeypatch.setitem(sys.modules, "ray", None)
    ran = RUNNER.invoke(app, ["lamp", "--data", str(tmp_path)])
    assert ran.exit_code == 1
    assert "pip install 'ondevice-export[ray]'" in ran.stderr
